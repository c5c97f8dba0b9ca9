"""The checkers: journal, mail server, database and audit log must tell one story, whatever was done to us.

``python -m tests.faults.check --database URL --journal FILE --sink FILE [--logs FOLDER]`` prints one line of figures
and what was found, and returns 1 where a figure is not 0.

=====================  ==============================================================================================
``lost``               C1 what people were told is in the database; nothing is there that nobody sent
``dup_unexplained``    C2 no mail arrived more often than its attempts of unknown outcome explain; nothing done twice
``state_diff``         C3 the audit log is whole and replays into exactly the tables
``asleep``             C4 every activity that goes on has a moment, or a person who must act; moments are local ones
``corrupt``            C5 the database's own check
``leaked``             C6 no token, address or typed text in logs or Prefect, no markup of theirs in mails, no strangers
``reminded_after``     C7 no reminder was claimed after the answer was committed
``vanished``           C8 what a reader saw is still there
``unsaid``             every fault that stops work is told by a sentence in a log, and no log has a bare traceback
=====================  ==============================================================================================
"""

import argparse
import asyncio
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus, Participation
from models.tables.asking import OPEN, Draft, Invitation, InvitationState, Submission, Upload
from models.tables.base import ERASED
from models.tables.mail import Attempt, AttemptOutcome, Call, CallState, Message, MessageState
from models.tables.truth import AuditEntry
from sandwich.clock import Clock
from sandwich.rules.moments import ROUTINE_TIME
from sandwich.services.asleep import asleep
from sandwich.store import Store
from sandwich.store.replay import differences, replay, tables, verify
from tests.faults.journal import Entry, Journal, parsed, part, tokens

NAMES = (
    "lost",
    "dup_unexplained",
    "state_diff",
    "asleep",
    "corrupt",
    "leaked",
    "reminded_after",
    "vanished",
    "unsaid",
)
OVERDUE = timedelta(minutes=2)
RESTS = (ActivityStatus.CONCEPT, ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED, ActivityStatus.FINISHED)
TOKEN = re.compile(rb"[A-Za-z0-9_-]{24,}")
"""What a token is part of, at least."""

ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass
class Report:
    """What the checkers found, by figure."""

    found: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in NAMES})

    def add(self, name: str, what: str) -> None:
        """Note something that is wrong."""
        self.found[name].append(what)

    @property
    def is_green(self) -> bool:
        """Whether nothing is wrong."""
        return not any(self.found.values())

    @property
    def red(self) -> list[str]:
        """The figures that are not 0."""
        return [name for name, wrong in self.found.items() if wrong]

    def __str__(self) -> str:
        return " ".join(f"{name}={len(wrong)}" for name, wrong in self.found.items())

    def details(self) -> str:
        """Return what was found, one line each, the first few of every figure."""
        return "\n".join(f"  {name}: {one}" for name, wrong in self.found.items() for one in wrong[:8])


@dataclass(frozen=True)
class Evidence:
    """What the checkers look at. ``rested``: everything due has had its time, so that what lies there lies for ever.

    ``earlier`` are the ids of answers and messages that were there before the journal and the mail server were.
    """

    journal: Journal
    sink: Journal
    logs: tuple[Path, ...] = ()
    secrets: frozenset[str] = frozenset()
    markup: tuple[str, ...] = ()
    rested: bool = True
    earlier: frozenset[str] = frozenset()


async def check(store: Store, evidence: Evidence) -> Report:
    """Run all checkers on one database."""
    report = Report()
    now = await Clock(store).now()
    async with store.read() as session:
        await _lost(session, evidence, report)
        await _duplicates(session, evidence, report)
        await _state(session, report)
        await _asleep(session, evidence, report, now)
        await _reminded(session, report)
        await _vanished(session, evidence, report)
        await _corrupt(session, store, report)
    await asyncio.to_thread(_leaked, store, evidence, report)
    return report


