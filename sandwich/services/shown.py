"""What was answered to one step, as other people of the activity may read it: no names. Reads only."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Visibility
from models.roles import HOST_ROLES, Role
from models.text import Language
from sandwich.rules.answer_lines import describe
from sandwich.services.told import read_told

_OF_THE_ACTIVITY = frozenset({Visibility.ACTIVITY, Visibility.SCHOOL})


@dataclass(frozen=True)
class Shown:
    """One question with what was answered to it, each answer once."""

    label: str
    lines: tuple[str, ...]


async def answers_shown(
    session: AsyncSession, activity_id: str, step: str, role: Role | None, language: Language
) -> tuple[Shown, ...]:
    """Return the answers to ``step`` that somebody in ``role`` may read, by question in the order of the form."""
    told = await read_told(session, activity_id)
    readable = _OF_THE_ACTIVITY | ({Visibility.HOST} if role in HOST_ROLES else frozenset())
    found: dict[str, tuple[str, list[str]]] = {}
    for item in told.answers.of_steps([step]):
        if item.participation.person_id in told.silent:
            continue
        form = told.form(item)
        seen = {question.key for question in form.questions if question.visibility in readable}
        for line in describe(form, item.answers, language, role in HOST_ROLES):
            if line.key in seen:
                found.setdefault(line.key, (line.question_label, []))[1].extend(line.lines)
    return tuple(Shown(label, tuple(dict.fromkeys(lines))) for label, lines in found.values())
