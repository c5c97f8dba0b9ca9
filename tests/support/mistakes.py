"""What the author of a data file is told, in both languages."""

import re

from models.text import Language
from sandwich.definitions.mistakes import Mistake

_ENGLISH = re.compile(r"\b(the|which|this|not|must|stands?|has|write|use|add|remove|rename|keep|did you)\b", re.I)


def told_in_both(mistake: Mistake) -> str:
    """Return line and sentence in English, having seen that the Dutch one is no English."""
    english, dutch = mistake.to(Language.ENGLISH), mistake.to(Language.DUTCH)
    place = f"{mistake.file}:{mistake.line}: "
    assert english.startswith(place)
    assert dutch.startswith(place)
    sentence = re.sub(r"\"[^\"]*\"|'[^']*'|\([^)]*\)|Gebruik een van: .*", "", dutch.removeprefix(place))
    assert dutch != english
    assert not _ENGLISH.search(sentence), f"no Dutch: {dutch}"
    return english.removeprefix(f"{mistake.file}:")
