"""Every route for programs, from its own description, by whoever may not: nobody, a small scope, another region or
school. What is not theirs answers as what is not there does, byte for byte. A new route is covered by itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from models.scopes import ApiScope
from models.tables.base import new_id
from models.tables.network import Person
from models.tables.truth import AuditEntry
from sandwich.runtime import Runtime
from sandwich.services.hooks import make_hook
from sandwich.services.login import coordinator_of
from sandwich.web.api.described import description
from sandwich.web.api.door import SCOPE
from sandwich.web.api.problems import PREFIX
from sandwich.web.rate import Window
from tests.api.conftest import Program, Programs
from tests.board.conftest import stranger
from tests.support.cast import Cast
from tests.support.chapters import play
from tests.support.driver import Play

__all__ = ["play", "stranger"]

pytestmark = pytest.mark.asyncio

MARK = "0" * 24
WHEN = [{"start": "2026-11-26T13:30", "end": "2026-11-26T16:30"}]
BODIES: Mapping[str, Any] = {
    "AWord": {"word": "x"},
    "Accepting": {},
    "Adding": {"people": [MARK]},
    "Agreed": {"shown": "0"},
    "Amended": {"answers": {}, "shown": "0"},
    "Answers": {"answers": {}},
    "Begin": {},
    "Changes": {"values": {}, "seen": MARK},
    "Closing": {"name": "x", "first": "2027-01-04"},
    "Draft": {"kind": "company-visit", "title": "x", "purpose": "trends", "teachers": [MARK], "dates": WHEN},
    "Finishing": {"note": "x"},
    "FixDate": {"number": 0},
    "Holding": {"reason": "x"},
    "Keeping": {},
    "Masking": {"lines": []},
    "Move": {"dates": WHEN, "reason": "x", "seen": "0"},
    "NewHook": {"url": "https://rooster.example/s"},
    "OnTheDay": {"what": "off", "reason": "x", "seen": "0"},
    "OtherHost": {"person": MARK, "dates": WHEN, "reason": "x", "seen": "0"},
    "Pairing": {"teacher": MARK, "professional": MARK},
    "Plainly": {},
    "Releasing": {},
    "Reminding": {"invitations": [MARK]},
    "Replacing": {"person": MARK},
    "Rounds": {"held": 0},
    "Seen": {"seen": "0"},
    "WithMails": {"mails": [MARK]},
    "WithReason": {"reason": "x"},
    "Wording": {"language": "nl", "pieces": {}},
}
"""A body that every route takes apart without complaint, so that only what it is about can be wrong."""

WORDS = {"stage": "before", "role": "teacher", "number": "1", "mail": "request", "subject": "task-division"}
"""Parts of an address that are no ids."""


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked."""

    method: str
    path: str
    scope: ApiScope
    body: Any

    @property
    def ids(self) -> list[str]:
        """Names of the ids in its address."""
        return [part[1:-1] for part in self.path.split("/") if part.endswith("_id}")]

    def at(self, ids: Mapping[str, str]) -> str:
        """Return its address."""
        path = self.path
        for name, value in {**WORDS, **ids}.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, path
        return path


def operations() -> Iterator[Operation]:
    """Yield everything that the description has."""
    for path, methods in description()["paths"].items():
        for method, said in methods.items():
            body = None
            if "requestBody" in said:
                ref = said["requestBody"]["content"]["application/json"]["schema"]["$ref"]
                body = BODIES[ref.rpartition("/")[2]]
            yield Operation(method.upper(), path.removeprefix(PREFIX), ApiScope(said[SCOPE]), body)


