"""What stands above the question whether a card may be shared: the card itself."""

from dataclasses import dataclass

from sandwich.services.asking import AskedForm
from sandwich.services.card import RELEASE
from sandwich.services.release_preview import Preview, preview
from sandwich.web.participant.access import Visit


@dataclass(frozen=True)
class CardPreview:
    """The card before its release; ``files`` is where its files are."""

    shown: Preview
    files: str


async def card_before_release(visit: Visit, asked: AskedForm) -> CardPreview | None:
    """Return the card where the form asks to release it; ``None`` for any other form."""
    if asked.form.key != RELEASE:
        return None
    return CardPreview(await preview(visit.runtime, asked.frame.activity_id), visit.address("/file/"))
