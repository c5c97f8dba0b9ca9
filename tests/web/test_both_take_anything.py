"""Whatever stands in an address, a header or a field: what one of the two databases refuses is noticed by nobody."""

import io

import pytest
from fastapi import FastAPI

from sandwich.runtime import Runtime
from tests.hostile.shapes import FAMILIES, MARK, Hostile
from tests.hostile.surfaces import addresses, escaped, headers
from tests.hostile.world import Report, World, patient
from tests.web.visit import Visit

ROUTES = (
    "/f/{}",
    "/f/{}/all",
    "/wall/{}",
    "/wall/{}/{}",
    "/day/{}",
    "/login/{}",
    "/board/{}",
    "/board?q={}",
    "/board/companies/{}",
    "/board/companies?q={}",
    "/board/start?after={}",
    "/board/texts/{}",
    "/board/figures?of={}&year={}",
)

pytestmark = [pytest.mark.asyncio, pytest.mark.both]


async def test_control_08_no_text_in_an_address_header_or_field_is_too_much(
    app: FastAPI, runtime: Runtime, visit: Visit
) -> None:
    report, hostile = Report(), Hostile(5)
    world = World(runtime, patient(app), report, hostile, io.StringIO())
    await world.sign_in()
    for text in (*FAMILIES["characters"], f"{MARK}\0", "9" * 30, "-1"):
        for route in (*ROUTES, f"/board/{visit.activity_id}/answer/{{}}", f"/board/{visit.activity_id}/{{}}/{{}}"):
            address = route.replace("{}", escaped(text))
            await world.ask("GET", address, world.signed_in, surface="addresses", example=(route, text))
    await addresses(world, 40)
    await headers(world, 30)
    assert report.wrong == {}
