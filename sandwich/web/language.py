"""Which language a page speaks to somebody whom we do not know."""

from models.text import Language


def preferred(accept_language: str | None, default: Language = Language.DUTCH) -> Language:
    """Pick the language that a browser asks for most; ``default`` where it asks for neither."""
    best, weight = default, 0.0
    for part in (accept_language or "")[:500].split(","):
        name, _, quality = part.strip().partition(";")
        primary = name.strip().lower().split("-")[0]
        if primary not in set(Language):
            continue
        wish = _quality(quality)
        if wish > weight:
            best, weight = Language(primary), wish
    return best


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
