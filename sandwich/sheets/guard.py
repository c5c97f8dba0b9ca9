"""A cell that a spreadsheet would take for a formula is written behind an apostrophe, and read without it.

What people write of themselves is exported, and a spreadsheet would carry it out: ``=HYPERLINK(…)`` sends what stands
beside it away.
"""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""Some spreadsheets take the wide signs of East Asia for the same, and leave out what nobody sees before a sign."""

_GUARD = "'"


def guarded(text: str) -> str:
    """Return a text as it is safe in a spreadsheet."""
    return _GUARD + text if _is_dangerous(text) else text


def unguarded(text: str) -> str:
    """Return the text that :func:`guarded` was given."""
    return text[1:] if text.startswith(_GUARD) and _is_dangerous(text) else text


def _is_dangerous(text: str) -> bool:
    # Apostrophes before it do not count, so that what was guarded can be told from what looks guarded.
    return text.lstrip(_GUARD).startswith(_DANGEROUS)
