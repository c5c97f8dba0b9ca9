"""Look through what people typed for what had better not be kept or shared, before the card is published; mask it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Draft, Submission
from models.tables.mail import Call, CallState
from models.text import Text
from sandwich.errors import BadInput
from sandwich.rules.doubts import SAID, Doubt, doubts_in, masked
from sandwich.runtime import Runtime
from sandwich.services.answers_of import Answered
from sandwich.services.calls import CHECK_WORDS, open_call
from sandwich.services.card_content import CARD_FORM, WRITTEN
from sandwich.services.loaded import Loaded
from sandwich.services.steering import finish_calls, steering
from sandwich.services.told import Told, read_told
from sandwich.store.personal import erase_earlier


@dataclass(frozen=True)
class DoubtLine:
    """One line of the checklist: whose words they are, where they stand, and whether they would stand on the card.

    ``key`` names it as long as the words stand there.
    """

    key: str
    invitation_id: str
    who: str | None
    form: Text
    question: Text
    words: str
    sentence: Text
    is_on_card: bool


async def checklist(session: AsyncSession, activity_id: str) -> tuple[DoubtLine, ...]:
    """Return every doubt in what was answered, those first that would stand on the card."""
    told = await read_told(session, activity_id, everybody=True)
    lines = [_line(told, item, doubt) for item in told.answers.answered for doubt in _doubts(told, item)]
    return tuple(sorted(lines, key=lambda line: not line.is_on_card))


async def check_words(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Let the coordinator look at words that would stand on the card; the same words are asked about once."""
    lines = [line for line in await checklist(session, loaded.activity.id) if line.is_on_card]
    if lines:
        about = hashlib.sha256(" ".join(sorted(line.key for line in lines)).encode()).hexdigest()[:16]
        key = f"{loaded.activity.id}:{CHECK_WORDS}:{about}"
        await open_call(session, loaded.activity, CHECK_WORDS, key=key, now=now, step=_step_of(loaded))
        return
    for call in await session.scalars(
        select(Call).where(
            Call.activity_id == loaded.activity.id, Call.what == CHECK_WORDS, Call.state == CallState.OPEN
        )
    ):
        call.state, call.done_at = CallState.DROPPED, now  # whoever wrote it took it back


async def mask(runtime: Runtime, activity_id: str, keys: Sequence[str], *, now: datetime, actor: str) -> int:
    """Take the words of these lines out of everything that their writers answered and typed; returns out of how many.

    The log loses them too. What is left on the card has been looked at by whoever did this. Raises ``BadInput`` for a
    line that is not there any more.
    """
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        lines = {line.key: line for line in await checklist(session, activity_id)}
        if any(key not in lines for key in keys):
            raise BadInput(
                "These words do not stand there any more. Look at the list once more.",
                "Deze woorden staan er niet meer. Kijk nog eens naar de lijst.",
            )
        count = 0
        for line in (lines[key] for key in keys):
            count += await _mask(session, line.invitation_id, line.words, now)
        await finish_calls(session, loaded, {CHECK_WORDS}, actor, now)
    return count


async def _mask(session: AsyncSession, invitation_id: str, words: str, now: datetime) -> int:
    changed: list[Submission] = []
    for submission in await session.scalars(select(Submission).where(Submission.invitation_id == invitation_id)):
        answers = masked(submission.answers or {}, words)
        if answers != (submission.answers or {}):
            submission.answers = answers
            changed.append(submission)
    draft = await session.get(Draft, invitation_id)
    if draft is not None:
        draft.typed = masked(draft.typed, words)
    await session.flush()
    for submission in changed:
        await erase_earlier(session, submission, "answers", now)
    return len(changed)


def _doubts(told: Told, item: Answered) -> tuple[Doubt, ...]:
    known = {person.given_name for person in told.people.values() if person.given_name}
    return doubts_in(told.form(item), item.answers, known=known)


def _line(told: Told, item: Answered, doubt: Doubt) -> DoubtLine:
    named = f"{item.invitation.id} {doubt.question} {doubt.words}"
    form = told.form(item)
    return DoubtLine(
        key=hashlib.sha256(named.encode()).hexdigest()[:12],
        invitation_id=item.invitation.id,
        who=told.name(item),
        form=form.title,
        question=form.question(doubt.question).label,
        words=doubt.words,
        sentence=SAID[doubt.about].filled(words=doubt.words),
        is_on_card=item.invitation.form == CARD_FORM and doubt.question in WRITTEN,
    )


def _step_of(loaded: Loaded) -> str | None:
    """Return the step that asks for what stands on the card."""
    return next((step.key for step in loaded.playbook.steps if any(ask.form == CARD_FORM for ask in step.asks)), None)
