"""One activity leads to the next: what it can lead to, what came of it, and how the next one starts prefilled."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.roles import Host, Role
from models.steps import Among
from models.tables.activities import Activity
from models.text import Text
from sandwich.services.answers_of import read_answers_of
from sandwich.services.loaded import Loaded

WISHES = "follow-up"
"""The form in which people say what they would like to do next."""


@dataclass(frozen=True)
class Linked:
    """Another activity."""

    id: str
    title: str


@dataclass(frozen=True)
class Chain:
    """What an activity came of and led to, the whole that it is a part of and its own parts, and what can follow."""

    came_of: Linked | None
    led_to: tuple[Linked, ...]
    whole: Linked | None
    parts: tuple[Linked, ...]
    can_follow: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Following:
    """What the next activity begins with; people by their ids."""

    title: str
    purpose: str
    host: str | None
    teachers: tuple[str, ...]
    professionals: tuple[str, ...]
    place: str | None


async def chain_of(session: AsyncSession, loaded: Loaded) -> Chain:
    """Return how an activity hangs together with others."""
    activity = loaded.activity
    rows = await session.execute(
        select(Activity.id, Activity.title, Activity.follows_id, Activity.part_of_id)
        .where(
            Activity.id.in_([one for one in (activity.follows_id, activity.part_of_id) if one])
            | (Activity.follows_id == activity.id)
            | (Activity.part_of_id == activity.id)
        )
        .order_by(Activity.started_at, Activity.id)
    )
    found = [(Linked(key, title), follows, part_of) for key, title, follows, part_of in rows]
    by_id = {one.id: one for one, _, _ in found}
    return Chain(
        came_of=by_id.get(activity.follows_id or ""),
        led_to=tuple(one for one, follows, _ in found if follows == activity.id),
        whole=by_id.get(activity.part_of_id or ""),
        parts=tuple(one for one, _, part_of in found if part_of == activity.id),
        can_follow=tuple((one.kind, one.offer) for one in loaded.playbook.leads_to),
    )


async def following(session: AsyncSession, loaded: Loaded, playbook: Playbook) -> Following:
    """Return what an activity of ``playbook`` that comes of this one begins with.

    Its teachers are those who said that they would like it, or, where nobody was asked or wants to, all who were there.
    """
    answers = await read_answers_of(session, loaded.activity.id)
    wish = {item.participation.person_id for item in answers.of_form(WISHES) if playbook.key in _next(item.answers)}
    there = [item.person_id for item in loaded.in_role(Role.TEACHER, Among.PRESENT)]
    hosts = [item.person_id for item in loaded.in_role(Role.HOST_CONTACT)]
    fits = hosts and (playbook.parameters.host is Host.COMPANY) is (loaded.company is not None)
    receives = playbook.parameters.host is not Host.NOBODY
    return Following(
        title=loaded.activity.title,
        purpose=loaded.activity.purpose if loaded.activity.purpose in playbook.purposes else playbook.purposes[0],
        host=hosts[0] if fits and receives else None,
        teachers=tuple(one for one in there if one in wish) or tuple(there),
        professionals=tuple(
            item.person_id for role in (Role.PROFESSIONAL, Role.MENTOR) for item in loaded.in_role(role)
        ),
        place=loaded.activity.place if fits else None,
    )


def _next(answers: dict[str, object]) -> list[str]:
    said = answers.get("next")
    return [str(one) for one in said] if isinstance(said, list) else []
