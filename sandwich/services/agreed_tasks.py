"""What one person took on in the agreements that everybody said yes to. Reads only."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from models.text import Language
from sandwich.services.agreements import view_of
from sandwich.services.duties import duties_of, takers
from sandwich.services.loaded import Loaded


@dataclass(frozen=True)
class AgreedTask:
    """One task: what, whose (one side's, or of both together), by name where one was given, and by when."""

    what: str
    whose: str | None
    name: str | None
    on: date | None


async def tasks_of(session: AsyncSession, loaded: Loaded, person_id: str, language: Language) -> tuple[AgreedTask, ...]:
    """Return what somebody does, alone or with others; nothing before everybody said yes to it."""
    found: list[tuple[bool, AgreedTask]] = []
    for step, talk in loaded.playbook.agreements():
        view = await view_of(session, loaded.activity.id, talk.about)
        for duty in await duties_of(session, loaded.activity.id, step.key, talk, view.accepted if view else None):
            if person_id in takers(loaded, talk, duty):
                whose = duty.whose.to(language) if duty.whose else None
                shared = duty.option not in duty.meaning.takers
                found.append((shared, AgreedTask(duty.what.to(language), whose, duty.name, duty.on)))
    return tuple(task for _, task in sorted(found, key=lambda one: one[0]))
