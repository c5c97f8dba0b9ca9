"""Start an activity: from a coordinator's draft, or as a concept from Prefect's own page."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import ActivityDraft, PersonRef
from models.playbook import Playbook, Role
from models.tables.activities import Activity, ActivityStatus, ContactMoment, PlaybookVersion
from models.tables.base import new_id
from models.tables.network import Company, ContactKind, Person
from models.text import Text
from sandwich.definitions.library import Library, digest
from sandwich.errors import BadInput
from sandwich.failpoints import failpoint
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.dates import Span, check_spans
from sandwich.services.loaded import load
from sandwich.services.people import add_participation, add_school_people
from sandwich.services.register import can_be_reached, find_company, find_person, find_school, lock_registry
from sandwich.services.resting import end_rest
from sandwich.services.settle import settle


# There is such an activity already, and nobody said that another one is meant.
class StartedAlready(BadInput):
    """{sentence}"""

    dutch = "{zin}"


async def start(runtime: Runtime, draft: ActivityDraft, *, now: datetime, actor: str, once: bool = False) -> str:
    """Start an activity and return its id. Raises ``BadInput``, and then nothing was written.

    With ``once`` another activity of the same title, company and day is refused with ``StartedAlready``.
    """
    playbook = _playbook(runtime.library, draft.kind)
    zone = ZoneInfo(runtime.settings.timezone)
    spans = [(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone)) for span in draft.dates]
    check_spans(spans, now)
    _check_purpose(runtime.library, playbook, draft.purpose)
    activity_id = new_id()
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        company = await find_company(session, draft.company)
        if once:
            await lock_registry(session)
            if said := await same_activity(session, company, draft.title, spans):
                raise StartedAlready(said.en, said.nl)
        people = await _people(session, draft, company)
        await _check_reachable(session, people)
        session.add(
            Activity(
                id=activity_id,
                region_id=company.region_id,
                kind=playbook.key,
                playbook_digest=await keep_playbook(session, playbook),
                title=draft.title,
                purpose=draft.purpose,
                status=ActivityStatus.REQUESTED,
                company_id=company.id,
                coordinator_id=people[Role.COORDINATOR][0],
                group_size=draft.group_size,
                place=draft.place,
                proposed=[[start.isoformat(), end.isoformat()] for start, end in spans],
                started_at=now,
            )
        )
        await session.flush()
        _add_moment(session, activity_id, spans[0])
        await session.flush()
        loaded = await load(session, runtime.settings.timezone, activity_id)
        for role, ids in people.items():
            for person_id in ids:
                await add_participation(session, loaded, await session.get_one(Person, person_id), role, now)
        await add_school_people(session, loaded, now)
        await settle(session, loaded, now)
    await failpoint("activity-started")
    return activity_id


async def same_activity(session: AsyncSession, company: Company, title: str, spans: Sequence[Span]) -> Text | None:
    """Return that an activity of this title at this company has one of these days already; ``None`` if none has."""
    rows = await session.execute(
        select(Activity.proposed, ContactMoment.starts_at)
        .join(ContactMoment, ContactMoment.activity_id == Activity.id)
        .where(
            Activity.company_id == company.id,
            func.lower(Activity.title) == title.lower(),
            Activity.status != ActivityStatus.CANCELLED,
        )
    )
    zone = spans[0][0].tzinfo
    known = {
        moment.astimezone(zone).date()
        for proposed, starts_at in rows
        for moment in (starts_at, *(datetime.fromisoformat(pair[0]) for pair in proposed))
    }
    same = next((start for start, _ in spans if start.date() in known), None)
    if same is None:
        return None
    return Text(
        nl=f"‘{title}’ bij {company.name} op {same:%d-%m-%Y} is al begonnen. Begin je nog een keer, dan krijgt het "
        "bedrijf het hele verzoek opnieuw.",
        en=f"‘{title}’ at {company.name} on {same:%d-%m-%Y} has been started already. If you start it again, the "
        "company gets the whole request once more.",
    )


async def make_concept(
    runtime: Runtime,
    kind: str,
    school: str,
    company: str | None,
    coordinator: str,
    dates: Sequence[date],
    purpose: str,
    group_size: int | None,
) -> str:
    """Make an activity as a concept: nobody is mailed until the coordinator has added people and begins it.

    ``dates`` are days; the activity is put in the afternoon, for as long as its kind takes.
    """
    now = await runtime.clock.now()
    playbook = _playbook(runtime.library, kind)
    spans = [_afternoon(day, playbook, ZoneInfo(runtime.settings.timezone)) for day in dates]
    if not spans:
        raise BadInput("Give at least one date.", "Geef minstens één datum.")
    check_spans(spans, now)
    _check_purpose(runtime.library, playbook, purpose)
    activity_id = new_id()
    async with runtime.store.change(now=now, actor="prefect", stream=activity_id) as session:
        host = await find_company(session, company) if company else None
        region = (await find_school(session, school)).region_id
        person = await find_person(session, coordinator)
        title = playbook.title.to(runtime.settings.language)
        session.add(
            Activity(
                id=activity_id,
                region_id=region,
                kind=playbook.key,
                playbook_digest=await keep_playbook(session, playbook),
                title=f"{title} {host.name}" if host else title,
                purpose=purpose,
                status=ActivityStatus.CONCEPT,
                company_id=host.id if host else None,
                coordinator_id=person.id,
                group_size=group_size,
                proposed=[[start.isoformat(), end.isoformat()] for start, end in spans],
                started_at=now,
            )
        )
        await session.flush()
        _add_moment(session, activity_id, spans[0])
        await session.flush()
        loaded = await load(session, runtime.settings.timezone, activity_id)
        await add_participation(session, loaded, person, Role.COORDINATOR, now)
        await settle(session, loaded, now)
    await failpoint("concept-made")
    return activity_id


async def begin(runtime: Runtime, activity_id: str, *, now: datetime, actor: str) -> None:
    """Let a concept begin, once it has a host who can be reached."""
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        if loaded.activity.status is not ActivityStatus.CONCEPT:
            raise BadInput("This activity has begun already.", "Deze activiteit is al begonnen.")
        hosts = [item.person_id for item in loaded.in_role(Role.HOST_CONTACT)]
        if not hosts:
            raise BadInput(
                "Add a contact person at the company first.", "Voeg eerst een contactpersoon van het bedrijf toe."
            )
        await _check_reachable(session, {Role.HOST_CONTACT: hosts})
        check_spans([(moment.starts_at, moment.ends_at) for moment in loaded.moments], now)
        loaded.activity.status = ActivityStatus.REQUESTED
        await end_rest(session, activity_id, now)
        await add_school_people(session, loaded, now)
        await settle(session, loaded, now)


async def keep_playbook(session: AsyncSession, playbook: Playbook) -> str:
    """Store a playbook as it is now, so that activities keep the version that they started with; returns its digest."""
    fingerprint = digest(playbook)
    if await session.get(PlaybookVersion, fingerprint) is not None:
        return fingerprint
    # Two activities may start with it at once: the second waits here, and then finds it.
    await lock_registry(session)
    if await session.get(PlaybookVersion, fingerprint) is None:
        definition: dict[str, Any] = playbook.model_dump(mode="json", exclude_defaults=True)
        session.add(
            PlaybookVersion(digest=fingerprint, key=playbook.key, version=playbook.version, definition=definition)
        )
        await session.flush()
    return fingerprint


def _playbook(library: Library, kind: str) -> Playbook:
    if kind not in library.playbooks:
        known = ", ".join(sorted(library.playbooks))
        raise BadInput(
            f"There is no kind {kind}. Choose one of: {known}.", f"Er is geen soort {kind}. Kies uit: {known}."
        )
    return library.playbooks[kind]


def _check_purpose(library: Library, playbook: Playbook, purpose: str) -> None:
    """Refuse a purpose that the kind does not fit, and name the kinds that do (field rule 25)."""
    if purpose not in playbook.purposes:
        fitting = ", ".join(playbook.purposes)
        kinds = ", ".join(other.key for other in library.playbooks.values() if purpose in other.purposes)
        raise BadInput(
            f"The purpose {purpose} does not fit this kind. Choose one of: {fitting}."
            + (f" Or choose another kind: {kinds}." if kinds else ""),
            f"Het doel {purpose} past niet bij deze soort. Kies uit: {fitting}."
            + (f" Of kies liever een andere soort: {kinds}." if kinds else ""),
        )


async def _people(session: AsyncSession, draft: ActivityDraft, company: Company) -> dict[Role, list[str]]:
    wanted: dict[Role, tuple[PersonRef, ...]] = {
        Role.COORDINATOR: (draft.coordinator,),
        Role.DEPUTY: (draft.deputy,) if draft.deputy else (),
        Role.HOST_CONTACT: draft.hosts or await _known_hosts(session, company),
        Role.TEACHER: draft.teachers,
        Role.TRIP_LEADER: (draft.trip_leader,) if draft.trip_leader else draft.teachers[:1],
        Role.SCHOOL_LEADER: draft.school_leaders,
    }
    found: dict[Role, list[str]] = {}
    for role, refs in wanted.items():
        found[role] = list(dict.fromkeys([(await find_person(session, ref)).id for ref in refs]))
    return found


async def _known_hosts(session: AsyncSession, company: Company) -> tuple[str, ...]:
    people = await session.scalars(
        select(Person.id)
        .where(Person.company_id == company.id, Person.erased_on.is_(None))
        .order_by(Person.code)
        .limit(1)
    )
    known = tuple(people)
    if not known:
        raise BadInput(
            f"{company.name} has no contact person yet. Add one first, for instance with the company profile.",
            f"{company.name} heeft nog geen contactpersoon. Voeg er eerst een toe, bijvoorbeeld met het profiel.",
        )
    return known


async def _check_reachable(session: AsyncSession, people: dict[Role, list[str]]) -> None:
    for role in (Role.COORDINATOR, Role.HOST_CONTACT):
        kinds = (ContactKind.MAIL,) if role is Role.COORDINATOR else (ContactKind.MAIL, ContactKind.PHONE)
        for person_id in people.get(role, []):
            if await can_be_reached(session, person_id, *kinds):
                continue
            person = await session.get_one(Person, person_id)
            name = full_name(person)
            if role is Role.COORDINATOR:
                raise BadInput(
                    f"{name} has no mail address, so nobody can reply to the mails. Add one first.",
                    f"{name} heeft geen mailadres, dus niemand kan op de mails antwoorden. Voeg er eerst een toe.",
                )
            company = await session.get(Company, person.company_id) if person.company_id else None
            raise BadInput(
                f"{name} of {company.name if company else 'the host'} has no mail address and no phone number. Add one "
                "first, or choose another contact person.",
                f"{name} van {company.name if company else 'de gastheer'} heeft geen mailadres en geen telefoonnummer. "
                "Voeg er eerst een toe, of kies een andere contactpersoon.",
            )


AFTERNOON = time(13, 30)
"""When an activity begins whose time of day nobody has said yet."""


def _afternoon(day: date, playbook: Playbook, zone: ZoneInfo) -> Span:
    start = datetime.combine(day, AFTERNOON, zone)
    return start, start + timedelta(hours=playbook.parameters.hours)


def _add_moment(session: AsyncSession, activity_id: str, span: Span) -> None:
    session.add(ContactMoment(activity_id=activity_id, number=1, starts_at=span[0], ends_at=span[1]))
