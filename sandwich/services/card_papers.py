"""An impression card as a paper: one page, as the colleagues of one school read it."""

import asyncio
from zoneinfo import ZoneInfo

from babel.dates import format_date

from models.text import Language, Text
from sandwich.labels import RECEIVER
from sandwich.paper import Paper, print_paper
from sandwich.runtime import Runtime
from sandwich.services.card import Card
from sandwich.services.pictures import small
from sandwich.services.uploads import read_file
from sandwich.services.wall import WallCard, readable

TEMPLATE = "card.typ"
PIXELS = 1200
"""The longest side of a picture on paper: enough for half a page."""

_NAME = Text(nl="indrukkenkaart.pdf", en="impression-card.pdf")
_LESSON = Text(nl="Zo gebruik je het in de les", en="This is how you use it in class")
_MATERIAL = Text(nl="Materiaal, te vinden bij de kaart op de deelmuur", en="Material, with the card on the share wall")
_WHY = Text(nl="“Waarom moet ik dat weten?”", en="“Why must I know that?”")
_PHOTO = Text(nl="Foto {number}", en="Photo {number}")
_TEACHERS = Text(nl="{count} docenten", en="{count} teachers")
_FOOT = Text(
    nl="Deelmuur van {school}. Alleen voor collega's: wat hier staat, is niet voor buiten de school vrijgegeven.",
    en="Share wall of {school}. For colleagues only: what stands here was not released to anybody outside the school.",
)
RESTRICTED = Text(
    nl="{who} heeft nog niet gereageerd op deze kaart. Daarom lezen alleen de scholen die erbij waren hem, zonder "
    "foto's en bestanden, zonder namen van mensen daar en zonder wat vertrouwelijk is.",
    en="{who} has not responded to this card yet. So only the schools that took part read it, without photos and "
    "files, names of people there or anything confidential.",
)


async def paper_of_card(runtime: Runtime, wall_key: str, activity_id: str, language: Language) -> Paper:
    """Return a card that this wall shows as a PDF; raises ``WallUnknown`` for any other."""
    async with runtime.store.read() as session:
        school, found = await readable(session, wall_key, activity_id)
        photos = [await read_file(session, part.upload_id) for part in found.card.photos if part.upload_id]
    files = {
        f"photo-{number}.jpg": await asyncio.to_thread(small, photo.content, PIXELS)
        for number, photo in enumerate(photos)
    }
    said = {
        **_said(runtime, found, language),
        "photos": [
            {"file": name, "alt": _PHOTO.filled(number=number).to(language)} for number, name in enumerate(files, 1)
        ],
        "foot": _FOOT.filled(school=school.name).to(language),
    }
    return await print_paper(TEMPLATE, _NAME.to(language), said, files)


def _said(runtime: Runtime, found: WallCard, language: Language) -> dict[str, object]:
    card = found.card
    playbook = runtime.library.playbooks.get(found.kind)
    held = card.held_at.astimezone(ZoneInfo(runtime.settings.timezone)) if card.held_at else None
    line = (
        playbook.title.to(language) if playbook else "",
        card.receiver.name or "",
        str(format_date(held, "d MMMM y", locale=language.locale)) if held else "",
        _TEACHERS.filled(count=found.present).to(language) if found.present > 1 else "",
    )
    parts = [{"label": _LESSON.to(language), "words": list(card.use_lesson)}] if card.use_lesson else []
    materials = [part.text for part in card.materials] + [one.name for one in card.on_request]
    if materials:
        parts.append({"label": _MATERIAL.to(language), "words": [", ".join(materials)]})
    return {
        "lang": language.value,
        "line": " · ".join(part for part in line if part),
        "heading": card.headline or card.title,
        "title": card.title if card.headline else "",
        "insights": list(card.insights),
        "lob": list(card.lob),
        "why": _WHY.to(language),
        "parts": parts,
        "note": restricted_words(card, language),
    }


def restricted_words(card: Card, language: Language) -> str:
    """Return what a card says of itself on which whoever received kept silent; empty for any other."""
    who = RECEIVER[card.receiver.what].to(language)
    return RESTRICTED.filled(who=who[:1].upper() + who[1:]).to(language) if card.is_restricted else ""
