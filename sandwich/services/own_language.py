"""The language in which somebody is written to: chosen by themselves, or said to a coordinator."""

from datetime import datetime

from models.tables.network import Person
from models.text import Language
from sandwich.runtime import Runtime
from sandwich.services.links import OpenedLink


async def choose_language(runtime: Runtime, link: OpenedLink, language: Language, *, now: datetime) -> None:
    """Write to whoever opened a link in another language from now on, in every activity."""
    await set_language(runtime, link.person_id, language, now=now, actor=link.person_id, activity_id=link.activity_id)


async def set_language(
    runtime: Runtime, person_id: str, language: Language, *, now: datetime, actor: str, activity_id: str
) -> None:
    """Write to somebody in another language from now on, in every activity; it came up in one of them."""
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        (await session.get_one(Person, person_id)).language = language
