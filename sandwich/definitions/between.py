"""What playbooks say of each other: to which kinds one can lead, and which are the parts of another."""

from collections.abc import Iterator, Mapping

from models.playbook import MISSING, Playbook
from models.text import Text
from sandwich.definitions.mistakes import Mistake
from sandwich.definitions.places import Places
from sandwich.definitions.plain_words import nearest

_NO_KIND = Text(
    nl='het draaiboek noemt de soort "{name}", en die bestaat niet.',
    en='the playbook names the kind "{name}", which does not exist.',
)
_NO_PART = Text(
    nl='"{name}" is geen deel: dat draaiboek heeft geen only_part: true.',
    en='"{name}" is no part: that playbook has no only_part: true.',
)
_SAY_SO = Text(nl="Schrijf het daar, of noem een ander draaiboek.", en="Write it there, or name another playbook.")
_LACKS = Text(
    nl="ook de delen van dit draaiboek doen het niet: {what}.",
    en="the parts of this playbook do not do it either: {what}.",
)


def between(playbooks: Mapping[str, tuple[Playbook, Places]]) -> Iterator[Mistake]:
    """Return what is wrong with the names by which playbooks know each other."""
    kinds = sorted(key for key, (playbook, _) in playbooks.items() if not playbook.only_part)
    for playbook, places in playbooks.values():
        for number, following in enumerate(playbook.leads_to):
            if following.kind not in kinds:
                what = _NO_KIND.filled(name=following.kind)
                yield places.mistake(("leads_to", number, "kind"), what, nearest(following.kind, kinds))
        if playbook.parts is None:
            continue
        if playbook.parts not in playbooks:
            what = _NO_KIND.filled(name=playbook.parts)
            yield places.mistake(("parts",), what, nearest(playbook.parts, sorted(playbooks)))
            continue
        part = playbooks[playbook.parts][0]
        if not part.only_part:
            yield places.mistake(("parts",), _NO_PART.filled(name=playbook.parts), _SAY_SO)
        for demand in playbook.missing():
            if demand in part.missing():
                yield places.mistake(("parts",), _LACKS.filled(what=MISSING[demand]), None)
