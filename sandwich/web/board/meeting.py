"""What a coordinator does about who meets whom: a pair by hand or apart, and the remaining rounds anew."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from models.roles import Role
from models.tables.pairing import LIVE
from models.text import Language, Text
from sandwich.rules.evening import NEVER, Pair, Stay
from sandwich.rules.pairing_errors import CannotPair
from sandwich.services.detail_views import ActivityDetail, PersonLine
from sandwich.services.overview import ENDED
from sandwich.services.pair_steering import pair_by_hand, take_pair_apart
from sandwich.services.room_plan import RoundSeen, proof_of, stay_words
from sandwich.services.rounds import make_anew
from sandwich.web.board.small import Action, Doing, Small, Unclear, text_of
from sandwich.web.session import Visitor

_STAY = re.compile(r"([1-9]\d?)-(\d{0,2})")
_FROM_LIST = Text(nl="Kies uit de lijst.", en="Choose from the list.")
_HOW_MANY = Text(
    nl="Vul in hoeveel rondes er geweest zijn, zoals 2.", en="Fill in how many rounds have been, such as 2."
)
_ROUND = Text(nl="Ronde {number}", en="Round {number}")
_SIDES = (Role.TEACHER, Role.PROFESSIONAL)
_NOW = Text(nl="De rondes van nu. {proof}", en="The rounds as they are. {proof}")
_WHO = Text(nl="Kies een docent en een professional.", en="Choose a teacher and a professional.")


async def _rounds_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or not detail.rounds or detail.line.status in ENDED:
        return None
    now = await visitor.runtime.clock.now()
    stays = {f"stay-{one.participation_id}": [_written(one.stay)] for one in detail.staying}
    async with visitor.runtime.store.read() as session:
        proof = await proof_of(session, detail.line.id)
    return Small(
        title=Text(nl="Maak de rest van de rondes opnieuw", en="Make the remaining rounds anew"),
        button=Text(nl="Maak ze opnieuw", en="Make them anew"),
        happens=(
            Text(nl="Niemand spreekt iemand twee keer.", en="Nobody meets anybody twice."),
            Text(
                nl="Iedereen ziet de nieuwe rondes op de eigen pagina; er gaat geen mail uit.",
                en="Everybody sees the new rounds on their own page; no mail leaves.",
            ),
            *(() if proof is None else (_NOW.filled(proof=proof),)),
        ),
        typed={"held": [str(sum(one.at <= now for one in detail.rounds))], **stays},
        context={
            "staying": detail.staying,
            "choices": {one.participation_id: _choices(one.stay, len(detail.rounds)) for one in detail.staying},
            "talks": [_talks(detail, one, visitor.who.language) for one in detail.rounds if one.at <= now],
        },
    )


async def _rounds(doing: Doing) -> None:
    held = text_of(doing.posted, "held", 3)
    problems = {} if held.isdecimal() else {"held": _HOW_MANY.to(doing.language)}
    stays = {}
    for one in doing.detail.staying:
        said = doing.posted.one(f"stay-{one.participation_id}") or _written(one.stay)
        read = _STAY.fullmatch(said)
        if read is None:
            problems[f"stay-{one.participation_id}"] = _FROM_LIST.to(doing.language)
        elif said != _written(one.stay):
            stays[one.participation_id] = (int(read[1]), int(read[2]) if read[2] else None)
    talks = {_talk(pair): pair for one in doing.detail.rounds for pair in one.pairs}
    lost = [value for value in doing.posted.fields.get("lost", []) if value]
    if not talks.keys() >= set(lost):
        problems["lost"] = _FROM_LIST.to(doing.language)
    if problems:
        raise Unclear(problems)
    try:
        await make_anew(
            doing.visitor.runtime,
            doing.activity_id,
            held=int(held),
            stays=stays,
            fell_through=[talks[value] for value in lost],
            now=doing.now,
            actor=doing.actor,
        )
    except CannotPair as error:
        raise Unclear({"page": error.to(doing.language)}) from None


def _talks(detail: ActivityDetail, one: RoundSeen, language: Language) -> Mapping[str, Any]:
    """Return the talks of a round as a field shows them to choose from."""
    names = {person.participation_id: person.name for person in detail.people}
    talks = [{"id": _talk(pair), "name": " – ".join(names[key] for key in pair), "job": None} for pair in one.pairs]
    return {"name": _ROUND.filled(number=one.number).to(language), "people": talks}


def _talk(pair: Pair) -> str:
    """Return a talk as the value of an option."""
    return ":".join(pair)


def _choices(stay: Stay, rounds: int) -> list[tuple[str, Text]]:
    """Return what can be said of somebody, as the value of an option and in words; what is so now among them."""
    stays: list[Stay] = [
        (1, None),
        NEVER,
        *((1, last) for last in range(1, rounds)),
        *((first, None) for first in range(2, rounds + 1)),
    ]
    return [(_written(one), stay_words(one)) for one in (stays if stay in stays else [*stays, stay])]


def _written(stay: Stay) -> str:
    """Return a stay as the value of an option: ``3-`` from round 3 on, ``1-4`` up to round 4."""
    first, last = stay
    return f"{first}-{'' if last is None else last}"


async def _pair_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or not detail.pairs or detail.line.status in ENDED:
        return None
    return Small(
        title=Text(nl="Maak een koppel", en="Make a pair"),
        button=Text(nl="Maak het koppel", en="Make the pair"),
        happens=(
            Text(
                nl="Zijn de koppels al gevraagd, dan krijgen deze twee de vraag meteen; wie al ja zei niet.",
                en="If the pairs have been asked already, these two are asked at once; who said yes already is not.",
            ),
        ),
        context={
            "teachers_free": _groups(detail, "person_id", (Role.TEACHER,)),
            "professionals_free": _groups(detail, "person_id", (Role.PROFESSIONAL,)),
            "sides": _SIDES,
        },
    )


async def _pair(doing: Doing) -> None:
    chosen = [doing.posted.one(name) for name in ("teacher", "professional")]
    if not all(chosen):
        raise Unclear({"teacher": _WHO.to(doing.language)})
    await pair_by_hand(
        doing.visitor.runtime,
        doing.activity_id,
        *map(str, chosen),
        said_yes=[role for role in _SIDES if role.value in doing.posted.fields.get("said-yes", [])],
        now=doing.now,
        actor=doing.actor,
    )


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