async def _lost(session: AsyncSession, evidence: Evidence, report: Report) -> None:
    """C1."""
    tried, told = defaultdict[str, set[str]](set), defaultdict[str, list[Entry]](list)
    for entry in evidence.journal.read("try"):
        tried[entry["invitation"]].add(entry["id"])
    for entry in evidence.journal.read("told"):
        if entry["id"] not in {one["id"] for one in told[entry["invitation"]]}:
            told[entry["invitation"]].append(entry)
    rows = defaultdict[str, list[str]](list)
    for row in await session.scalars(select(Submission).where(Submission.invitation_id.is_not(None))):
        if row.id not in evidence.earlier:
            rows[str(row.invitation_id)].append(json.dumps(row.answers, ensure_ascii=False))
    for invitation, entries in told.items():
        for entry in entries:
            if not any(entry["marker"] in answers or ERASED in answers for answers in rows[invitation]):
                report.add("lost", f"answer {entry['id']} to invitation {invitation}")
        if len(rows[invitation]) < len(entries):
            report.add("lost", f"{len(entries)} answers to invitation {invitation}, {len(rows[invitation])} rows")
    for invitation, answers in rows.items():
        if len(answers) > len(tried[invitation]):
            report.add("lost", f"{len(answers)} rows for invitation {invitation}, sent {len(tried[invitation])} times")
    submitted = set(rows)
    for entry in evidence.journal.read("drafted"):
        if entry["invitation"] not in submitted and await session.get(Draft, entry["invitation"]) is None:
            report.add("lost", f"draft of invitation {entry['invitation']}")
    for entry in evidence.journal.read("kept"):
        count = len(list(await session.scalars(select(Upload.id).where(Upload.digest == entry["digest"]))))
        if count != 1:
            report.add("lost", f"file {entry['digest'][:8]} is there {count} times")
    titles = Counter(await session.scalars(select(Activity.title)))
    for entry in evidence.journal.read("started"):
        if titles[entry["title"]] != 1:
            report.add("lost", f"activity {entry['title']} is there {titles[entry['title']]} times")
    for entry in evidence.journal.read("cancelled"):
        if (await session.get_one(Activity, entry["activity"])).status is not ActivityStatus.CANCELLED:
            report.add("lost", f"cancellation of {entry['activity']}")


async def _duplicates(session: AsyncSession, evidence: Evidence, report: Report) -> None:
    """C2: mails, then steps that a run did which did not carry the activity."""
    arrived, refused = Counter[str](), defaultdict[str, int](int)
    for entry in evidence.sink.read("mail"):
        if refused[entry["id"]]:
            report.add("dup_unexplained", f"mail {entry['id']} came again after it was refused for good")
        if entry["code"] == 250:
            arrived[entry["id"]] += 1
        elif entry["code"] >= 500:
            refused[entry["id"]] += 1
    ids = dict[str, str]()  # of messages, which may share one mail
    sent = set[str]()
    for row in await session.scalars(select(Message).where(Message.message_id.is_not(None))):
        ids[row.id] = str(row.message_id)
        if row.state is MessageState.SENT and row.id not in evidence.earlier:
            sent.add(str(row.message_id))
    tries, unknown = Counter[str](), Counter[str]()
    for attempt in await session.scalars(select(Attempt)):
        key = ids.get(attempt.message_id, "")
        tries[key] += 1
        unknown[key] += attempt.outcome in {AttemptOutcome.UNKNOWN, AttemptOutcome.STARTED}
    for key, count in arrived.items():
        if not tries[key]:
            report.add("dup_unexplained", f"mail {key} arrived, no attempt of it is known")
        elif count > 1 + unknown[key]:
            report.add("dup_unexplained", f"mail {key} arrived {count} times, {unknown[key]} unknown")
    for key in sorted(sent):
        if not arrived[key]:
            report.add("lost", f"mail {key} is called sent and never arrived")
    owners = await _owners(session)
    for entry in evidence.journal.read("carried"):
        run_ids = owners.get(entry["activity"], [])
        position = next((number for number, run in run_ids if run == entry["run"]), None)
        last = run_ids[-1][1] if run_ids else None
        if position is None or (last != entry["run"] and entry.get("after_taken")):
            report.add("dup_unexplained", f"step {entry['step']} was done by run {entry['run']}, {last} carries it")


