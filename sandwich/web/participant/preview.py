"""What stands above the question whether a card may be shared: the card itself."""

from dataclasses import dataclass

from sandwich.services.asking import AskedForm
from sandwich.services.card import RELEASE, CardPart
from sandwich.services.release_preview import preview
from sandwich.services.wall import Attachment
from sandwich.web.participant.access import Visit


@dataclass(frozen=True)
class CardPreview:
    """The card before its release, in the order in which it will be read; ``files`` is where its files are."""

    headlines: tuple[CardPart, ...]
    insights: tuple[CardPart, ...]
    use_lesson: tuple[CardPart, ...]
    lob: tuple[CardPart, ...]
    photos: tuple[Attachment, ...]
    materials: tuple[Attachment, ...]
    files: str


async def card_before_release(visit: Visit, asked: AskedForm) -> CardPreview | None:
    """Return the card where the form asks to release it; ``None`` for any other form."""
    if asked.form.key != RELEASE:
        return None
    found = await preview(visit.runtime, asked.frame.activity_id)

    def of(*questions: str) -> tuple[CardPart, ...]:
        return tuple(part for question in questions for part in found.parts if part.question == question)

    return CardPreview(
        headlines=of("headline"),
        insights=of("insight_1", "insight_2", "insight_3"),
        use_lesson=of("use_lesson"),
        lob=of("lob"),
        photos=found.photos,
        materials=found.materials,
        files=visit.address("/file/"),
    )
