"""From a row in the outbox to accepted by a mail server: how many mails in a second, and what each costs.

Ours: fully personal (own link, own words, text and HTML), with and without a calendar file, every try and outcome
written through to the disk by PostgreSQL. Beside it, in the same run and into the same place, Postfix's own
``smtp-source`` with mails of the same length, Django's ``send_messages``, and ``smtplib`` and ``aiosmtplib`` with a
connection for each mail; they write nothing down. The place is Postfix's ``smtp-sink``, and then a Postfix with its
queue on the disk.
"""

import asyncio
import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.machine import cost_of
from benchmarks.mails import AT_MOST_SECONDS, NOW, connected, outbox
from benchmarks.morning import EVENING
from benchmarks.place import Place
from benchmarks.together import work_together
from sandwich.runtime import Runtime
from sandwich.settings import Encryption
from tests.support import postfix
from tests.support.prefect import free_port

PEERS = Path(__file__).parent / "peers"
MAIL_FROM = "sandwich@grienden.example"
SESSIONS = 3
"""Lines that ``smtp-source`` has open, as many as we."""

SOURCE_MAILS = 20_000
CROWD = 100_000
_CALENDARS = """
INSERT INTO message (id, key, activity_id, person_id, participation_id, mail, about, state, queued_at, due_at, attempts)
SELECT substr(md5(m.id), 1, 24), 'bench:' || p.id, p.activity_id, p.person_id, p.id, 'practical-info',
       '{}', 'queued', $2, $1, 0
FROM message m JOIN LATERAL (
    SELECT * FROM participation WHERE activity_id = m.activity_id AND role = 'teacher' ORDER BY id LIMIT 1
) p ON true WHERE m.id = ANY($3) RETURNING id
"""
_CROWD = """
INSERT INTO message (id, key, person_id, mail, about, state, queued_at, due_at, attempts)
SELECT 'c' || lpad(n::text, 23, '0'), 'crowd:' || n, (SELECT id FROM person LIMIT 1), 'login-code', '{}',
       CASE WHEN n % 2 = 0 THEN 'queued' ELSE 'sent' END, $1, $2, 0 FROM generate_series(1, $3::int) n
"""
_AGAIN = """
UPDATE message SET state = 'queued', attempts = 0, sent_at = NULL, carrier_id = NULL, counted_on = NULL, due_at = $1
WHERE id = ANY($2)
"""


@dataclass(frozen=True)
class Rate:
    """How many per second, and CPU milliseconds of each: of whoever sent, and of the database."""

    name: str
    per_second: float
    sender: float
    database: float = 0.0
    mails: int = 0


async def measure(place: Place, mails: int = 1200) -> None:
    """Measure everything into a sink, then into a Postfix."""
    print(__doc__)
    if not postfix.is_here():
        raise SystemExit(postfix.MISSING)
    fresh, port = await place.fresh(), free_port()
    place.environ |= {
        "SANDWICH_SMTP_PORT": str(port),
        "SANDWICH_SMTP_ENCRYPTION": "none",
        "SANDWICH_MAILS_PER_WEEK": "100",
        "SANDWICH_MAILS_PER_MINUTE": "0",
        "SANDWICH_MAILS_PER_HOUR": "1000000",
        "SANDWICH_MAIL_FROM": MAIL_FROM,
    }
    given = {"smtp_port": port, "smtp_encryption": Encryption.NONE, "mail_from": MAIL_FROM, "mails_per_week": 100}
    opened = replace(fresh, settings=fresh.settings.model_copy(update=given))
    kept = place.folder / "kept"
    try:
        with postfix.a_sink(kept) as keeping:
            place.environ["SANDWICH_SMTP_PORT"] = str(keeping.port)
            settings = opened.settings.model_copy(update={"smtp_port": keeping.port})
            plain = await outbox(place, replace(opened, settings=settings), mails)
            async with connected(place) as own:
                dated = [row["id"] for row in await own.fetch(_CALENDARS, NOW, EVENING, plain)]
            kinds = {"": plain, ", with .ics": dated}
            kept.unlink(missing_ok=True)
            first = await _ours(place, opened, "length", plain)
            length = kept.stat().st_size // first.mails
        with postfix.a_sink() as sink:
            print(f"\ninto smtp-sink; a mail is {length} bytes", flush=True)
            source = _told(_source(sink.port, length), None)
            place.environ["SANDWICH_SMTP_PORT"] = str(sink.port)
            ours = [_told(await _ours(place, opened, f"ours{kind}", ids), source) for kind, ids in kinds.items()]
            for name, python, script in (
                ("Django send_messages", ".venv-peers/bin/python", "django_mails.py"),
                ("smtplib", ".venv/bin/python", "plain_mails.py"),
                ("aiosmtplib", ".venv/bin/python", "plain_mails.py"),
            ):
                peer = _told(_peer(name, python, script, sink.port), source)
                print(f"  ours is {ours[0].per_second / peer.per_second:.1f} times {name}", flush=True)
            async with connected(place) as own:
                await own.execute(_CROWD, EVENING, NOW.replace(year=2030), CROWD)
                await own.execute("ANALYZE message")
            full = _told(await _ours(place, opened, f"ours, {CROWD:,} rows beside", plain), source)
            print(f"  that is {full.per_second / ours[0].per_second:.2f} of the rate without", flush=True)
            with postfix.a_postfix(sink.port) as relay:
                print("\ninto Postfix, which keeps them on the disk", flush=True)
                source = _told(_source(relay.port, length, 3000), None)
                await _empty(relay)
                place.environ["SANDWICH_SMTP_PORT"] = str(relay.port)
                _told(await _ours(place, opened, "ours", plain), source)
                await _empty(relay)
    finally:
        await opened.close()


