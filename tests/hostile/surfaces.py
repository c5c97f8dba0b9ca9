"""Where hostile texts are put in: every form, every post of the board, every query, header, file name, table and mail.

Each function is a surface: it takes a world and how many texts it may send. What comes back is judged by the world.
"""

import asyncio
import io
import random
import zipfile
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from fastapi import FastAPI
from fastapi.routing import APIRoute
from openpyxl import Workbook
from PIL import Image
from sqlalchemy import select

from models.draft import ActivityDraft
from models.region import RegionFile
from models.tables.activities import Activity, Participation
from models.tables.incoming import Incoming
from models.tables.mail import Message
from models.tables.network import Company, Contact, Person, School
from models.tables.running import LoginCode
from models.text import Language
from sandwich.clock import real_now
from sandwich.definitions.load import load_file
from sandwich.errors import SandwichError
from sandwich.incoming.handle import handle_new
from sandwich.incoming.keep import keep
from sandwich.mail.tags import Tag, Use
from sandwich.orchestration.faults import place_of
from sandwich.rehearsal.filling import Hand, fill_in
from sandwich.services import login
from sandwich.services.asking import asked_form
from sandwich.services.importing.columns import Columns
from sandwich.services.importing.entering import foresee_import, import_sheet
from sandwich.services.own_calendars import replace_own_calendar
from sandwich.services.regions import enter_region
from sandwich.services.start import start
from sandwich.sheets.reading import read_sheet
from tests.browser.forms import OVER, ask_everything
from tests.hostile.shapes import HEADER, MARK, Hostile, as_bytes
from tests.hostile.world import BASE, World
from tests.support.page import Page, PageForm

Surface = Callable[[World, int], Coroutine[Any, Any, None]]

AFTER = 0.3
"""In how many of the cases the page is looked at that one is led to: the same is shown by what is rendered later."""

LETTERS = 200
"""How long the longest text is that nearly every question of words takes."""


class HostileHand(Hand):
    """Fills a form in as it must be, with a hostile text wherever words may stand."""

    def __init__(self, hostile: Hostile) -> None:
        """Take what hands out the texts."""
        super().__init__()
        self.hostile = hostile

    def takes_up(self, _question: object) -> bool:
        """Answer everything."""
        return True

    def write(self, item: Any) -> str:
        """Write something hostile that fits."""
        return self.hostile.kept(min(LETTERS, item.length_limit))


