"""Forget in time: answers with ``keep_days`` are emptied so long after the day (field rule 20).

Whoever is known for nothing but taking material is erased after they were asked about it (field rule 49).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form, Question
from models.tables.activities import Activity, ActivityStatus
from models.tables.asking import Draft, Invitation, Submission
from sandwich.clock import When
from sandwich.errors import StoreUnavailable
from sandwich.rules.moments import AT_NIGHT
from sandwich.runtime import Runtime
from sandwich.services.adopters import to_erase
from sandwich.services.asking import form_of
from sandwich.services.erase import erase_person
from sandwich.services.loaded import Loaded, load
from sandwich.store.personal import erase_earlier

ACTOR = "forgetting"
_log = structlog.get_logger(__name__)


def remember_to_forget(loaded: Loaded, form: Form, most: int) -> None:
    """Note when the first answer to ``form`` must be emptied; one that comes in after that is emptied the same day.

    ``most`` is how many days after the day anything is kept at most, whatever its form says.
    """
    moments = [_forget_at(loaded, question, most) for question in _kept_shortly(form)]
    at = min((moment for moment in (*moments, loaded.activity.forget_at) if moment is not None), default=None)
    if at != loaded.activity.forget_at:
        loaded.activity.forget_at = at


def forgets_at(now: When) -> Select[str]:
    """Return the query for the activities with something that may not be kept any longer at ``now``."""
    return select(Activity.id).where(Activity.forget_at <= now, Activity.status != ActivityStatus.ON_HOLD)


async def forget_due(runtime: Runtime, now: datetime) -> int:
    """Let go of what may not be kept any longer, activity by activity; returns how many activities were looked at.

    An activity on hold has no day to count from, and waits.
    """
    async with runtime.store.read() as session:
        due = list(await session.scalars(forgets_at(now).order_by(Activity.forget_at)))
    emptied = 0
    for activity_id in due:
        try:
            await _erase_adopters(runtime, activity_id, now)
            async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id) as session:
                loaded = await load(session, runtime.settings.timezone, activity_id)
                emptied += await _forget(session, loaded, now, runtime.settings.keep_practical_days)
        except StoreUnavailable:
            raise
        except Exception as error:  # whatever is wrong with one activity, the others are not held up
            _log.error("answers not forgotten", activity=activity_id, error=type(error).__name__)
    if emptied:
        try:
            await runtime.store.scrub()
        except StoreUnavailable:  # what was emptied is overwritten anyway; the next time rewrites the file too
            _log.warning("the file of the database was not rewritten")
    return len(due)


async def _erase_adopters(runtime: Runtime, activity_id: str, now: datetime) -> None:
    """Erase who took material and need not be known any longer; before anything else, so that it is never left out."""
    async with runtime.store.read() as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        people, _ = await to_erase(session, loaded, now)
    for person_id in people:
        await erase_person(runtime, person_id, now=now, actor=ACTOR)


async def _forget(session: AsyncSession, loaded: Loaded, now: datetime, most: int) -> int:
    """Empty what is due in one activity, and note when to look again; returns out of how many rows."""
    activity = loaded.activity
    _, later = await to_erase(session, loaded, now)
    emptied: list[Submission] = []
    for submission in await session.scalars(select(Submission).where(Submission.activity_id == activity.id)):
        form = await form_of(session, submission.form_digest)
        gone = _gone(loaded, form, submission.answers, now, later, most)
        if gone:
            submission.answers = {key: value for key, value in submission.answers.items() if key not in gone}
            emptied.append(submission)
    drafts = await session.execute(
        select(Draft, Invitation.form_digest)
        .join(Invitation, Invitation.id == Draft.invitation_id)
        .where(Invitation.activity_id == activity.id)
    )
    count = len(emptied)
    for draft, digest in drafts:
        gone = _gone(loaded, await form_of(session, digest), draft.typed, now, later, most)
        if gone:
            draft.typed = {key: value for key, value in draft.typed.items() if key not in gone}
            count += 1
    activity.forget_at = min(later, default=None)
    await session.flush()
    for submission in emptied:
        await erase_earlier(session, submission, "answers", now)
    return count


def _gone(
    loaded: Loaded, form: Form, given: Iterable[str], now: datetime, later: list[datetime], most: int
) -> set[str]:
    """Return which of the fields in ``given`` go now; moments of those that go later are added to ``later``."""
    gone: set[str] = set()
    for question in _kept_shortly(form):
        mine = {key for key in given if key == question.key or key.startswith(f"{question.key}.")}
        at = _forget_at(loaded, question, most)
        if mine and at <= now:
            gone |= mine
        elif mine:
            later.append(at)
    return gone


def _kept_shortly(form: Form) -> Iterator[Question]:
    return (question for question in form.questions if question.keep_days is not None)


def _forget_at(loaded: Loaded, question: Question, most: int) -> datetime:
    day = loaded.ends_at.astimezone(loaded.zone).date() + timedelta(days=min(question.keep_days or 0, most))
    return datetime.combine(day, AT_NIGHT, loaded.zone)
