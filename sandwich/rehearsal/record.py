"""What came of a rehearsal, read from its database: every mail and when, every call, every step."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.roles import Role
from models.tables.activities import Activity, ActivityStatus, Participation, StepState
from models.tables.asking import Invitation
from models.tables.mail import Call, Message, MessageState
from models.tables.network import Person
from models.text import Language
from sandwich.mail.wording import kind_of
from sandwich.rehearsal.acting import own_key
from sandwich.rehearsal.crowded import Crowded, read_crowded
from sandwich.rules.facts import Facts
from sandwich.rules.gates import closed_by_itself
from sandwich.runtime import Runtime
from sandwich.services.facts import gather_many
from sandwich.services.loaded import Loaded, load_many
from sandwich.services.outbox import asked_in

NOT_WORDED = "not-worded"
"""Why a mail did not leave of which the words cannot be made."""

PASSED_OVER = frozenset({"closed", "overtaken"})
"""Why a step is left out whose turn had not come when an activity closed by itself."""

_LEFT = (MessageState.SENT, MessageState.BUNDLED)


@dataclass(frozen=True)
class Sent:
    """A message that left. Several with the same ``envelope`` went as one mail.

    ``step`` as the playbook calls it; ``number`` counts reminders, ``what`` and ``about`` are those of a call.
    """

    at: datetime
    activity_id: str
    step: str
    mail: str
    code: str
    number: int | None
    what: str | None
    about: str | None
    to: str
    role: Role | None
    language: Language
    envelope: str
    message_id: str | None


@dataclass(frozen=True)
class Played:
    """One activity when all was over; ``never_done`` are the steps that were still to come when it closed by itself."""

    id: str
    kind: str
    is_part: bool
    first: date
    last: date
    starts_at: datetime
    ends_at: datetime
    finished_at: datetime | None
    status: ActivityStatus
    is_closed_by_itself: bool
    playbook: Playbook
    facts: Facts
    states: Mapping[str, StepState]
    never_done: Sequence[str]


@dataclass(frozen=True)
class Record:
    """Everything that a report is made from. An invitation comes with role and code of whom it asks."""

    activities: Mapping[str, Played]
    sent: Sequence[Sent]
    invitations: Sequence[tuple[Invitation, Role, str]]
    told: Sequence[tuple[Message, Role]]
    calls: Sequence[Call]
    unworded: Sequence[Message]
    crowded: Sequence[Crowded]

    @property
    def whole(self) -> Played:
        """The activity that was started; the others are its parts."""
        return next(one for one in self.activities.values() if not one.is_part)

    def own_step(self, activity_id: str, step: str) -> str:
        """Return how the playbook calls a step of an activity."""
        playbook = self.activities[activity_id].playbook
        found = next((one for one in playbook.steps if one.key == step), None)
        return own_key(found) if found else step


async def read_record(runtime: Runtime) -> Record:
    """Read what came of it."""
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        ids = list(await session.scalars(select(Activity.id).order_by(Activity.id)))
        loaded = await load_many(session, runtime.settings.timezone, ids)
        facts = await gather_many(session, loaded, now)
        rows = await session.execute(
            select(Participation.id, Participation.role, Person.code).join(Person, Person.id == Participation.person_id)
        )
        seats = {key: (role, str(code)) for key, role, code in rows}
        invitations = list(await session.scalars(select(Invitation).order_by(Invitation.id)))
        calls = list(await session.scalars(select(Call).order_by(Call.id)))
        record = Record(
            activities={one.activity.id: _played(one, facts[one.activity.id]) for one in loaded},
            sent=[],
            invitations=[(one, *seats[one.participation_id]) for one in invitations],
            told=[],
            calls=calls,
            unworded=list(await session.scalars(select(Message).where(Message.reason == NOT_WORDED))),
            crowded=await read_crowded(
                session, ZoneInfo(runtime.settings.timezone), {one.id: one for one in invitations}
            ),
        )
        return await _with_mails(
            session, record, {key: role for key, (role, _) in seats.items()}, {one.id: one for one in invitations}
        )


def _played(loaded: Loaded, facts: Facts) -> Played:
    activity = loaded.activity
    day_of = loaded.calendars.schools.day_of
    return Played(
        id=activity.id,
        kind=activity.kind,
        is_part=activity.part_of_id is not None,
        first=day_of(loaded.starts_at),
        last=day_of(loaded.ends_at),
        starts_at=loaded.starts_at,
        ends_at=loaded.ends_at,
        finished_at=activity.finished_at,
        status=activity.status,
        is_closed_by_itself=closed_by_itself(activity.overrides),
        playbook=loaded.playbook,
        facts=facts,
        states=loaded.states,
        never_done=[key for key, step in loaded.steps.items() if step.skip_reason in PASSED_OVER],
    )


async def _with_mails(
    session: AsyncSession, record: Record, roles: Mapping[str, Role], invitations: Mapping[str, Invitation]
) -> Record:
    """Add who got what, in order."""
    people = {key: (code, language) for key, code, language in await session.execute(_PEOPLE)}
    calls = {call.id: call for call in record.calls}
    sent: list[Sent] = []
    told: list[tuple[Message, Role]] = []
    for message in await session.scalars(select(Message).where(Message.state.in_(_LEFT)).order_by(Message.id)):
        if message.activity_id is None or message.sent_at is None:
            continue
        asked = [invitations[key] for key in asked_in(message) if key in invitations]
        call = calls.get(str((message.about or {}).get("call_id")))
        step = call.step if call else asked[0].step if asked else (message.about or {}).get("step")
        code, language = people[message.person_id]
        role = roles.get(message.participation_id or "")
        if role is not None and not asked and step:
            told.append((message, role))
        sent.append(
            Sent(
                at=message.sent_at,
                activity_id=message.activity_id,
                step=record.own_step(message.activity_id, step) if step else "",
                mail=message.mail,
                code=kind_of(message).code,
                number=(message.about or {}).get("number"),
                what=call.what if call else None,
                about=people[call.person_id][0] if call and call.person_id else None,
                to=code or "",
                role=role,
                language=Language(language),
                envelope=message.carrier_id or message.id,
                message_id=message.message_id,
            )
        )
    return replace(record, sent=sent, told=told)


_PEOPLE = select(Person.id, Person.code, Person.language)


def by_person(sent: Sequence[Sent]) -> dict[str, list[Sent]]:
    """Return the mails of everybody, by code; of several messages in one mail the first."""
    found: dict[str, dict[str, Sent]] = defaultdict(dict)
    for one in sent:
        found[one.to].setdefault(one.envelope, one)
    return {code: list(mails.values()) for code, mails in found.items()}