async def _ours(place: Place, opened: Runtime, name: str, ids: Sequence[str]) -> Rate:
    """Let one process of ours deliver these mails, once more."""
    async with connected(place) as own:
        await own.execute("DELETE FROM attempt")
        await own.execute("UPDATE message SET state = 'sent' WHERE state = 'queued' AND due_at <= $1", NOW)
        await own.execute(_AGAIN, NOW, ids)
    await opened.clock.set(EVENING)
    done = await work_together(
        place,
        opened,
        "mails",
        NOW,
        processes=1,
        most_seconds=AT_MOST_SECONDS,
        costs=lambda: (place.cost_of_postgres().cpu,),
    )
    if done.done != len(ids):
        raise SystemExit(f"{done.done} mails left instead of {len(ids)}, so the figures mean nothing.")
    each = 1000 / done.done
    return Rate(name, done.done / done.seconds, done.cpu * each, done.besides[0] * each, done.done)


def _source(port: int, length: int, mails: int = SOURCE_MAILS) -> Rate:
    began = time.monotonic()
    command = [
        "-d",
        "-s",
        str(SESSIONS),
        "-m",
        str(mails),
        "-l",
        str(length),
        "-f",
        MAIL_FROM,
        "-t",
        "a@kompas.example",
    ]
    process = subprocess.Popen([postfix.tool("smtp-source"), *command, f"127.0.0.1:{port}"])
    cpu = 0.0
    while process.poll() is None:
        cpu = max(cpu, cost_of(process.pid).cpu)
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit("smtp-source did not bring its mails away.")
    return Rate("smtp-source", mails / (time.monotonic() - began), 1000 * cpu / mails)


def _peer(name: str, python: str, script: str, port: int) -> Rate:
    said = subprocess.run(
        [python, str(PEERS / script), name.split(" ")[0].lower(), str(port)], capture_output=True, check=True, text=True
    )
    told = json.loads(said.stdout)
    return Rate(name, told["mails"] / told["seconds"], 1000 * told["cpu"] / told["mails"])


def _told(rate: Rate, source: Rate | None) -> Rate:
    ratio = f"{rate.per_second / source.per_second:7.1%} of smtp-source" if source else ""
    print(
        f"{rate.name:28} {rate.per_second:9.1f} per s; CPU ms of each: {rate.sender:6.3f}, "
        f"PostgreSQL {rate.database:5.2f} {ratio}",
        flush=True,
    )
    return rate


async def _empty(relay: postfix.Postfix) -> None:
    async with asyncio.timeout(300):
        while relay.waiting():  # noqa: ASYNC110 - another program's files have no event
            await asyncio.sleep(0.2)