async def _owners(session: AsyncSession) -> dict[str, list[tuple[int, str]]]:
    owners = defaultdict[str, list[tuple[int, str]]](list)
    for entry in await session.scalars(
        select(AuditEntry).where(AuditEntry.table == "activity").order_by(AuditEntry.stream, AuditEntry.number)
    ):
        if entry.changes.get("run_id"):
            owners[entry.row].append((entry.number, entry.changes["run_id"]))
    return owners


async def _state(session: AsyncSession, report: Report) -> None:
    """C3."""
    verified = await verify(session)
    if not verified.ok:
        report.add("state_diff", f"audit log broken at {verified.first_broken}: {verified.why}")
        return
    for difference in differences(await replay(session), await tables(session)):
        report.add("state_diff", f"{difference.table}/{difference.row} {difference.column or ''} {difference.what}")


async def _asleep(session: AsyncSession, evidence: Evidence, report: Report, now: datetime) -> None:
    """C4: something must happen some time, nothing due lies there, and moments are those of the clock on the wall."""
    late = now - OVERDUE
    going = {row.id: row for row in await session.scalars(select(Activity)) if row.status not in RESTS}
    for invitation in await session.scalars(select(Invitation)):
        if invitation.next_at is None or invitation.state not in OPEN:
            continue
        if invitation.activity_id in going and evidence.rested and invitation.next_at < late:
            report.add("asleep", f"invitation {invitation.id} is due since {invitation.next_at:%F %T}")
        _in_the_morning(invitation.next_at, f"invitation {invitation.id}", report)
    for call in await session.scalars(select(Call).where(Call.state == CallState.PLANNED)):
        if call.activity_id not in going:
            continue
        if evidence.rested and call.due_at < late:
            report.add("asleep", f"call {call.id} is due since {call.due_at:%F %T}")
        _in_the_morning(call.due_at, f"call {call.what}", report)
    for message in await session.scalars(
        select(Message).where(Message.state.in_([MessageState.QUEUED, MessageState.SENDING]))
    ):
        if evidence.rested and (message.state is MessageState.SENDING or message.due_at < late):
            report.add("asleep", f"message {message.id} is {message.state.value} since {message.due_at:%F %T}")
    for row in await asleep(session):
        report.add("asleep", f"activity {row.id} ({row.status.value}) has nothing that could wake it")
    for key, row in going.items():
        if row.wake_at is not None and row.wake_at < late and evidence.rested:
            report.add("asleep", f"activity {key} ({row.status.value}) should have woken at {row.wake_at:%F %T}")


def _in_the_morning(moment: datetime, what: str, report: Report) -> None:
    """Rungs and watches come at half past eight on the clock on the wall, summer and winter."""
    clock = moment.astimezone(ZONE).time().replace(microsecond=0)
    if clock != ROUTINE_TIME:
        report.add("asleep", f"{what} is due at {clock:%T} local time")


async def _reminded(session: AsyncSession, report: Report) -> None:
    """C7: in the order of the audit log, which is the order of the commits of an activity."""
    about = {
        row.id: frozenset((row.about or {}).get("invitations") or [row.invitation_id])
        for row in await session.scalars(select(Message).where(Message.mail == "reminder"))
    }
    stream, states = "", dict[str, str]()
    still_open = {state.value for state in OPEN}
    entries = await session.stream(
        select(AuditEntry.stream, AuditEntry.table, AuditEntry.row, AuditEntry.changes)
        .where(AuditEntry.table.in_(["invitation", "message"]))
        .order_by(AuditEntry.stream, AuditEntry.number)
    )
    async for entry_stream, table, row, changes in entries:
        if entry_stream != stream:
            stream, states = entry_stream, {}
        if table == "invitation" and "state" in changes:
            states[row] = changes["state"]
        leaves = table == "message" and row in about and changes.get("state") == MessageState.SENDING.value
        if leaves and not any(states.get(str(one)) in still_open for one in about[row]):
            report.add("reminded_after", f"reminder {row} left when nothing was asked any more")


