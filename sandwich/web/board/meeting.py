"""What a coordinator does about who meets whom: a pair by hand or apart, and the remaining rounds anew."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.roles import Role
from models.tables.pairing import LIVE
from models.text import Text
from sandwich.rules.pairing_errors import CannotPair
from sandwich.services.detail_views import ActivityDetail, PersonLine
from sandwich.services.overview import ENDED
from sandwich.services.pair_steering import pair_by_hand, take_pair_apart
from sandwich.services.rounds import make_anew
from sandwich.web.board.small import Action, Doing, Small, Unclear, text_of
from sandwich.web.session import Visitor

_GONE = Text(nl="Wie kwam niet, of is weg?", en="Who did not come, or has left?")
_HOW_MANY = Text(
    nl="Vul in hoeveel rondes er geweest zijn, zoals 2.", en="Fill in how many rounds have been, such as 2."
)
_WHO = Text(nl="Kies een docent en een professional.", en="Choose a teacher and a professional.")


async def _rounds_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or not detail.rounds or detail.line.status in ENDED:
        return None
    return Small(
        title=Text(nl="Maak de rest van de rondes opnieuw", en="Make the remaining rounds anew"),
        button=Text(nl="Maak ze opnieuw", en="Make them anew"),
        happens=(
            Text(nl="Niemand spreekt iemand twee keer.", en="Nobody meets anybody twice."),
            Text(
                nl="Iedereen ziet de nieuwe rondes op de eigen pagina; er gaat geen mail uit.",
                en="Everybody sees the new rounds on their own page; no mail leaves.",
            ),
        ),
        context={"groups": _groups(detail, "participation_id", (Role.TEACHER, Role.PROFESSIONAL)), "gone": _GONE},
    )


async def _rounds(doing: Doing) -> None:
    held = text_of(doing.posted, "held", 3)
    if not held.isdecimal():
        raise Unclear({"held": _HOW_MANY.to(doing.language)})
    known = {person.participation_id for person in doing.detail.people}
    gone = [one for one in doing.posted.fields.get("gone", []) if one in known]
    try:
        await make_anew(
            doing.visitor.runtime,
            doing.activity_id,
            held=int(held),
            gone=gone,
            now=doing.now,
            actor=doing.actor,
        )
    except CannotPair as error:
        raise Unclear({"gone": error.to(doing.language)}) from None


async def _pair_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or not detail.pairs or detail.line.status in ENDED:
        return None
    return Small(
        title=Text(nl="Maak een koppel", en="Make a pair"),
        button=Text(nl="Maak het koppel", en="Make the pair"),
        happens=(
            Text(
                nl="Zijn de koppels al gevraagd, dan krijgen deze twee de vraag meteen.",
                en="If the pairs have been asked already, these two are asked at once.",
            ),
        ),
        context={
            "teachers_free": _groups(detail, "person_id", (Role.TEACHER,)),
            "professionals_free": _groups(detail, "person_id", (Role.PROFESSIONAL,)),
        },
    )


async def _pair(doing: Doing) -> None:
    chosen = [doing.posted.one(name) for name in ("teacher", "professional")]
    if not all(chosen):
        raise Unclear({"teacher": _WHO.to(doing.language)})
    await pair_by_hand(doing.visitor.runtime, doing.activity_id, *map(str, chosen), now=doing.now, actor=doing.actor)


async def _apart_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    pair = next((one for one in detail.pairs if str(one.number) == target and one.state in LIVE), None)
    if pair is None or detail.line.status in ENDED:
        return None
    names = " – ".join(pair.people)
    return Small(
        title=Text(nl=f"Haal uit elkaar: {names}", en=f"Take apart: {names}"),
        button=Text(nl="Haal uit elkaar", en="Take apart"),
        happens=(
            Text(
                nl="Wat hun gevraagd is, vervalt. Zij horen niet waarom.",
                en="What they were asked falls away. They do not hear why.",
            ),
        ),
        is_danger=True,
    )


async def _apart(doing: Doing) -> None:
    await take_pair_apart(doing.visitor.runtime, doing.activity_id, int(doing.target), now=doing.now, actor=doing.actor)


def _groups(detail: ActivityDetail, key: str, roles: Iterable[Role]) -> list[Mapping[str, Any]]:
    """Return the people of some roles as a field shows them to choose from, by where they work."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for person in detail.people:
        if person.role in tuple(roles) and person.is_active:
            found.setdefault(person.place or "", []).append(_choice(person, key))
    return [{"name": place, "people": people} for place, people in found.items()]


def _choice(person: PersonLine, key: str) -> Mapping[str, Any]:
    return {"id": getattr(person, key), "name": person.name, "job": None}


MEETING = {
    "rounds": Action(_rounds_page, _rounds, "rounds.html", back_to="#rounds"),
    "pair": Action(_pair_page, _pair, "pair.html", back_to="#pairs"),
    "apart": Action(_apart_page, _apart, back_to="#pairs"),
}
"""What can be done about who meets whom, by the first part of its address behind the activity's."""
