"""Where a school receives, no page speaks of a company."""

import pytest

from sandwich.runtime import Runtime
from tests.services.test_kinds import SCHOOL_VISIT
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living

pytestmark = pytest.mark.asyncio


async def test_whoever_receives_for_a_school_is_replaced_by_a_colleague_of_that_school(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    play = await Play.begin(runtime, cast, **SCHOOL_VISIT, variant="inspiration")
    school = cast.person("L3").school_id
    colleague = next(code for code, one in cast.people.items() if one.school_id == school and code[0] == "T")
    seat = f"/replace/{(await play.participation('L3')).id}"
    page = await jolanda.open(f"/board/{play.activity_id}{seat}")
    page = await jolanda.send(page, seat, {"person": cast.id(colleague)})
    assert f"{cast.name(colleague)} contactpersoon · Groene Horst vmbo-groen" in page.text
    await play.to("2026-10-20 12:00")
    assert [one.form for one in await play.invitations(colleague)] == ["date-poll"]


async def test_the_card_of_a_visit_to_a_school_speaks_of_that_school(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    play = await Play.begin(runtime, cast, **SCHOOL_VISIT, variant="inspiration")
    # Words that no made-up confidential term has.
    says = {"impressions": {"headline": "Leerlingen kiezen zelf", "insight_1": "Woensdag is leeg", "scope": "school"}}
    await Living(play, says, silent=("card-release",)).to("2027-01-20 12:00")
    detail = await jolanda.open(f"/board/{play.activity_id}")
    assert "want de ontvangende school heeft niet gereageerd" in detail.text
    assert "De indrukkenkaart ligt bij de ontvangende school." in detail.text
    wall = next(href for href, words in detail.links if words.startswith("Op de deelmuur van"))
    card = await jolanda.open(wall)
    assert "De ontvangende school heeft nog niet gereageerd op deze kaart." in card.text
    assert "Schoolbezoek · Groene Horst vmbo-groen ·" in card.text
    assert "bedrijf" not in card.text.lower()
    await play.answer("T2", "impressions", scope="school")
    detail = await jolanda.open(f"/board/{play.activity_id}")
    asking = f"/board/{play.activity_id}/ask-host"
    assert (asking, "Vraag de ontvangende school opnieuw") in detail.links
    assert "Ze kwamen nadat de ontvangende school keek" in detail.text
    asked = await jolanda.open(asking)
    assert "bedrijf" not in asked.text.lower().replace("/board/companies", "").replace("bedrijven", "")
