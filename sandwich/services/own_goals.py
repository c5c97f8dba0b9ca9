"""The goals that somebody wrote for themselves, and how far they say that they came. Reads only, for their own eyes."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.text import Text
from sandwich.rules.answer_values import scale_of
from sandwich.services.answers_of import Answered, Answers, read_answers_of
from sandwich.services.loaded import Loaded
from sandwich.services.versions import forms_of

GOALS = ("goal_teacher", "goal_prof", "goal_1", "goal_2", "goal_3", "goal_4", "goal")
"""The questions under which people write goals, in whatever form."""

RESULT = "goal_result"
"""The question how far each of them was reached."""


@dataclass(frozen=True)
class OwnGoal:
    """One goal in its owner's words; ``reached`` is how far they came by their own account, if known."""

    text: str
    reached: Text | None


def written_goals(playbook: Playbook, answers: Answers, person_id: str) -> dict[str, str]:
    """Return the goals that somebody wrote in the latest step that asked for them, by question.

    A step that the playbook has no more, since the activity was taken over by a newer one, comes before all others.
    """
    order = {step.key: place for place, step in enumerate(playbook.steps)}
    own = _own(answers, person_id, *GOALS)
    if not own:
        return {}
    said = max(own, key=lambda item: order.get(item.invitation.step, -1)).answers
    return {key: said[key] for key in GOALS if said.get(key)}


async def own_goals(session: AsyncSession, loaded: Loaded, person_id: str) -> tuple[OwnGoal, ...]:
    """Return somebody's goals, each with how far it was reached by the own account."""
    answers = await read_answers_of(session, loaded.activity.id)
    reached: dict[str, Text] = {}
    for item in _own(answers, person_id, RESULT):
        form = (await forms_of(session, [digest := item.submission.form_digest]))[digest]
        labels = scale_of(form.question(RESULT).columns[0]).labels
        for row in item.answers[RESULT]:
            if isinstance(value := row.get("result"), int) and 1 <= value <= len(labels):
                reached[row["row"]] = labels[value - 1]
    found = written_goals(loaded.playbook, answers, person_id)
    return tuple(OwnGoal(text, reached.get(key)) for key, text in found.items())


def _own(answers: Answers, person_id: str, *questions: str) -> list[Answered]:
    return [item for item in answers.saying(*questions) if item.participation.person_id == person_id]
