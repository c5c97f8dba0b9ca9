"""The load that one machine of two cores is to hold, with PostgreSQL and Postfix on it, as minutes or as a sample.

Mail: so many due at once, to readers of ten schools, five thousand of them of one, and ten of a school of its own a
second later; one delivering process into a Postfix that keeps its queue on the disk. Pages: two web processes, as
``docs/running.md`` advises for two cores, a delivery beside them; visitors come at their moments whether or not the
one before has been answered, and what they wait counts from that moment. Answers are registrations of people who each
have their own link. Wakes, and what follows a crash, are measured with Prefect's server; their activities are copies.
``--minutes 10`` is the whole; fewer minutes are fewer of everything, and say less.
"""

import argparse
import asyncio
import itertools
import re
import secrets
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import restart
from benchmarks.machine import cost_of
from benchmarks.mails import NOW, Mailing, connected, listens, outbox
from benchmarks.many import copy_activities
from benchmarks.morning import EVENING, own_readers
from benchmarks.place import Place, a_place, until
from benchmarks.scene import goal, judged, percentile, spread
from sandwich.clock import real_now
from sandwich.running.logs import silent
from sandwich.runtime import Runtime
from sandwich.services.login import begin_session
from sandwich.settings import Encryption
from sandwich.web.session import cookie_name
from tests.support import postfix
from tests.support.cast import Cast
from tests.support.prefect import free_port, talk_to

KEPT = Path(__file__).parents[1] / "docs" / "performance-load.txt"
WHOLE = 10.0
"""Minutes of a whole run."""

MAILS, OF_ONE_SCHOOL, OF_ANOTHER = 33_000, 5_000, 10
PER_SECOND_MAILS, DELAYED_SECONDS = 20.0, 60.0
ANSWERS_PER_SECOND, BURST_PER_SECOND, BURST_SECONDS = 20, 100, 30
FORMS_PER_SECOND, FORMS_SECONDS = 150, 60
BOARD, NATIONAL, PAGES = 200, 30_000, 60
WAKES, PARKED = 6_000, 10_000
WEB = 2
"""Web processes, as ``docs/running.md`` advises for two cores."""
ASKED = NOW.replace(month=10, day=1, hour=9, minute=0)
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')
_SCHOOLS = """
INSERT INTO school SELECT (jsonb_populate_record(known, jsonb_build_object(
    'id', 'load-school-' || lpad(n::text, 12, '0'), 'code', 'LOAD' || n, 'wall_key', md5(n::text)
))).* FROM school known, generate_series(1, 11) n WHERE known.code = 'S1'
"""
_READERS = """
UPDATE person SET company_id = NULL, school_id = 'load-school-' || lpad(given.school::text, 12, '0')
FROM (SELECT m.person_id, CASE WHEN n > $2 - 10 THEN 11 WHEN n <= $3 THEN 1 ELSE 2 + n % 9 END AS school
      FROM unnest($1::text[]) WITH ORDINALITY AS one (id, n) JOIN message m ON m.id = one.id) given
WHERE person.id = given.person_id
"""
_TOGETHER = """
UPDATE message SET due_at = $1 WHERE state = 'queued' AND mail IN ('reminder', 'call') RETURNING id
"""
"""Each has a minute of its own in the morning; here all are due in one."""

_LEFT = "SELECT count(*) FROM message WHERE id = ANY($1) AND state <> 'sent'"


