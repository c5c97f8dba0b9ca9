"""The interface for programs: its own description says what a request may hold, so a new route is attacked by itself.

Each request is whole and valid but for its words: every text, header and query is hostile, in a body that is taken.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from models.scopes import ApiScope
from models.tables.activities import Activity, Participation
from models.tables.agreements import Agreement
from models.tables.asking import Invitation, Submission
from models.tables.hooks import Hook
from models.tables.incoming import Incoming
from models.tables.mail import Call, Message
from models.tables.network import Company, Person, School
from sandwich.clock import real_now
from sandwich.errors import SandwichError
from sandwich.rehearsal.filling import fill_in
from sandwich.services.api_tokens import make_token
from sandwich.services.asking import asked_form
from sandwich.web.api.described import description
from sandwich.web.rate import Window
from tests.browser.forms import ask_everything
from tests.hostile.shapes import HUGE, as_bytes
from tests.hostile.surfaces import AFTER, HostileHand, escaped
from tests.hostile.world import Headers, World

NAME = "programs"

LAST = ("/take-over", "/new-host", "/hold", "/on-the-day", "/cancel", "/release")
"""What ends or stops an activity comes after everything else."""

_TABLES: Mapping[str, Any] = {
    "activity_id": Activity.id,
    "participation_id": Participation.id,
    "invitation_id": Invitation.id,
    "submission_id": Submission.id,
    "mail_id": Message.id,
    "call_id": Call.id,
    "subject": Agreement.subject,
    "company_id": Company.id,
    "school_id": School.id,
    "letter_id": Incoming.id,
    "hook_id": Hook.id,
    "person_id": Person.id,
}
_PEOPLE = ("people", "person", "host", "teachers", "owner", "trip_leader", "coordinator", "deputy", "professional")
_FIELDS = dict.fromkeys((*_PEOPLE, "teacher"), "person_id") | {
    "invitations": "invitation_id",
    "mails": "mail_id",
    "school": "school_id",
    "company": "company_id",
}
"""Which ids stand in the fields of a body."""

_PATTERNED = ("2026-12-03", "2026-12-03T13:30", "9f2c41d07be8", "9f2c41d07be89f2c41d07be8", "1-2", "trends", "a.b")
"""What fits the patterns of a description that are no ids: a new one gets an example here, or has one of its own."""


class _Bodies:
    """Makes bodies as the description wants them, with hostile words."""

    def __init__(self, world: World, known: Mapping[str, Sequence[str]]) -> None:
        self.hostile, self.known = world.hostile, known
        self.said = description()
        self.worded: list[tuple[Any, Any]] = []
        """Where words stand in the body that was made last: what holds them, and the place in it."""

    def body(self, schema: Mapping[str, Any]) -> Any:
        """Return one with hostile words that fit in each place."""
        self.worded = []
        return self._made(schema, "", None, None)

    def _made(self, schema: Mapping[str, Any], name: str, holder: Any, place: Any) -> Any:
        chance = self.hostile.chance
        if "$ref" in schema:
            return self._made(
                self.said["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name, holder, place
            )
        if "anyOf" in schema:
            real = [one for one in schema["anyOf"] if one.get("type") != "null"]
            return self._made(chance.choice(real), name, holder, place)
        if "enum" in schema:
            return chance.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._object(schema, name)
            case "array":
                items: list[Any] = []
                most = min(2, schema.get("maxItems", 2))
                for number in range(chance.randint(min(most, schema.get("minItems", 1)), most)):
                    items.append(self._made(schema["items"], name, items, number))
                return items
            case "string":
                return self._text(schema, name, holder, place)
            case "integer" | "number":
                return min(
                    int(schema.get("maximum", 60)), max(int(schema.get("minimum", 0)), chance.choice((0, 1, 60)))
                )
            case "boolean":
                return False if name == "dry_run" else chance.random() < 0.7
        raise AssertionError(f"what a description says of {name}: {schema}")

    def _object(self, schema: Mapping[str, Any], name: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, inner in schema.get("properties", {}).items():
            if key in schema.get("required", ()) or self.hostile.chance.random() < 0.7:
                made[key] = self._made(inner, key, made, key)
        free = [*schema.get("patternProperties", {}).values()]
        if isinstance(inner := schema.get("additionalProperties"), dict):
            free.append(inner)
        for inner in free:
            for key in self._keys(schema):
                made[key] = self._made(inner, name, made, key)
        return made

    def _keys(self, schema: Mapping[str, Any]) -> list[str]:
        names = schema.get("propertyNames", {})
        if "$ref" in names:
            names = self.said["components"]["schemas"][names["$ref"].rpartition("/")[2]]
        if "enum" in names:
            return self.hostile.chance.sample(names["enum"], min(2, len(names["enum"])))
        return [self._fitting(pattern, "") for pattern in schema.get("patternProperties", {})]

    def _text(self, schema: Mapping[str, Any], name: str, holder: Any, place: Any) -> str:
        if "pattern" in schema:
            return self._fitting(schema["pattern"], name)
        if name == "url":
            return "https://rooster.school.example/sandwich"  # all else is refused, as one field after another shows
        self.worded.append((holder, place))
        return self.hostile.kept(schema.get("maxLength", 1000))

    def _fitting(self, pattern: str, name: str) -> str:
        ids = self.known[_FIELDS.get(name, "person_id")]
        one = self.hostile.chance.choice(ids)
        for example in (one, f"{one}:{one}", *self.hostile.chance.sample(_PATTERNED, len(_PATTERNED))):
            if re.search(pattern, example):
                return example
        raise AssertionError(f"no example fits {pattern}")


async def programs(world: World, number: int) -> None:
    """Every text of every body, every query and header of the interface for programs."""
    runtime, chance = world.runtime, world.hostile.chance
    world.app.state.gate.tokens = Window(10**9, 1)
    await ask_everything(runtime)
    known = await _known(world)
    async with runtime.store.read() as session:
        coordinator = (await session.scalars(select(Person.id).where(Person.code == "C1"))).one()
    now = await runtime.clock.now()
    made = await make_token(runtime, coordinator, "x", ApiScope.WRITE, 30, now=now, real=real_now(), actor="hostile")
    who: Headers = (("authorization", f"Bearer {made.token}"),)
    bodies, operations = _Bodies(world, known), list(_operations())
    for place in range(max(number, len(operations))):
        method, path, said = operations[place * len(operations) // max(number, len(operations))]
        world.report.sent[NAME] += 1
        text = world.hostile.one()
        where = {name: chance.choice(values) for name, values in _values(said, known)}
        filled = await _filled(world, path, where) if chance.random() < 0.8 else None
        address = "".join(
            escaped(where.get(part, part)) if at % 2 else part for at, part in enumerate(_PART.split(path))
        )
        queries = [one["name"] for one in said.get("parameters", ()) if one["in"] == "query"]
        if queries and chance.random() < 0.7:
            address += "?" + "&".join(f"{escaped(name)}={escaped(world.hostile.one()[:3000])}" for name in queries)
        given = [*who, ("accept-language", _header(text) if chance.random() < 0.3 else "nl")]
        if chance.random() < 0.3:
            given.append(("idempotency-key", _header(text)[:200]))
        raw = b""
        if "requestBody" in said:
            body = bodies.body(said["requestBody"]["content"]["application/json"]["schema"])
            if filled is not None and "answers" in body:
                body["answers"] = filled
                body.pop("shown", None)
            if bodies.worded and place % 2:
                holder, key = chance.choice(bodies.worded)
                holder[key] = text
            raw = _written(body, chance.random() < 0.3)
            given.append(("content-type", "application/json"))
        answer = await world.ask(method, address, given, raw, surface=NAME, example=(path, text))
        world.report.taken[NAME] += 200 <= answer.status < 300
        if answer.status in {200, 201} and method != "GET" and "activity_id" in where and chance.random() < AFTER:
            for shown in (f"/api/v1/activities/{where['activity_id']}", f"/board/{where['activity_id']}"):
                await world.ask("GET", shown, (*who, *world.signed_in), surface=NAME, example=path)
    for raw in (
        b"",
        b"\xff\xfe{}",
        b"[" * HUGE,
        b'{"a":' * 5000,
        b"{" + as_bytes(world.hostile.one()),
        b"null",
        b"NaN",
    ):
        for method, path in (("POST", "/api/v1/activities"), ("POST", "/api/v1/outbox/release")):
            world.report.sent[NAME] += 1
            given = [*who, ("content-type", "application/json")]
            await world.ask(method, path, given, raw, surface=NAME, example=raw[:40])


_PART = re.compile(r"\{([^}]+)\}")


def _operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield method, address and what is said of each: what reads, then what changes, then what stops everything."""
    found = [
        (method.upper(), path, said)
        for path, operations in description()["paths"].items()
        for method, said in operations.items()
    ]
    yield from sorted(found, key=lambda one: (one[0] != "GET", one[1].endswith(LAST)))


