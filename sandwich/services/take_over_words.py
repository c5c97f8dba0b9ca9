"""What taking an activity over does, as a person would tell it: on the page and on the command line."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from models.text import Text
from sandwich.rules.versions import Counts
from sandwich.services.take_over import Changes, StepChange
from sandwich.services.waits import short_day

_NOTHING_AGAIN = Text(
    nl="Wat verstuurd en beantwoord is, blijft. Geen enkel formulier wordt opnieuw gevraagd.",
    en="What was sent and answered stays. No form is asked again.",
)


def in_words(changes: Changes, zone: ZoneInfo) -> tuple[Text, ...]:
    """Return what becomes of an activity: first in figures, then step by step."""
    return (
        _counted(changes),
        *(_moved(step, zone) for step in changes.moved),
        *(_new(step, zone) for step in changes.new),
        *_listed("Vervalt", "Falls away", changes.dropped),
        *_listed(
            "Nieuw, maar het moment is al voorbij: komt niet",
            "New, but its moment has passed: does not come",
            changes.too_late,
        ),
        *_listed(
            "Al gedaan; wat de nieuwe versie daar extra vraagt of vertelt, komt niet",
            "Done already; what the new version asks or tells more there does not come",
            changes.not_repeated,
        ),
        *(
            Text(
                nl=f"Wordt niet meer gevraagd: {item.title.nl} ({', '.join(item.people)}).",
                en=f"Is not asked any more: {item.title.en} ({', '.join(item.people)}).",
            )
            for item in changes.withdrawn
        ),
        _NOTHING_AGAIN,
    )


def _counted(changes: Changes) -> Text:
    parts = (
        (changes.mails, "mail", "mails", "mail", "mails"),
        (changes.steps, "stap", "stappen", "step", "steps"),
        (changes.calls, "belletje", "belletjes", "call", "calls"),
    )
    nl = "; ".join(
        _figures(counts, one, many, ("blijft", "blijven", "schuift", "schuiven", "nieuw", "vervalt", "vervallen"))
        for counts, one, many, _, _ in parts
    )
    en = "; ".join(
        _figures(counts, one, many, ("stays", "stay", "moves", "move", "new", "is dropped", "are dropped"))
        for counts, _, _, one, many in parts
    )
    return Text(nl=f"{nl[:1].upper()}{nl[1:]}.", en=f"{en[:1].upper()}{en[1:]}.")


def _figures(counts: Counts, one: str, many: str, words: tuple[str, ...]) -> str:
    """Write ``9 mails stay, 2 move, 1 new, 1 is dropped``; what is none of it is left out."""
    stays, stay, moves, move, new, falls, fall = words
    parts = [f"{counts.kept} {one if counts.kept == 1 else many} {stays if counts.kept == 1 else stay}"]
    parts += [f"{counts.moved} {moves if counts.moved == 1 else move}"] if counts.moved else []
    parts += [f"{counts.new} {new}"] if counts.new else []
    parts += [f"{counts.dropped} {falls if counts.dropped == 1 else fall}"] if counts.dropped else []
    return ", ".join(parts)


def _moved(step: StepChange, zone: ZoneInfo) -> Text:
    was, becomes = _day(step.was, zone), _day(step.becomes, zone)
    if step.is_at_once:
        becomes = Text(nl="meteen; de mail gaat weg", en="at once; the mail leaves")
    return Text(
        nl=f"{step.title.nl}: was {was.nl}, wordt {becomes.nl}.",
        en=f"{step.title.en}: was {was.en}, becomes {becomes.en}.",
    )


def _new(step: StepChange, zone: ZoneInfo) -> Text:
    day = _day(step.becomes, zone)
    return Text(nl=f"Nieuw: {step.title.nl}, {day.nl}.", en=f"New: {step.title.en}, {day.en}.")


def _day(moment: datetime | None, zone: ZoneInfo) -> Text:
    return short_day(moment, zone) if moment is not None else Text(nl="later", en="later")


def _listed(nl: str, en: str, titles: Iterable[Text]) -> tuple[Text, ...]:
    titles = tuple(titles)
    if not titles:
        return ()
    return (
        Text(
            nl=f"{nl}: {', '.join(title.nl for title in titles)}.",
            en=f"{en}: {', '.join(title.en for title in titles)}.",
        ),
    )