async def mail(place: Place, scale: float) -> None:
    """Drain an outbox into Postfix."""
    fresh, mails, heap = await place.fresh(), int(MAILS * scale), int(OF_ONE_SCHOOL * scale)
    with postfix.a_sink() as sink, postfix.a_postfix(sink.port) as relay:
        opened = _mailing(place, fresh, relay.port)
        try:
            await outbox(place, opened, mails * 3 // 2)  # one row in three is a call, whose mail waits for others
            async with connected(place) as own:
                ids = [row["id"] for row in await own.fetch(_TOGETHER, NOW)]
                await own.execute(_SCHOOLS)
                await own.execute(_READERS, ids, len(ids), heap)
                late = NOW + timedelta(seconds=1)
                await own.execute("UPDATE message SET due_at = $1 WHERE id = ANY($2)", late, ids[-OF_ANOTHER:])
                await own.execute("ANALYZE")
                with place.process("deliver", "-m", "sandwich", "deliver") as deliver:
                    await asyncio.sleep(8)
                    before = cost_of(deliver.pid).cpu, place.cost_of_postgres().cpu
                    await opened.clock.set(late)
                    began, ten = time.monotonic(), None
                    while left := await own.fetchval(_LEFT, ids):
                        if ten is None and not await own.fetchval(_LEFT, ids[-OF_ANOTHER:]):
                            ten = time.monotonic() - began
                        if time.monotonic() - began > 3600 * max(scale, 0.05):
                            raise SystemExit(f"{left} mails are left after an hour")
                        await asyncio.sleep(0.25)
                    took = time.monotonic() - began
                    cpu = cost_of(deliver.pid).cpu - before[0], place.cost_of_postgres().cpu - before[1]
        finally:
            await opened.close()
    each = [1000 * one / len(ids) for one in cpu]
    goal(
        f"mail into Postfix, {len(ids):,} due at once",
        f"{len(ids) / took:.1f} per s for {took:.0f} s; CPU ms of each: {each[0]:.1f}, and PostgreSQL's {each[1]:.1f}",
        reached=len(ids) / took >= PER_SECOND_MAILS,
        wanted=f"at least {PER_SECOND_MAILS:.0f} per s",
    )
    minutes = MAILS * took / len(ids) / 60
    goal(f"{MAILS:,} mails drained", f"in {minutes:.1f} minutes", reached=minutes <= 30, wanted="at most 30 minutes")
    behind = took if ten is None else ten
    goal(
        f"ten mails of a school, behind {heap:,} of another that were due before",
        f"gone after {behind:.1f} s",
        reached=behind <= DELAYED_SECONDS,
        wanted=f"at most {DELAYED_SECONDS:.0f} s",
    )


@dataclass
class Visitors:
    """People with a browser each, on few lines to the web processes: what they ask, and how long they wait.

    Each process has its turn, as behind a proxy.
    """

    ports: Sequence[int]
    free: dict[int, list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]] = field(default_factory=dict)
    asked: int = 0

    async def ask(self, method: str, path: str, cookie: str = "", body: str = "") -> tuple[int, dict[str, str], str]:
        """Return the status, the headers and the page."""
        port = self.ports[self.asked % len(self.ports)]
        self.asked += 1
        reader, writer = line = self._open_line(port) or await asyncio.open_connection("127.0.0.1", port)
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nAccept-Language: nl\r\n"
        head += f"Cookie: {cookie}\r\n" if cookie else ""
        head += "Content-Type: application/x-www-form-urlencoded\r\n" if body else ""
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines[1:] if one)}
        page = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        self.free.setdefault(port, []).append(line)
        return int(lines[0].split()[1]), headers, page

    def _open_line(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Return a line that the server has not closed meanwhile, as it does after five quiet seconds."""
        free = self.free.get(port, [])
        while free:
            line = free.pop()
            if not line[0].at_eof() and not line[1].is_closing():
                return line
        return None


@dataclass(frozen=True)
class Form:
    """A form that somebody has open."""

    action: str
    cookie: str
    fields: dict[str, str]


async def pages(place: Place, scale: float) -> None:
    """Measure forms and answers, then the board."""
    fresh = await place.fresh()
    minutes = WHOLE * scale
    steady, burst = int(ANSWERS_PER_SECOND * 60 * minutes), int(BURST_PER_SECOND * BURST_SECONDS * min(1, scale * 2))
    with postfix.a_sink() as sink:
        opened = _mailing(place, fresh, sink.port)
        try:
            tokens = await _invited(place, opened, steady + burst)
            async with _web(place) as visitors:
                with place.process("deliver", "-m", "sandwich", "deliver"):
                    forms = await _opened(visitors, tokens)
                    await _forms(visitors, forms, int(FORMS_PER_SECOND * FORMS_SECONDS * min(1, scale * 2)))
                    await _answers(visitors, forms[:steady], ANSWERS_PER_SECOND, "answers")
                    await _answers(visitors, forms[steady:], BURST_PER_SECOND, "a burst of answers")
        finally:
            await opened.close()


async def board(place: Place, scale: float) -> None:
    """Measure the board of a coordinator with 200 activities, and beside as many as a country has."""
    fresh = await place.fresh()
    with postfix.a_sink() as sink:
        opened = _mailing(place, fresh, sink.port)
        try:
            originals = await _going(opened)
            person_id = (await Cast.read(opened)).id("C1")
            async with opened.store.maintain() as session:
                cookie = f"{cookie_name(opened.settings)}={begin_session(session, person_id, real_now())}"
            there = len(originals)
            for many, most in ((BOARD, 0.3), (int(NATIONAL * scale), 2.0)):
                await copy_activities(place, originals, many - there, log_of_one_in=20)
                there = max(there, many)
                async with _web(place) as visitors:
                    took = []
                    for number in range(PAGES + 3):
                        began = time.perf_counter()
                        status, _, _ = await visitors.ask("GET", "/board", cookie)
                        if status != 200:
                            raise SystemExit(f"The board answers {status}, so the figures mean nothing.")
                        if number >= 3:  # what a process does once is not what a page costs
                            took.append(time.perf_counter() - began)
                goal(
                    f"the board with {there:,} activities that go on",
                    spread(took),
                    reached=percentile(took, 0.99) <= most,
                    wanted=f"p99 at most {1000 * most:.0f} ms",
                )
        finally:
            await opened.close()


async def wakes(place: Place, scale: float) -> None:
    """Let activities become due at once, and carry them with one worker."""
    from benchmarks.wakes import our_wakes

    count = max(40, int(WAKES * scale))
    figure = await our_wakes(place, count)
    minutes = WAKES / figure.rate / 60
    goal(
        f"a wake, of {count:,} due at once",
        f"{figure.cpu:.3f} CPU s of the worker, {figure.prefect_cpu / count:.3f} of Prefect's server",
        reached=figure.cpu + figure.prefect_cpu / count <= 0.04,
        wanted="at most 0.04 in all",
    )
    goal(
        f"{WAKES:,} due at once",
        f"{figure.rate:.1f} per s, done in {minutes:.1f} minutes",
        reached=minutes <= 10,
        wanted="at most 10 minutes",
    )


async def crash(place: Place, scale: float) -> None:
    """Kill worker and delivery amid parked activities and due mails."""
    await restart.measure(place, max(500, int(PARKED * scale)))


def _mailing(place: Place, fresh: Runtime, port: int) -> Runtime:
    own = {
        "SMTP_PORT": str(port),
        "SMTP_ENCRYPTION": "none",
        "MAILS_PER_WEEK": "100",
        "MAILS_PER_MINUTE": "0",
        "MAILS_PER_HOUR": "1000000",
    }
    own["MAIL_FROM"] = mail_from = "sandwich@grienden.example"
    place.environ |= {f"SANDWICH_{name}": value for name, value in own.items()}
    given = {"smtp_port": port, "smtp_encryption": Encryption.NONE, "mail_from": mail_from, "mails_per_week": 100}
    return replace(fresh, settings=fresh.settings.model_copy(update=given))


async def _going(opened: Runtime) -> list[str]:
    """Bring three visits to the moment at which teachers are asked whether they come."""
    cast = await Cast.read(opened)
    plays = [await Mailing.begin(opened, cast, teachers=["T2", "T3"]) for _ in range(3)]
    for play in plays:
        await play.to("2026-09-24 11:00")
        await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")
    for play in plays:
        await play.to("2026-10-01 11:00")
    return [play.activity_id for play in plays]


async def _invited(place: Place, opened: Runtime, how_many: int) -> list[str]:
    """Ask so many people whether they come, each with a link of their own; return what opens these."""
    originals = await _going(opened)
    made = [key for key, _run in await copy_activities(place, originals, how_many // 2 + 1)]
    far = EVENING + timedelta(days=20)
    async with connected(place) as own:
        await own.execute(
            "UPDATE invitation SET next_at = $1 WHERE form = 'registration' AND activity_id = ANY($2)", far, made
        )
        await own_readers(own, far, made)
        links = await own.fetch(
            "SELECT link.id FROM link JOIN invitation ON invitation.id = link.invitation_id"
            " WHERE invitation.form = 'registration' AND link.activity_id = ANY($1)",
            made,
        )
        tokens = [secrets.token_urlsafe(32) for _ in links]
        await own.execute(
            "UPDATE link SET token_hash = given.hash FROM unnest($1::text[], $2::text[]) AS given (id, hash)"
            " WHERE link.id = given.id",
            [link["id"] for link in links],
            [sha256(token.encode()).hexdigest() for token in tokens],
        )
        await own.execute("ANALYZE")
    if len(tokens) < how_many:
        raise SystemExit(f"{len(tokens)} links instead of {how_many}, so the figures mean nothing.")
    return tokens[:how_many]


@asynccontextmanager
async def _web(place: Place) -> AsyncIterator[Visitors]:
    ports = [free_port() for _ in range(WEB)]
    with ExitStack() as stack:
        for port in ports:
            stack.enter_context(place.process(f"web-{port}", "-m", "sandwich", "web", SANDWICH_PORT=str(port)))
        await until(lambda: all(listens(port) for port in ports))
        yield Visitors(ports)


async def _opened(visitors: Visitors, tokens: Sequence[str]) -> list[Form]:
    """Let everybody open their form, a few at a time."""
    line, forms = iter(tokens), []

    async def one() -> None:
        for token in line:
            _, headers, _ = await visitors.ask("GET", f"/f/{token}")
            cookie, where = headers["set-cookie"].partition(";")[0], headers["location"]
            status, _, page = await visitors.ask("GET", where, cookie)
            if status != 200:
                raise SystemExit(f"A form answers {status}, so the figures mean nothing.")
            hidden = [dict(_ATTRIBUTE.findall(tag)) for tag in _HIDDEN.findall(page)]
            fields = {tag["name"]: tag.get("value", "") for tag in hidden if "name" in tag}
            forms.append(Form(where.partition("?")[0], cookie, {**fields, "attend": "yes"}))

    await asyncio.gather(*(one() for _ in range(4)))
    return forms


async def _paced(
    per_second: float, count: int, one: Callable[[int], Awaitable[int]]
) -> tuple[list[float], Counter[int]]:
    """Let ``one`` happen so often in a second, whether or not the one before has been answered."""
    began, took, said = time.perf_counter() + 0.5, [], Counter[int]()

    async def at(number: int) -> None:
        moment = began + number / per_second
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        try:
            async with asyncio.timeout(60):
                said[await one(number)] += 1
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            said[0] += 1
        took.append(time.perf_counter() - moment)

    await asyncio.gather(*(at(number) for number in range(count)))
    return took, said


async def _forms(visitors: Visitors, forms: Sequence[Form], count: int) -> None:
    around = list(itertools.islice(itertools.cycle(forms), count))

    async def look(number: int) -> int:
        return (await visitors.ask("GET", around[number].action, around[number].cookie))[0]

    took, said = await _paced(FORMS_PER_SECOND, count, look)
    goal(
        f"forms opened at {WEB} web processes, {FORMS_PER_SECOND} per s, {count:,} in all",
        f"{spread(took)}; answers {dict(said)}",
        reached=percentile(took, 0.99) <= 0.2 and set(said) == {200},
        wanted="p99 at most 200 ms",
    )


async def _answers(visitors: Visitors, forms: Sequence[Form], per_second: int, name: str) -> None:
    async def answer(number: int) -> int:
        form = forms[number]
        return (await visitors.ask("POST", form.action, form.cookie, urlencode(form.fields)))[0]

    took, said = await _paced(per_second, len(forms), answer)
    is_burst = per_second == BURST_PER_SECOND
    fine = set(said) <= ({200, 303, 429, 503} if is_burst else {200, 303})
    goal(
        f"{name}, {per_second} per s, {len(forms):,} in all",
        f"{spread(took)}; answers {dict(said)}",
        reached=fine and (is_burst or percentile(took, 0.99) <= 0.5),
        wanted="none lost, no status 5xx but 503" if is_burst else "p99 at most 500 ms",
    )


PHASES = {"mail": mail, "pages": pages, "board": board, "wakes": wakes, "crash": crash}
WITH_PREFECT = ("wakes", "crash")


async def _measure(name: str, scale: float) -> None:
    async with a_place(with_prefect=name in WITH_PREFECT) as place:
        if name in WITH_PREFECT:
            talk_to(place.prefect)
        await PHASES[name](place, scale)


def main() -> int:
    """Measure, and write what came of it into ``docs/performance-load.txt`` where ``--keep`` is given."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--minutes", type=float, default=WHOLE)
    given.add_argument("--keep", action="store_true")
    given.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PHASES)}")
    told = given.parse_args()
    if not postfix.is_here():
        raise SystemExit(postfix.MISSING)
    silent()
    print(__doc__)
    for name in told.names or PHASES:
        began = time.monotonic()
        asyncio.run(_measure(name, told.minutes / WHOLE))
        print(f"  {name}: {time.monotonic() - began:.0f} s", flush=True)
    missed = sum("NOT REACHED" in line for line in judged)
    lines = [f"minutes={told.minutes:g} of {WHOLE:g}, {real_now():%Y-%m-%d}", "", *judged, ""]
    lines.append(f"{len(judged) - missed} of {len(judged)} targets met, {missed} missed")
    print("\n".join(lines), flush=True)
    if told.keep:
        KEPT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