def _values(said: Mapping[str, Any], known: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Sequence[str]]]:
    for one in said.get("parameters", ()):
        if one["in"] != "path":
            continue
        name, schema = one["name"], one["schema"]
        if name in known:
            yield name, known[name]
        elif "$ref" in schema:
            yield name, description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["enum"]
        else:
            yield name, schema.get("enum", ["1"])


async def _known(world: World) -> dict[str, Sequence[str]]:
    """Return values of each part of an address that lead somewhere."""
    found: dict[str, Sequence[str]] = {"mail": ["invitation", "ask"]}
    async with world.runtime.store.read() as session:
        for name, column in _TABLES.items():
            found[name] = sorted(set(await session.scalars(select(column)))) or ["0" * 24]
    return found


async def _filled(world: World, path: str, where: dict[str, str]) -> dict[str, list[str]] | None:
    """Let the parts of an address belong together; returns hostile answers to the form that it is about."""
    if "{activity_id}" not in path:
        return None
    for name, kind in _OF_ACTIVITY.items():
        if name in where:
            async with world.runtime.store.read() as session:
                where["activity_id"] = (
                    await session.scalars(select(kind.activity_id).where(kind.id == where[name]))
                ).first() or where["activity_id"]
            break
    if "/answers" not in path or "invitation_id" not in where:
        return None
    try:
        asked = await asked_form(world.runtime, where["invitation_id"], await world.runtime.clock.now())
    except SandwichError:
        return None
    return fill_in(asked.form, asked.rows, asked.prefilled, {}, HostileHand(world.hostile))


_OF_ACTIVITY: Mapping[str, Any] = {
    "participation_id": Participation,
    "invitation_id": Invitation,
    "submission_id": Submission,
    "mail_id": Message,
    "call_id": Call,
    "letter_id": Incoming,
}


def _header(text: str) -> str:
    """Return a text as a header can hold it: a web server takes no line ends and no NUL within one."""
    return "".join(one for one in text if one not in "\r\n\0")[:8000]


def _written(body: Any, is_raw: bool) -> bytes:
    """Write JSON with every sign escaped, as it always gets through, or as bytes that may be no UTF-8."""
    return as_bytes(json.dumps(body, ensure_ascii=False)) if is_raw else json.dumps(body).encode()