async def _vanished(session: AsyncSession, evidence: Evidence, report: Report) -> None:
    """C8."""
    seen = {one for entry in evidence.journal.read("seen") for one in entry["submissions"]}
    for one in sorted(seen - set(await session.scalars(select(Submission.id)))):
        report.add("vanished", f"answer {one} was there and is not any more")
    answered = (InvitationState.ANSWERED, InvitationState.PHONED, InvitationState.WITHDRAWN, InvitationState.REPLACED)
    told = {entry["invitation"] for entry in evidence.journal.read("told")}
    for row in await session.scalars(select(Invitation).where(Invitation.id.in_(told))):
        if row.state not in answered and not row.reconfirm and row.answered_at is None:
            report.add("vanished", f"invitation {row.id} was answered and is {row.state.value}")


async def _corrupt(session: AsyncSession, store: Store, report: Report) -> None:
    """C5."""
    if store.is_sqlite:
        said = (await session.execute(text("PRAGMA integrity_check"))).scalars().all()
        orphans = (await session.execute(text("PRAGMA foreign_key_check"))).all()
        for one in [line for line in said if line != "ok"] + [f"orphan in {row[0]}" for row in orphans]:
            report.add("corrupt", str(one))
        return
    async with store.engine.connect() as connection:
        await connection.execute(text("CREATE EXTENSION IF NOT EXISTS amcheck"))
        indexes = await connection.scalars(
            text(
                "SELECT c.oid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam "
                "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.amname = 'btree' AND n.nspname = 'public'"
            )
        )
        for index in indexes.all():
            try:
                await connection.execute(text(f"SELECT bt_index_check({int(index)}, true)"))
            except Exception as error:
                report.add("corrupt", f"index {index}: {type(error).__name__}")
                await connection.rollback()


def _leaked(store: Store, evidence: Evidence, report: Report) -> None:
    """C6."""
    secrets = set(evidence.secrets)
    links = set[str]()
    for entry in evidence.sink.read("mail"):
        links |= tokens(entry)
        html = part(parsed(entry), "html")
        for markup in evidence.markup:
            if markup in html:
                report.add("leaked", f"mail {entry['id']} carries markup that somebody typed")
    places = [(path, secrets) for path in _files(evidence.logs)]
    if store.path is not None:
        places += [(path, set[str]()) for path in store.path.parent.glob(f"{store.path.name}*")]
    for path, wanted in places:
        content = path.read_bytes()
        for _ in _held(content, links):
            report.add("leaked", f"{path.name} holds a token")
        for secret in wanted:
            if secret.encode() in content:
                report.add("leaked", f"{path.name} holds something typed")
    for entry in evidence.journal.read("told", "shown"):
        if entry.get("owner") and entry["owner"] != entry["person"]:
            report.add("leaked", f"somebody saw or answered what was asked of another ({entry['id']})")


def _held(content: bytes, links: set[str]) -> set[bytes]:
    """Return which tokens stand in ``content``, in one pass: there are thousands, and Prefect's database is large."""
    wanted = {link.encode() for link in links}
    lengths = {len(one) for one in wanted}
    return {
        part
        for run in TOKEN.findall(content)
        for length in lengths
        for start in range(len(run) - length + 1)
        if (part := run[start : start + length]) in wanted
    }


def _files(places: Iterable[Path]) -> Iterable[Path]:
    for place in places:
        yield from (path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]


async def owner_of(session: AsyncSession, invitation_id: str) -> str | None:
    """Return the person who was asked."""
    found: Any = await session.scalar(
        select(Participation.person_id)
        .join(Invitation, Invitation.participation_id == Participation.id)
        .where(Invitation.id == invitation_id)
    )
    return str(found) if found else None


def main() -> int:
    """Check one installation from the command line."""
    given = argparse.ArgumentParser(description="Check an installation against what people were told.")
    given.add_argument("--database", required=True)
    given.add_argument("--journal", type=Path, required=True)
    given.add_argument("--sink", type=Path, required=True)
    given.add_argument("--logs", type=Path, action="append", default=[])
    asked = given.parse_args()

    async def work() -> Report:
        store = Store(asked.database)
        try:
            return await check(store, Evidence(Journal(asked.journal), Journal(asked.sink), tuple(asked.logs)))
        finally:
            await store.close()

    report = asyncio.run(work())
    sys.stdout.write(f"{report}\n{report.details()}\n".rstrip() + "\n")
    return 0 if report.is_green else 1


if __name__ == "__main__":
    sys.exit(main())
