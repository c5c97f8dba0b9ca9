"""Everything that the description allows, and what it does not allow, sent to every route by Schemathesis.

It comes in over ASGI, into a told story, with ids that are there. `make fuzz` sends more; what it finds becomes a test.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from sandwich.web.api.described import description
from sandwich.web.rate import Window
from tests.api.conftest import Program
from tests.support.browser import BASE
from tests.support.chapters import play
from tests.support.driver import Play

__all__ = ["play"]

pytestmark = pytest.mark.asyncio

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "4"))
"""Requests to one route that the description allows, and as many that it does not."""

SEED = int(os.environ.get("FUZZ_SEED", "7"))

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

LAST = ("/take-over", "/new-host", "/hold", "/on-the-day", "/cancel")
"""What ends or stops the story comes after everything else."""


@pytest.mark.chapter("asked")
async def test_no_request_breaks_it_and_every_answer_is_as_described(jolanda: Program, play: Play, app: Any) -> None:
    assert jolanda.made is not None
    app.state.gate.tokens = app.state.gate.schools = Window(10**9, 60)
    loop, known = asyncio.get_running_loop(), await _known(jolanda, play)
    headers = {"authorization": f"Bearer {jolanda.made.token}"}
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    seen: Counter[int] = Counter()
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:

        def send(case: schemathesis.Case) -> None:
            sent = requests.Request(**_plain(case.as_transport_kwargs(base_url=BASE))).prepare()
            asked = client.build_request(
                str(sent.method), str(sent.url), content=sent.body, headers={**dict(sent.headers), **headers}
            )
            answer = asyncio.run_coroutine_threadsafe(client.send(asked), loop).result()
            seen[answer.status_code] += 1
            # What is too large is refused as well, which Schemathesis does not count as that.
            is_refused = answer.status_code == 413
            case.validate_response(answer, checks=CHECKS[:-1] if is_refused else CHECKS)

        await asyncio.to_thread(_fuzz, send, known)
    assert seen[200] > 30, seen
    assert seen[422] > 30, seen
    assert set(seen) <= {200, 201, 400, 404, 405, 409, 413, 422}, seen


def _fuzz(send: Any, known: Mapping[str, list[str]]) -> None:
    wrong: list[Exception] = []
    for operation in _operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @seed(SEED)
            @settings(
                max_examples=EXAMPLES,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
            def one(case: schemathesis.Case, data: st.DataObject) -> None:
                _make_known(case, known, data)
                send(case)

            try:
                one()
            except Unsatisfiable as error:
                if mode is GenerationMode.POSITIVE:  # of what takes no more than a header, little can be made wrong
                    wrong.append(error)
            except Exception as error:
                wrong.append(error)
    if wrong:
        raise ExceptionGroup("what the routes answered is not what the description says", wrong)


def _operations() -> list[Any]:
    """Return all operations: first what reads, then what changes, last what ends the story."""
    said = deepcopy(description())
    for operations in said["paths"].values():
        for operation in operations.values():
            del operation["security"]  # who comes in without a token is another test
    schema = schemathesis.openapi.from_dict(said)
    found = [result.ok() for result in schema.get_all_operations()]
    return sorted(found, key=lambda one: (one.method.upper() != "GET", one.path.endswith(LAST)))


_PEOPLE = ("people", "person", "host", "teachers", "owner", "trip_leader", "coordinator", "deputy")
_IDS = dict.fromkeys(_PEOPLE, "person_id") | {"invitations": "invitation_id", "mails": "mail_id"}
"""Which ids stand in the fields of a body."""


def _make_known(case: schemathesis.Case, known: Mapping[str, list[str]], data: st.DataObject) -> None:
    """Put ids that are there in the place of those that cannot be, unless it is the address that is made wrong."""
    assert case.meta is not None
    for part, info in case.meta.components.items():
        if part.name == "PATH" and info.mode is GenerationMode.NEGATIVE:
            return
    for name in case.path_parameters:
        if name in known:
            case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
    if isinstance(case.body, dict) and case.meta.generation.mode is GenerationMode.POSITIVE:
        for name in _IDS.keys() & case.body.keys():
            ids = st.sampled_from(known[_IDS[name]])
            many = isinstance(case.body[name], list)
            case.body[name] = data.draw(st.lists(ids, min_size=1, max_size=3) if many else ids)


async def _known(jolanda: Program, play: Play) -> Mapping[str, list[str]]:
    detail = await jolanda.get(f"/activities/{play.activity_id}")
    companies = [line["id"] for line in (await jolanda.get("/companies"))["lines"]]
    schools = [one["id"] for one in (await jolanda.get("/figures"))["schools"]]
    asks = [ask for one in detail["people"] for ask in one["asks"]]
    groups = await jolanda.get("/candidates")
    people = [one["id"] for kind in ("schools", "companies") for group in groups[kind] for one in group["people"]]
    found = {
        "person_id": people,
        "activity_id": [play.activity_id],
        "participation_id": [one["participation_id"] for one in detail["people"]],
        "invitation_id": [ask["invitation_id"] for ask in asks],
        "submission_id": [ask["submission_id"] for ask in asks if ask["submission_id"]],
        "mail_id": [one["id"] for one in detail["messages"]],
        "call_id": [one["id"] for one in detail["calls"]],
        "subject": [one["subject"] for one in detail["agreements"]],
        "company_id": companies,
        "school_id": schools,
        "mail": (await jolanda.get("/texts"))["mails"],
    }
    return {name: values for name, values in found.items() if values}


_SENT = ("method", "url", "headers", "files", "data", "params", "cookies", "json")


def _plain(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return what of a request goes on the wire."""
    return {name: kwargs[name] for name in _SENT if name in kwargs}
