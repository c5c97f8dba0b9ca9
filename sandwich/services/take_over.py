"""Let a running activity go on with the newest version of its playbook (decision 0021).

What was sent and answered stays. What is still to come follows the new version; of what that plans in the past nothing
is sent.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.tables.activities import Activity, ActivityStatus, PlanStep, StepState
from models.tables.mail import Call, CallState
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.errors import BadInput, Unconfirmed
from sandwich.rules.series import unrolled
from sandwich.rules.versions import Counts, asks_more, count, looks_alike, mails_of, watches
from sandwich.runtime import Runtime
from sandwich.services.chosen import keep_playbook
from sandwich.services.facts import gather
from sandwich.services.loaded import Loaded
from sandwich.services.overview import ENDED, one
from sandwich.services.settle import settle
from sandwich.services.steering import refuse_ended
from sandwich.services.trial import trial
from sandwich.services.version_asks import Withdrawn, follow_mails, follow_questions, refuse_lost
from sandwich.services.watches import LATE, moment_of, planned_call, watch_key

DROPPED = "dropped"
"""Why a step is not carried out, or a mail not sent: the new version of the playbook does not have it."""

TOO_LATE = "too-late"
"""Why a step is not carried out that only the new version has: its moment had passed."""


# A step that was to come later would mail at once, and nobody said that it is meant.
class MailsAtOnce(Unconfirmed):
    """{sentence}"""

    dutch = "{zin}"


@dataclass(frozen=True)
class StepChange:
    """A step that is still to come, with its moment before and after; ``None``: not known, or not there."""

    title: Text
    was: datetime | None
    becomes: datetime | None
    is_at_once: bool = False


@dataclass(frozen=True)
class Changes:
    """What becomes of an activity's plan.

    ``mails``, ``steps`` and ``calls`` count what was still to come; a mail is counted once, to however many it goes.
    ``not_repeated`` are steps that were carried out and in which the new version asks or tells more.
    """

    mails: Counts
    steps: Counts
    calls: Counts
    moved: tuple[StepChange, ...]
    new: tuple[StepChange, ...]
    dropped: tuple[Text, ...]
    too_late: tuple[Text, ...]
    not_repeated: tuple[Text, ...]
    withdrawn: tuple[Withdrawn, ...]


@dataclass(frozen=True)
class TakeOver:
    """One activity with the version that it has and the newest; ``refused`` says why it cannot be taken over."""

    activity_id: str
    title: str
    kind_title: Text
    old: int
    new: int
    changes: Changes | None = None
    refused: Text | None = None


def refusal(seen: TakeOver, why: Text) -> TakeOver:
    """Return what was foreseen as refused after all."""
    return replace(seen, changes=None, refused=why)


async def behind(
    session: AsyncSession, library: Library, *, region_id: str | None = None, kind: str | None = None
) -> list[Activity]:
    """Return the activities that go on and whose playbook has another version now, by kind and age."""
    query = select(Activity).where(Activity.status.not_in(ENDED), Activity.kind.in_(library.versions))
    if region_id is not None:
        query = query.where(Activity.region_id == region_id)
    if kind is not None:
        query = query.where(Activity.kind == kind)
    rows = await session.scalars(query.order_by(Activity.kind, Activity.started_at, Activity.id))
    return [row for row in rows if row.playbook_digest not in library.versions[row.kind]]


async def foresee(runtime: Runtime, activity_id: str, *, now: datetime) -> TakeOver:
    """Return what taking an activity over would do; nothing is written.

    Raises ``BadInput`` where there is nothing to take over.
    """
    async with trial(runtime, activity_id, now) as session:
        return await _take_over(session, runtime, activity_id, now, at_once=True)


async def take_over(
    runtime: Runtime, activity_id: str, *, now: datetime, actor: str, at_once: bool = False
) -> TakeOver:
    """Let an activity go on with the newest version of its playbook. What is refused changes nothing.

    Raises ``BadInput`` where there is nothing to take over, and ``MailsAtOnce`` unless ``at_once`` says that it is
    meant: a step that was to come later would come now.
    """
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        return await _take_over(session, runtime, activity_id, now, at_once=at_once)


async def _take_over(
    session: AsyncSession, runtime: Runtime, activity_id: str, now: datetime, *, at_once: bool
) -> TakeOver:
    known = await one(session, runtime.settings, activity_id, now)
    loaded = known.loaded
    refuse_ended(loaded)
    new = _newest(runtime.library, loaded)
    found = TakeOver(activity_id, loaded.activity.title, new.title, loaded.playbook.version, new.version)
    refused = await refuse_lost(session, known.situation, loaded, new, now)
    if refused is not None:
        return replace(found, refused=refused)
    return replace(found, changes=await _follow(session, loaded, new, now, at_once=at_once))


def _newest(library: Library, loaded: Loaded) -> Playbook:
    kind = loaded.activity.kind
    if kind not in library.playbooks:
        raise BadInput(
            f"There is no playbook {kind} any more. The activity goes on with the version that it has.",
            f"Er is geen draaiboek {kind} meer. De activiteit gaat verder met de versie die ze heeft.",
        )
    if loaded.activity.playbook_digest in library.versions[kind]:
        raise BadInput(
            f"The activity has the newest version of its playbook already ({loaded.playbook.version}).",
            f"De activiteit heeft de nieuwste versie van haar draaiboek al ({loaded.playbook.version}).",
        )
    try:
        return library.playbooks[kind].as_variant(loaded.playbook.variant)
    except KeyError:
        raise BadInput(
            f"The playbook does not know the variant {loaded.playbook.variant} any more. The activity goes on with the "
            "version that it has.",
            f"Het draaiboek kent de variant {loaded.playbook.variant} niet meer. De activiteit gaat verder met de "
            "versie die ze heeft.",
        ) from None


async def _follow(session: AsyncSession, loaded: Loaded, new: Playbook, now: datetime, *, at_once: bool) -> Changes:
    """Put the new version in the place of the old one, and settle."""
    was_due = {step.key for step in (await settle(session, loaded, now)).outlook.due}
    old, before, calls = loaded.playbook, _to_come(loaded), await _planned_calls(session, loaded)
    titles = {step.key: step.title for step in (*old.steps, *new.steps)}
    loaded.activity.playbook_digest = await keep_playbook(session, new)
    loaded.playbook = unrolled(new, len(loaded.moments))
    withdrawn = await follow_questions(session, loaded, now)
    _drop_steps(loaded, now)
    too_late = await _leave_out(session, loaded, now)
    await _follow_watches(session, loaded, old, now)
    await session.flush()
    settled = await settle(session, loaded, now)
    await follow_mails(session, loaded, old, before)
    after = _to_come(loaded)
    at_once_now = {step.key for step in settled.outlook.due} - was_due
    moved = tuple(
        StepChange(titles[key], before[key], moment, key in at_once_now)
        for key, moment in after.items()
        if key in before and (before[key] != moment or key in at_once_now)
    )
    surprise = next((step for step in moved if step.is_at_once), None)
    if surprise is not None and not at_once:
        raise MailsAtOnce(
            f"‘{surprise.title.en}’ was to come later, and would come at once.",
            f"‘{surprise.title.nl}’ zou later komen, en komt dan meteen.",
        )
    return Changes(
        mails=count(_mails(old, before), _mails(new, after)),
        steps=count(_keyed(before), _keyed(after)),
        calls=count(calls, await _planned_calls(session, loaded)),
        moved=moved,
        new=tuple(StepChange(titles[key], None, at) for key, at in after.items() if key not in before),
        dropped=tuple(titles[key] for key in before if key not in after),
        too_late=tuple(titles[key] for key in too_late),
        not_repeated=tuple(
            step.title
            for step in new.steps
            if step.key not in after and step.key not in too_late and asks_more(old.step(step.key), step)
        ),
        withdrawn=withdrawn,
    )


def _to_come(loaded: Loaded) -> dict[str, datetime | None]:
    """Return the steps that are still to come, in the order of the plan."""
    rows = (loaded.steps.get(step.key) for step in loaded.playbook.steps)
    return {row.step: row.due_at for row in rows if row is not None and row.state is StepState.PLANNED}


def _keyed(steps: Mapping[str, datetime | None]) -> dict[Hashable, datetime | None]:
    return dict(steps.items())


def _mails(playbook: Playbook, steps: Mapping[str, datetime | None]) -> dict[Hashable, datetime | None]:
    return {(key, mail): at for key, at in steps.items() for mail in mails_of(playbook.step(key))}


async def _planned_calls(session: AsyncSession, loaded: Loaded) -> dict[Hashable, datetime | None]:
    rows = await session.scalars(
        select(Call).where(
            Call.activity_id == loaded.activity.id, Call.state == CallState.PLANNED, Call.unless.is_not(None)
        )
    )
    return {(row.key, row.what): row.due_at for row in rows}


def _drop_steps(loaded: Loaded, now: datetime) -> None:
    """Let go of the steps that the new version does not have; the others take their place in it."""
    places = {step.key: (place, step) for place, step in enumerate(loaded.playbook.steps)}
    for row in loaded.steps.values():
        if row.step in places:
            row.position, row.stage = places[row.step][0], places[row.step][1].stage
        elif row.state is StepState.PLANNED:
            row.state, row.done_at, row.skip_reason = StepState.SKIPPED, now, DROPPED
        elif row.shown_at is None:
            row.shown_at = now  # nobody shows it any more: no run finds it in the plan


async def _leave_out(session: AsyncSession, loaded: Loaded, now: datetime) -> list[str]:
    """Write down as skipped what only the new version has and what it plans in the past; returns the steps.

    A concept has sent nothing yet: all of it begins together.
    """
    if loaded.activity.status is ActivityStatus.CONCEPT:
        return []
    facts = await gather(session, loaded, now)
    left_out = []
    # One by one, in the order of the plan: a moment may count from a step that was left out.
    for place, step in enumerate(loaded.playbook.steps):
        if step.key in loaded.steps:
            continue
        due_at = next(item.due_at for item in loaded.plan() if item.step is step)
        is_past = (due_at is not None and due_at <= now) or (
            bool(step.as_soon_as) and facts.all_hold(step.as_soon_as) and facts.all_hold(step.needs)
        )
        row = PlanStep(
            activity_id=loaded.activity.id,
            step=step.key,
            stage=step.stage,
            position=place,
            state=StepState.SKIPPED if is_past else StepState.PLANNED,
            due_at=due_at,
            done_at=now if is_past else None,
            skip_reason=TOO_LATE if is_past else None,
        )
        session.add(row)
        loaded.steps[step.key] = row
        if is_past:
            left_out.append(step.key)
    return left_out


async def _follow_watches(session: AsyncSession, loaded: Loaded, old: Playbook, now: datetime) -> None:
    """Take away the planned calls of watches that are gone or changed; one whose moment has passed does not look.

    What a watch has opened stays for the coordinator. Settling plans what is new.
    """
    before, after = watches(old), watches(loaded.playbook)
    rows = list(await session.scalars(select(Call).where(Call.activity_id == loaded.activity.id)))
    for key, found in before.items():
        if key in after and looks_alike(found, after[key]):
            continue
        mine = watch_key(loaded, found[1])
        for call in rows:
            if call.state is CallState.PLANNED and (call.key == mine or call.key.startswith(f"{mine}:")):
                await session.delete(call)
                rows = [row for row in rows if row is not call]
    if loaded.activity.status is ActivityStatus.CONCEPT:
        return
    for key, (step, watch) in after.items():
        mine, at = watch_key(loaded, watch), moment_of(loaded, step, watch)
        is_new = key not in before or not looks_alike(before[key], (step, watch))
        if is_new and at is not None and at <= now and not any(row.key in {mine, f"{mine}{LATE}"} for row in rows):
            call = planned_call(loaded, step, watch, f"{mine}{LATE}", at)
            call.state, call.done_at = CallState.DROPPED, now
            session.add(call)