def _in_turn(number: int, among: int) -> int:
    """Return how many each of so many gets."""
    return max(1, number // max(1, among))


async def forms(world: World, number: int) -> None:
    """Every field of every form that a playbook asks, by its personal link."""
    asked = await ask_everything(world.runtime)
    for one in asked:
        address, who = await world.enter(one.participation_id, one.invitation_id, "forms")
        page = Page((await world.ask("GET", address, who, surface="forms")).text)
        found = [form for form in page.forms if form.method == "post" and form.action == address]
        if not found:
            continue
        form = found[0]
        known = await asked_form(world.runtime, one.invitation_id, await world.runtime.clock.now())
        whole = fill_in(known.form, known.rows, known.prefilled, {}, HostileHand(world.hostile))
        await _into(world, form, who, _in_turn(number, len(asked)), surface="forms", whole=whole, name=one.name)
        for part in ("/all", "/data", "/data.json"):
            await world.ask("GET", address + part, who, surface="forms", example=one.name)


async def free_forms(world: World, number: int) -> None:
    """The forms that nobody is asked for: of a link, of a wall, of a printed code, and signing in."""
    name, anybody = "free forms", (("origin", BASE),)
    going = select(Participation).join(Activity).where(Activity.status.not_in(OVER)).order_by(Participation.id)
    async with world.runtime.store.read() as session:
        people = list(await session.scalars(going.limit(len(FREE))))
        walls = list(await session.scalars(select(School.wall_key)))
    doors: list[tuple[str, Any]] = []
    for whose, what in zip(people, FREE, strict=True):
        address, who = await world.enter(whose.id, None, name)
        doors.append((f"{address}/{what}", who))
    for key in walls:
        cards = await world.crawl([f"/wall/{key}"], anybody, surface=name, most=8)
        doors += [(address, anybody) for address in cards if not address.startswith("/demo")]
    key = world.app.state.signer.day_key(people[0].activity_id)
    doors += [(address, anybody) for address in (f"/day/{key}", "/login", "/", "/demo/clock", "/demo/mailbox")]
    code = (("cookie", f"sandwich-login={await _login(world)}"), *anybody)
    found: list[tuple[str, Any, PageForm]] = []
    for address, who in [*doors, ("/login/code", code)]:
        page = Page((await world.ask("GET", address, who, surface=name)).text)
        found += [(address, who, form) for form in page.forms]
    for address, who, form in found:
        await _into(world, form, who, _in_turn(number, len(found)), surface=name, name=address)


FREE = ("change", "hours", "new-date-yes", "data", "privacy", "new-date-no")
"""What a personal link offers that nobody asks for; the data page has the language."""


async def _login(world: World) -> str:
    """Ask for a sign-in mail, and return the token of its link."""
    async with world.runtime.store.read() as session:
        address = (await session.scalars(select(Contact.address).join(Person).where(Person.code == "C1"))).first()
    now = await world.runtime.clock.now()
    await login.ask_code(world.runtime, str(address), now=now, real=real_now())
    async with world.runtime.store.read() as session:
        key = (await session.scalars(select(LoginCode.id).order_by(LoginCode.asked_at.desc()))).first()
    return login.secrets_of(world.runtime.settings, str(key))[0]


async def board(world: World, number: int) -> None:
    """Every form of every page of the board."""
    most = min(400, 20 + number // 4)
    pages = await world.crawl(["/board"], world.signed_in, surface="board", of_each=3, most=most)
    found: dict[tuple[str, ...], tuple[str, PageForm]] = {}
    for address, page in pages.items():
        for form in page.forms:
            if not form.action.endswith("/logout"):
                found[(form.action, *sorted(form.offered))] = (address, form)
    for address, form in found.values():
        name = f"{address} {form.action}"
        await _into(world, form, world.signed_in, _in_turn(number, len(found)), surface="board", name=name)
    await world.crawl(["/board"], world.signed_in, surface="board", of_each=3, most=most)


async def _into(
    world: World,
    form: PageForm,
    who: Any,
    number: int,
    *,
    surface: str,
    name: str,
    whole: Mapping[str, list[str]] | None = None,
) -> None:
    """Put hostile texts into the fields of one form: all at once as far as they fit, then one field after the other."""
    hostile, chance = world.hostile, world.hostile.chance
    kept = dict(form.fields)
    if whole is not None:
        kept = {key: value for key, value in kept.items() if key.startswith("_")} | dict(whole)
    else:
        for field, choices in form.offered.items():
            if field in form.free:
                kept[field] = [hostile.kept(LETTERS)]
            elif choices - {""}:
                kept[field] = [sorted(choices - {""})[0]]
    kept |= {"_action": ["send"], "_who": ["self"], "_sure": ["yes"], "_looked": ["yes"]}
    fields = sorted(set(form.offered) | set(form.fields) | set(whole or {})) or ["x"]
    for place in range(number):
        sent = dict(kept)
        field = fields[place % len(fields)] if place else ""
        how = chance.randrange(16)
        text = hostile.one()
        if field:
            sent[field] = [text]
        if how == 0 and field:
            sent[field] = [text, hostile.one(), *kept.get(field, [])]  # said twice
        elif how == 1:
            sent.pop(field, None)
        elif how == 2:
            sent[text[:80]] = [hostile.one()]
        elif how == 3 and field:
            sent[f"{field}.{text[:40]}.x"] = ["1"]
        elif how == 4:
            sent = {key: [text] for key in fields}
        if "_key" in form.fields and field != "_key" and how != 4:
            sent["_key"] = [world.renewed(form)]
        pairs = [(key, value) for key, values in sent.items() for value in values]
        files = (
            [(field or "x", text[:200], b"\xff\xd8\xff" + as_bytes(text)[:500])] if form.multipart and how > 12 else []
        )
        world.report.sent[surface] += 1
        await _sent(world, form, pairs, files, who, surface, (name, field, text))


async def _sent(
    world: World, form: PageForm, pairs: list[tuple[str, str]], files: Any, who: Any, surface: str, example: object
) -> None:
    if form.method != "post":
        query = "&".join(f"{escaped(key)}={escaped(value[:2000])}" for key, value in pairs)
        await world.ask("GET", f"{form.action or '/board'}?{query}", who, surface=surface, example=example)
        return
    answer = await world.post(form.action, pairs, who, surface=surface, example=example, files=files)
    if answer.status == 303 and world.hostile.chance.random() < AFTER:
        await world.ask("GET", answer.headers["location"], who, surface=surface, example=example)


def escaped(text: str) -> str:
    """Write a text as it stands in an address."""
    return quote_from_bytes(as_bytes(text), safe="")


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Return every route of the application, also of the routers within it."""

    def found(routes: Iterable[Any]) -> Iterable[APIRoute]:
        for route in routes:
            if isinstance(route, APIRoute):
                yield route
            elif (router := getattr(route, "original_router", None)) is not None:
                yield from found(router.routes)

    return list(found(app.routes))


QUERIES = tuple(
    """
    q status kind school of in to after year whole size question ask page next month purpose technique sector tag who
    from hand company at v _key
    """.split()  # noqa: SIM905 - a list of words is read more easily
)


ODD = (
    "/%",
    "/%zz",
    "/f/%ff%fe",
    "/f/%00",
    "/board/%2e%2e/%2e%2e/etc/passwd",
    "//evil.example/",
    "/\\evil.example",
    "/static/..%2f..%2fapp.py",
    "/static/%2e%2e/app.py",
    "/f/" + "a" * 60_000,
    "/wall/\udcff",
    "/?" + "a=b&" * 5000,
)


async def addresses(world: World, number: int) -> None:
    """Every part of every route's address, and every parameter behind it, by every method."""
    chance, made = world.hostile.chance, await _known(world)
    routes = [route for route in routes_of(world.app) if "/live" not in route.path]
    for place in range(number):
        route, text = routes[place % len(routes)], world.hostile.one()
        parts, holes = [], [part for part in route.path.split("/") if part.startswith("{")]
        hit = chance.choice(holes) if holes and chance.random() < 0.6 else None
        for part in route.path.split("/"):
            value = text[:3000] if part == hit else chance.choice(made.get(part.partition("}")[0].lstrip("{"), ["x"]))
            parts.append(escaped(value) + part.partition("}")[2] if part.startswith("{") else part)
        address = "/".join(parts)
        if hit is None or chance.random() < 0.2:
            names = [chance.choice(QUERIES), chance.choice(QUERIES), world.hostile.one()[:60]]
            address += "?" + "&".join(f"{escaped(name)}={escaped(world.hostile.one()[:3000])}" for name in names)
        method = chance.choice((*(route.methods or ("GET",)), "GET", "HEAD"))
        world.report.sent["addresses"] += 1
        await world.ask(method, address, world.signed_in, surface="addresses", example=(route.path, text))
    for raw in ODD:
        world.report.sent["addresses"] += 1
        await world.ask("GET", raw, world.signed_in, surface="addresses")


async def _known(world: World) -> dict[str, list[str]]:
    """Return values of each part of an address that lead somewhere."""
    async with world.runtime.store.read() as session:
        activities = list(await session.scalars(select(Activity.id)))
        companies = list(await session.scalars(select(Company.id).limit(5)))
        walls = list(await session.scalars(select(School.wall_key)))
    return {
        "activity_id": activities,
        "company_id": companies,
        "wall_key": walls,
        "verb": ["move", "cancel", "people", "remind", "hold", "answer", "figures"],
        "kind": list(world.runtime.library.playbooks),
        "mail": ["invitation", "ask"],
        "what": ["thanks", "change"],
        "subject": ["agreement"],
    }


NAMED = tuple(
    """
    host x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-prefix forwarded x-real-ip accept-language
    accept accept-encoding referer origin cookie content-type range if-none-match if-modified-since user-agent
    x-request-id x-read-anew sec-fetch-site authorization content-length transfer-encoding expect x-http-method-override
    x-original-url te upgrade last-event-id
    """.split()  # noqa: SIM905 - a list of words is read more easily
)


async def headers(world: World, number: int) -> None:
    """Every header that somebody reads, at pages of each part."""
    async with world.runtime.store.read() as session:
        wall = (await session.scalars(select(School.wall_key))).first()
    pages = ("/board", "/login", "/f/x", "/metrics", "/static/sandwich.css", "/nowhere", "/board/figures/report.csv")
    pages += tuple(f"/wall/{wall}{rest}" for rest in ("", "/atom.xml", "/calendar.ics"))
    chance = world.hostile.chance
    for place in range(number):
        name, text = NAMED[place % len(NAMED)], world.hostile.one()
        # A web server takes no line ends and no NUL within a header; everything else comes through.
        value = "".join(one for one in text if one not in "\r\n\0")[:8000]
        if name == "cookie":
            value = f"{chance.choice(('sandwich', 'sandwich-link', 'sandwich-login'))}={value}"
        given = (*world.signed_in, (name, value), *([("host", value)] if chance.random() < 0.02 else []))
        method = "POST" if chance.random() < 0.2 else "GET"
        world.report.sent["headers"] += 1
        answer = await world.ask(
            method,
            chance.choice(pages),
            given,
            surface="headers",
            example=(name, text),
            body=b"a=b" * (method == "POST"),
        )
        if MARK in answer.text.lower() and "atom" not in answer.kind:
            world.report.judge("headers", ["what a header said stands in the answer"], (name, text))


def _files(hostile: Hostile) -> Iterable[bytes]:
    """Yield contents that are not what they seem."""
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "sienna").save(picture, "JPEG", comment=MARK.encode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr(f"../../{MARK}", b"0" * 2_000_000)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{MARK}()"/>'.encode()
    yield from (
        picture.getvalue(),
        picture.getvalue()[:200],
        picture.getvalue() + f"<script>{MARK}()</script>".encode(),
        b"GIF89a/*" + MARK.encode() + b"*/=1;",
        svg,
        b"%PDF-1.4 /JavaScript " + MARK.encode(),
        packed.getvalue(),
        b"",
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\x7f\xff\xff\xff" * 2 + b"\x08\x02\0\0\0",
        f"<html><script>{MARK}()</script>".encode(),
    )
    while True:
        yield as_bytes(hostile.one())


WITH_FILES = ("impressions", "guest-lesson", "material-review", "design-plan")


async def uploads(world: World, number: int) -> None:
    """Names and contents of files, in the forms that take one."""
    asked = [one for one in await ask_everything(world.runtime) if one.form in WITH_FILES]
    contents, done = _files(world.hostile), 0
    for one in asked:
        address, who = await world.enter(one.participation_id, one.invitation_id, "file names")
        known = await asked_form(world.runtime, one.invitation_id, await world.runtime.clock.now())
        fields = [item.key for item in known.form.questions if item.type == "file"]
        page = Page((await world.ask("GET", address, who, surface="file names")).text)
        form = next((form for form in page.forms if form.multipart), None)
        if not fields or form is None:
            continue
        whole = fill_in(known.form, known.rows, known.prefilled, {}, HostileHand(world.hostile))
        for _ in range(_in_turn(number, len(asked))):
            text = world.hostile.one()
            pairs = [(key, value) for key, values in whole.items() for value in values if key not in fields]
            pairs += [("_key", world.renewed(form)), ("_action", "draft" if done % 3 else "send"), ("_who", "self")]
            done += 1
            world.report.sent["file names"] += 1
            files = [(fields[done % len(fields)], text[:4000] or "x", next(iter(contents)))]
            await world.post(form.action, pairs, who, surface="file names", example=(one.name, text), files=files)
        page = Page((await world.ask("GET", address, who, surface="file names")).text)
        for link in [href for href, _ in page.links if "/file/" in href][:20]:
            await world.ask("GET", link, who, surface="file names", example="a file, given back")


async def _refused_or_taken(world: World, surface: str, work: Callable[[], Any], example: object) -> None:
    """Do what a command does: what is wrong is one of our own errors, never another."""
    world.report.sent[surface] += 1
    try:
        async with asyncio.timeout(60):
            await work()
    except SandwichError as refused:
        for language in Language:
            refused.to(language)
    except Exception as error:
        world.report.fail(surface, f"{type(error).__name__} at {place_of(error)}", example)


SOUND = ("Bedrijf", "Jan", "Jansen", "jan@x.example", "2026-12-01", "2026-12-02", "vakantie", "")


async def tables(world: World, number: int) -> None:
    """Tables of companies, people and free days, as CSV and as XLSX."""
    runtime, chance = world.runtime, world.hostile.chance
    names = list(Columns.of(runtime.library).names)
    async with runtime.store.read() as session:
        owners = [*await session.scalars(select(School.code)), *await session.scalars(select(Company.code).limit(3))]
    now = await runtime.clock.now()
    for place in range(number):
        path = runtime.settings.data / f"table{place % 7}.{'xlsx' if place % 5 == 0 else 'csv'}"
        if place % 3:
            columns = ["bedrijf", "voornaam", "achternaam", "mail", *chance.sample(names, 4)]
        else:
            columns = ["naam", "eerste dag", "laatste dag", "soort"]
        rows = [[world.hostile.one()[:400] for _ in columns] for _ in range(2)]
        for row in rows:
            for at in range(len(row)):
                if chance.random() < 0.5:
                    row[at] = SOUND[at % len(SOUND)]
        _written(path, [columns if chance.random() < 0.9 else rows[0], *rows], chance)
        example = (columns, rows)

        async def company(path: Path = path, keeps: bool = place % 2 == 0) -> None:
            sheet = read_sheet(path, frozenset(names))
            told = {"language": Language.DUTCH, "progress": lambda _done, _of: None}
            report = await foresee_import(runtime, None, sheet, **told)  # type: ignore[arg-type]
            for row in report.rows:
                for text in (*row.problems, *(change.column for change in row.changes)):
                    text.to(Language.ENGLISH)
            if keeps and not report.refused:
                await import_sheet(runtime, None, sheet, now=now, actor="hostile", **told)  # type: ignore[arg-type]

        async def days(path: Path = path, content: bytes = path.read_bytes()) -> None:
            await replace_own_calendar(runtime, chance.choice(owners), content, path.name, now=now, actor="hostile")

        await _refused_or_taken(world, "imports", company if place % 3 else days, example)


def _written(path: Path, rows: list[list[str]], chance: random.Random) -> None:
    if path.suffix == ".csv":
        separator = chance.choice(";,\t")
        lines = [separator.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows]
        path.write_bytes(chance.choice((b"\xef\xbb\xbf", b"", b"\xff\xfe")) + as_bytes("\r\n".join(lines)))
        return
    book = Workbook()
    for y, row in enumerate(rows, 1):
        for x, cell in enumerate(row, 1):
            book.active.cell(y, x, "".join(one for one in cell if one.isprintable())[:30_000])
    book.save(path)
    if chance.random() < 0.2:
        path.write_bytes(path.read_bytes()[: chance.randrange(200, 3000)])


async def drafts(world: World, number: int) -> None:
    """Files that describe an activity or a region."""
    runtime, chance = world.runtime, world.hostile.chance
    now = await runtime.clock.now()
    for place in range(number):
        path = runtime.settings.data / "draft.yaml"
        text, whole = world.hostile.one(), _DRAFT if place % 4 else _REGION
        where = chance.choice([at for at in range(len(whole)) if whole[at] == "§"])
        content = whole[:where] + _scalar(text, chance) + whole[where + 1 :].replace("§", '"Koen"')
        content = content[: chance.randrange(len(content))] + text if place % 11 == 0 else content
        path.write_bytes(as_bytes(content.replace("§", '"Koen"').replace("#", f"{place}")))

        async def work(path: Path = path, is_draft: bool = bool(place % 4)) -> None:
            if is_draft:
                await start(runtime, load_file(path, ActivityDraft), now=now, actor="hostile")
            else:
                await enter_region(runtime, load_file(path, RegionFile), now)

        await _refused_or_taken(world, "drafts", work, text)


def _scalar(text: str, chance: random.Random) -> str:
    """Write a text as YAML would hold it, so that it gets through, or as it is."""
    match chance.randrange(3):
        case 0:
            return text
        case 1:
            return "'" + text.replace("'", "''") + "'"
    plain = (one if " " <= one <= "~" and one not in '"\\' else f"\\U{ord(one):08x}" for one in text)
    return f'"{"".join(plain)}"'


_DRAFT = """kind: company-visit
title: §
purpose: trends
company: B3
coordinator: C1
hosts: [P3]
teachers:
  - T2
  - T3
  - given_name: §
    family_name: §
    mail: §
    phone: §
    school: S1
dates:
  - {start: 2027-02-04 13:30, end: 2027-02-04 16:30}
group_size: 12
place: §
"""
_REGION = """code: hostile#
name: §
schools:
  - {code: HS#, name: §, holiday_region: north, colleagues: §}
companies:
  - {code: HB#, name: §, address: §, tags: [§]}
people:
  - {code: HT#, given: §, family: §, school: HS#, mail: §, phone: §, job: §}
"""


async def letters(world: World, number: int) -> None:
    """Mails that come in: replies, what mail servers send back, what calendars answer."""
    runtime, chance = world.runtime, world.hostile.chance
    async with runtime.store.read() as session:
        messages = list(await session.scalars(select(Message.id).where(Message.activity_id.is_not(None)).limit(60)))
        activities = list(await session.scalars(select(Activity.id)))
    for _ in range(number):
        one, two = world.hostile.one(), world.hostile.one()
        use = chance.choice((Use.BOUNCE, Use.REPLY, Use.REPLY, Use.CALENDAR))
        key = chance.choice(activities if use is Use.CALENDAR else messages)
        sender = one[:200] if chance.random() < 0.2 else f"{MARK}@x.example"
        world.report.sent["incoming mail"] += 1
        try:
            tag = Tag(use, key, "abcd" if use is Use.BOUNCE else "")
            await keep(runtime, tag, sender, letter(use, one, two, chance))
        except SandwichError:
            continue
        except Exception as error:
            world.report.fail("incoming mail", f"{type(error).__name__} at {place_of(error)}", (use, one, two))
    await handle_new(runtime, number)
    async with runtime.store.read() as session:
        tried = list(await session.scalars(select(Incoming.id).where(Incoming.tries > 0)))
    for key in tried:
        world.report.fail("incoming mail", "not handled", key)


_KINDS = {
    Use.BOUNCE: "multipart/report; report-type=delivery-status; boundary=b",
    Use.CALENDAR: "text/calendar; method=REPLY",
}


def letter(use: Use, one: str, two: str, chance: random.Random) -> bytes:
    """Write a mail with hostile headers and a body of the shape that its use has."""

    def either(sound: str, hostile: str) -> str:
        return sound if chance.random() < 0.6 else hostile

    plain = f"text/{chance.choice(('plain', 'html'))}; charset={chance.choice(('utf-8', 'x', 'utf-7'))}"
    head = {
        "From": either(f"{one[:300]} <{MARK}@x.example>", one),
        "Subject": either(two, "Re: vraag"),
        "Message-ID": f"<{chance.random()}@x.example>",
        "Date": either("Mon, 23 Nov 2026 10:00:00 +0100", one),
        "Content-Type": either(_KINDS.get(use, plain), two),
        "Content-Transfer-Encoding": chance.choice(("8bit", "base64", "quoted-printable", two[:50])),
        HEADER: one,
    }
    match use:
        case Use.BOUNCE:
            body = [
                *(
                    "--b",
                    "",
                    one,
                    "--b",
                    "Content-Type: message/delivery-status",
                    "",
                    f"Final-Recipient: rfc822; {two}",
                ),
                f"Action: {either('failed', two)}",
                f"Status: {either('5.1.1', one[:80])}",
                *(f"Diagnostic-Code: smtp; {two}", "--b--"),
            ]
        case Use.CALENDAR:
            body = [
                *("BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT", f"UID:{one}"),
                f"DTSTART:{either('20261201T100000Z', two)}",
                f"ATTENDEE;PARTSTAT={either('DECLINED', two)}:mailto:{MARK}@x.example",
                *("DTSTAMP:20261101T100000Z", f"COMMENT:{two}", "END:VEVENT", "END:VCALENDAR"),
            ]
        case _:
            body = [one, "", f"1 {two}", f"> {one}", "ja"]
    gap = chance.choice(("\r\n", "\n"))
    return as_bytes(gap.join([*(f"{name}: {value}" for name, value in head.items()), "", *body, ""]))
