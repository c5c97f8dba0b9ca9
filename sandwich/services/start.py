"""Start an activity: from a coordinator's draft, or as a concept from Prefect's own page."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import ActivityDraft
from models.draft import Span as DraftSpan
from models.parameters import Meetings
from models.playbook import Playbook
from models.roles import Host, Role
from models.tables.activities import Activity, ActivityStatus, ContactMoment
from models.tables.base import new_id
from models.tables.network import Company, Person
from models.text import Text
from sandwich.errors import BadInput, Unconfirmed
from sandwich.failpoints import failpoint
from sandwich.rules.calendar import Span
from sandwich.rules.series import meetings_after
from sandwich.runtime import Runtime
from sandwich.services.chosen import as_variant, check_purpose, keep_playbook, playbook_of, refuse_part
from sandwich.services.cool_down import Asking, allow_asking
from sandwich.services.dates import check_spans
from sandwich.services.drafted import check_reachable, host_of, people_of, region_of
from sandwich.services.loaded import load
from sandwich.services.people import add_participation, add_school_people
from sandwich.services.preview import preview
from sandwich.services.register import find_company, find_person, find_school, lock_registry
from sandwich.services.resting import end_rest
from sandwich.services.settle import settle


# There is such an activity already, and nobody said that another one is meant.
class StartedAlready(BadInput):
    """{sentence}"""

    dutch = "{zin}"


# So little time is left that the first gate will not be ready by itself, and nobody said that it is meant.
class ShortNotice(Unconfirmed):
    """{sentence}"""

    dutch = "{zin}"


async def start(
    runtime: Runtime,
    draft: ActivityDraft,
    *,
    now: datetime,
    actor: str,
    once: bool = False,
    short_notice: bool = True,
    asking: Asking | None = None,
) -> str:
    """Start an activity and return its id. Raises ``BadInput``, and then nothing was written.

    With ``once`` another activity of the same title, company and day is refused with ``StartedAlready``. Without
    ``short_notice`` one with fewer than five working days before it is refused with ``ShortNotice``, which says what
    will not be ready. With ``asking`` one at a company that was asked enough is refused with ``StillCooling``, unless
    it says why (field rule 44).
    """
    if not short_notice:
        await _refuse_short_notice(runtime, draft, now)
    playbook = as_variant(playbook_of(runtime.library, draft.kind), draft.variant)
    refuse_part(playbook)
    zone = ZoneInfo(runtime.settings.timezone)
    spans, meetings = _spans(draft.dates, zone), _spans(draft.meetings, zone)
    check_spans(spans, now)
    check_spans([spans[0], *meetings], now)
    _check_meetings(playbook.parameters.meetings, meetings)
    check_purpose(runtime.library, playbook, draft.purpose)
    activity_id = new_id()
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        if once:
            await lock_registry(session)
            company = await host_of(session, playbook, draft)
            if said := await same_activity(session, company, draft.title, spans):
                raise StartedAlready(said.en, said.nl)
        await start_in(session, runtime, playbook, draft, now=now, activity_id=activity_id)
        if asking is not None:
            await lock_registry(session)
            activity = await session.get_one(Activity, activity_id)
            await allow_asking(session, runtime.settings, activity, asking, now)
    await failpoint("activity-started")
    return activity_id


async def _refuse_short_notice(runtime: Runtime, draft: ActivityDraft, now: datetime) -> None:
    unready = (await preview(runtime, draft, now)).unready
    if unready:
        nl, en = ("; ".join(text.to(language) for text in unready) for language in ("nl", "en"))
        raise ShortNotice(
            f"Fewer than five working days are left. Of what must be so before it can begin, this will need you: {en}.",
            f"Er zijn minder dan vijf werkdagen over. Van wat er vooraf rond moet zijn, vraagt dit om jou: {nl}.",
        )


async def start_in(
    session: AsyncSession,
    runtime: Runtime,
    playbook: Playbook,
    draft: ActivityDraft,
    *,
    now: datetime,
    activity_id: str,
    part_of: str | None = None,
) -> None:
    """Start an activity in a transaction that is open already; whether its dates can be is looked at before.

    The date of a ``part_of`` another activity stands from the beginning.
    """
    zone = ZoneInfo(runtime.settings.timezone)
    spans, meetings = _spans(draft.dates, zone), _spans(draft.meetings, zone)
    company = await host_of(session, playbook, draft)
    people = await people_of(session, draft, company)
    await check_reachable(session, people)
    region = company.region_id if company else await region_of(session, people)
    await _check_chain(session, draft, region)
    session.add(
        Activity(
            id=activity_id,
            region_id=region,
            kind=playbook.key,
            playbook_digest=await keep_playbook(session, playbook),
            title=draft.title,
            purpose=draft.purpose,
            status=ActivityStatus.REQUESTED,
            company_id=company.id if company else None,
            coordinator_id=people[Role.COORDINATOR][0],
            part_of_id=part_of,
            follows_id=draft.follows,
            group_size=draft.group_size,
            place=draft.place,
            proposed=[[start.isoformat(), end.isoformat()] for start, end in spans],
            date_fixed_at=now if part_of else None,
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
    rhythm = playbook.parameters.meetings
    later = meetings or meetings_after(spans[0], rhythm, loaded.calendars.together)
    for number, span in enumerate(later, start=2):
        _add_moment(session, activity_id, span, number)
    await session.flush()
    await settle(session, await load(session, runtime.settings.timezone, activity_id), now)


async def same_activity(
    session: AsyncSession, company: Company | None, title: str, spans: Sequence[Span]
) -> Text | None:
    """Return that an activity of this title at this company has one of these days already; ``None`` if none has."""
    rows = await session.execute(
        select(Activity.proposed, ContactMoment.starts_at)
        .join(ContactMoment, ContactMoment.activity_id == Activity.id)
        .where(
            Activity.company_id == (company.id if company else None),
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
        nl=f"‘{title}’{f' bij {company.name}' if company else ''} op {same:%d-%m-%Y} is al begonnen. Begin je nog een "
        "keer, dan krijgt iedereen het hele verzoek opnieuw.",
        en=f"‘{title}’{f' at {company.name}' if company else ''} on {same:%d-%m-%Y} has been started already. If you "
        "start it again, everybody gets the whole request once more.",
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
    playbook = playbook_of(runtime.library, kind)
    refuse_part(playbook)
    playbook = playbook.as_variant(playbook.variant_keys[0])
    spans = [_afternoon(day, playbook, ZoneInfo(runtime.settings.timezone)) for day in dates]
    if not spans:
        raise BadInput("Give at least one date.", "Geef minstens één datum.")
    check_spans(spans, now)
    check_purpose(runtime.library, playbook, purpose)
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


async def begin(runtime: Runtime, activity_id: str, *, now: datetime, actor: str, asking: Asking | None = None) -> None:
    """Let a concept begin, once it has a host who can be reached; ``asking`` is as in ``start``."""
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        if loaded.activity.status is not ActivityStatus.CONCEPT:
            raise BadInput("This activity has begun already.", "Deze activiteit is al begonnen.")
        hosts = [item.person_id for item in loaded.in_role(Role.HOST_CONTACT)]
        if not hosts and loaded.playbook.parameters.host is not Host.NOBODY:
            raise BadInput("Add a contact person first.", "Voeg eerst een contactpersoon toe.")
        await check_reachable(session, {Role.HOST_CONTACT: hosts})
        check_spans([(moment.starts_at, moment.ends_at) for moment in loaded.moments], now)
        if asking is not None:
            await lock_registry(session)
            await allow_asking(session, runtime.settings, loaded.activity, asking, now)
        loaded.activity.status = ActivityStatus.REQUESTED
        await end_rest(session, activity_id, now)
        await add_school_people(session, loaded, now)
        await settle(session, loaded, now)


AFTERNOON = time(13, 30)
"""When an activity begins whose time of day nobody has said yet."""


def _afternoon(day: date, playbook: Playbook, zone: ZoneInfo) -> Span:
    start = datetime.combine(day, AFTERNOON, zone)
    return start, start + timedelta(hours=playbook.parameters.hours)


def _spans(spans: Sequence[DraftSpan], zone: ZoneInfo) -> list[Span]:
    return [(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone)) for span in spans]


def _check_meetings(rhythm: Meetings, later: Sequence[Span]) -> None:
    """Refuse fewer or more contact moments than the kind has."""
    if later and not rhythm.minimum <= len(later) + 1 <= rhythm.maximum:
        raise BadInput(
            f"This kind has {rhythm.minimum} to {rhythm.maximum} contact moments; these are {len(later) + 1}.",
            f"Deze soort heeft {rhythm.minimum} tot {rhythm.maximum} ontmoetingen; dit zijn er {len(later) + 1}.",
        )


async def _check_chain(session: AsyncSession, draft: ActivityDraft, region_id: str) -> None:
    """Refuse to follow an activity that does not exist, or not in this region."""
    earlier = await session.get(Activity, draft.follows) if draft.follows else None
    if draft.follows and (earlier is None or earlier.region_id != region_id):
        raise BadInput(
            f"There is no activity {draft.follows} that this one could come of.",
            f"Er is geen activiteit {draft.follows} waar deze uit kan voortkomen.",
        )


def _add_moment(session: AsyncSession, activity_id: str, span: Span, number: int = 1) -> None:
    session.add(ContactMoment(activity_id=activity_id, number=number, starts_at=span[0], ends_at=span[1]))
