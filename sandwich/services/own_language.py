"""The language in which somebody is written to, chosen by themselves."""

from datetime import datetime

from models.tables.network import Person
from models.text import Language
from sandwich.runtime import Runtime
from sandwich.services.links import OpenedLink


async def choose_language(runtime: Runtime, link: OpenedLink, language: Language, *, now: datetime) -> None:
    """Write to somebody in another language from now on, in every activity."""
    async with runtime.store.change(now=now, actor=link.person_id, stream=link.activity_id) as session:
        (await session.get_one(Person, link.person_id)).language = language