@pytest.mark.chapter("asked")
async def test_control_05_whoever_may_not_learns_nothing_and_changes_nothing(
    app: Any, program: Programs, jolanda: Program, play: Play, runtime: Runtime, cast: Cast, stranger: object
) -> None:
    app.state.gate.failures = Window(10**9, 60)
    theirs = await _ids(jolanda, play, runtime, cast)
    nobody = Program(jolanda.client, None)
    figures, reader = await program(scope=ApiScope.FIGURES), await program(scope=ApiScope.READ)
    elsewhere = await program(await _person(runtime, "E-C1"))
    other_school = await program(await _other_school(runtime, cast))
    before, looked_at = await _entries(runtime), 0
    for one in operations():
        about = f"{one.method} {one.path}"
        none = {name: new_id() for name in one.ids}
        assert (await nobody.ask(one.method, one.at(none), one.body)).status_code == 401, about
        for small in (figures, reader):
            assert small.made is not None
            scope = ApiScope.FIGURES if small is figures else ApiScope.READ
            if not scope.covers(one.scope):
                assert (await small.ask(one.method, one.at(none), one.body)).status_code == 403, about
        if not one.ids:
            continue
        looked_at += 1
        missing = await elsewhere.ask(one.method, one.at(none), one.body)
        assert missing.status_code == 404, (about, missing.text)
        found = await elsewhere.ask(one.method, one.at({name: theirs[name] for name in one.ids}), one.body)
        assert (found.status_code, found.content) == (404, missing.content), about
        if one.path.startswith(("/activities/", "/hooks/")):
            found = await other_school.ask(one.method, one.at({name: theirs[name] for name in one.ids}), one.body)
            assert (found.status_code, found.content) == (404, missing.content), about
    assert looked_at > 50
    assert await _entries(runtime) == before


@pytest.mark.chapter("asked")
async def test_what_is_inside_one_activity_is_not_inside_another(
    jolanda: Program, play: Play, runtime: Runtime, cast: Cast
) -> None:
    """Ids of somebody, of a mail or a form of one activity say nothing in the address of another."""
    ids = await _ids(jolanda, play, runtime, cast)
    days = [{"start": "2026-12-03 13:30", "end": "2026-12-03 16:30"}]
    second = await Play.begin(runtime, cast, title="Een ander", dates=days)
    before = await _entries(runtime)
    for one in operations():
        if one.path.startswith("/activities/") and len(one.ids) > 1:
            mixed = {**{name: ids[name] for name in one.ids}, "activity_id": second.activity_id}
            assert (await jolanda.ask(one.method, one.at(mixed), one.body)).status_code == 404, one.path
    assert await _entries(runtime) == before


async def _ids(jolanda: Program, play: Play, runtime: Runtime, cast: Cast) -> Mapping[str, str]:
    """Return ids that are there, and theirs who may see them."""
    detail = await jolanda.get(f"/activities/{play.activity_id}")
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        owner = await coordinator_of(session, cast.id("C1"))
    assert owner is not None
    listed = runtime.settings.model_copy(update={"webhook_addresses": "https://rooster.example/s"})
    hook = await make_hook(
        Runtime(listed, runtime.store, runtime.clock, runtime.library), owner, "https://rooster.example/s", (), now=now
    )
    company = cast.id("B3")
    await jolanda.post(f"/companies/{company}/closed-days", {"name": "Bouwvak", "first": "2027-07-26"})
    [days] = (await jolanda.get(f"/companies/{company}"))["closed"]
    people = [one for one in detail["people"] if one["asks"]]
    return {
        "activity_id": play.activity_id,
        "participation_id": people[0]["participation_id"],
        "invitation_id": people[0]["asks"][0]["invitation_id"],
        "submission_id": next((a["submission_id"] for p in people for a in p["asks"] if a["submission_id"]), new_id()),
        "mail_id": next((one["id"] for one in detail["messages"]), new_id()),
        "letter_id": new_id(),
        "call_id": next((one["id"] for one in detail["calls"]), new_id()),
        "company_id": company,
        "days_id": days["id"],
        "school_id": cast.id("S1"),
        "hook_id": hook.id,
    }


async def _person(runtime: Runtime, code: str) -> str:
    async with runtime.store.read() as session:
        return (await session.scalars(select(Person.id).where(Person.code == code))).one()


async def _other_school(runtime: Runtime, cast: Cast) -> str:
    """Make somebody who coordinates for a school that has no part in A1."""
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        person = Person(code="S4-C", school_id=cast.id("S4"), given_name="Bo", family_name="Vier", is_coordinator=True)
        session.add(person)
        await session.flush()
        return person.id


async def _entries(runtime: Runtime) -> int:
    async with runtime.store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(AuditEntry)) or 0)
