"""The people of an activity: add, replace, withdraw."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import NewPerson, PersonRef
from models.roles import HOST_ROLES, Host, Role
from models.tables.activities import ANSWERABLE, Participation, Standing
from models.text import Language, Text
from sandwich import labels
from sandwich.mail.address import is_address
from sandwich.services import steer
from sandwich.services.call_words import CallAction
from sandwich.services.candidates import Candidates, Group, candidates
from sandwich.services.cool_down import Asking, StillCooling
from sandwich.services.detail_views import ActivityDetail, PersonLine
from sandwich.services.joining import foresee_joining, in_words
from sandwich.services.leaving import said_of_replacement, said_of_withdrawal
from sandwich.services.loaded import Loaded, load
from sandwich.services.named import Named, named_in
from sandwich.services.overview import ENDED
from sandwich.web.board.small import Action, Doing, Foreseen, Small, Unclear, text_of
from sandwich.web.posted import Posted
from sandwich.web.session import Visitor

USUAL = (Role.TEACHER, Role.HOST_CONTACT, Role.SCHOOL_LEADER, Role.TRIP_LEADER, Role.DEPUTY, Role.TIMETABLER)
"""Roles in which people take part in every kind."""

OTHERS = (Role.PROFESSIONAL, Role.MENTOR, Role.EMPLOYER, Role.COACH, Role.CHAIR, Role.REVIEWER)
"""Roles besides those that every kind has."""

_FROM_ANYWHERE = frozenset({Role.COACH, Role.CHAIR, Role.REVIEWER})
"""Roles whose people may work at a school, at a company, or nowhere."""

AWAKE = {"cooling": (), "owners": ()}
"""What a page shows of companies that rest before anybody was chosen."""

FROM_LIST = Text(nl="Kies mensen uit de lijst.", en="Choose people from the list.")
_RESTS = Text(
    nl="Er is nog niets gevraagd: dit bedrijf is net gevraagd. Kies een ander, of zeg waarom je het toch vraagt.",
    en="Nothing was asked yet: this company was asked lately. Choose another, or say why you ask all the same.",
)
_ASK_ANYWAY = Text(nl="Vraag dit bedrijf toch", en="Ask this company all the same")


def asking_of(doing: Doing) -> Asking:
    """Return who asks, why it is now, and whether whoever keeps the contact said yes, as the page brought it."""
    return Asking(doing.actor, text_of(doing.posted, "why"), doing.posted.one("agrees") == "yes")


@contextmanager
def resting(doing: Doing, **context: str) -> Iterator[None]:
    """Show which companies rest before they are asked all the same; ``context`` is what the page showed already."""
    try:
        yield
    except StillCooling as error:
        owners = Asking(doing.actor).needs_owner(error.cooling)
        raise Foreseen((_RESTS,), _ASK_ANYWAY, cooling=error.cooling, owners=owners, **context) from None


async def read_candidates(visitor: Visitor) -> Candidates:
    """Read whom this coordinator can choose from."""
    async with visitor.runtime.store.read() as session:
        return await candidates(session, visitor.who.region_id)


async def _add_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    role = _role(target, detail)
    if role is None or detail.line.status in ENDED:
        return None
    found = await read_candidates(visitor)
    offer = _offer(role, detail, found)
    return Small(
        title=Text(nl=f"Voeg toe: {labels.ROLE[role].nl}", en=f"Add: {labels.ROLE[role].en}"),
        button=Text(nl="Voeg toe", en="Add"),
        happens=(
            Text(
                nl="Wie erbij komt, krijgt wat de anderen al gevraagd is in één mail.",
                en="Whoever is added gets in one mail what the others were asked before.",
            ),
        ),
        context={
            "groups": offer.groups,
            "inside": {one.person_id for one in detail.people if one.is_active and one.role is role},
            "schools": offer.schools,
            "companies": offer.companies,
            "roles": [(one.value, labels.ROLE[one], one is role) for one in _addable(detail)],
            **AWAKE,
            "problem_at": "person",
        },
    )


def _addable(detail: ActivityDetail) -> tuple[Role, ...]:
    """Return the roles in which a coordinator adds people: the usual ones, and those that this kind asks."""
    return (*USUAL, *(role for role in OTHERS if role in detail.asked))


def _role(target: str, detail: ActivityDetail) -> Role | None:
    # The page without a role is that of the teachers, whom most are added as.
    return next((role for role in _addable(detail) if role.value == (target or Role.TEACHER.value)), None)


async def _add(doing: Doing) -> None:
    role = _role(doing.target, doing.detail)
    assert role is not None  # its page was there
    chosen = [value for value in doing.posted.fields.get("person", []) if value]
    offer = _offer(role, doing.detail, await read_candidates(doing.visitor))
    if any(value not in {one.id for group in offer.groups for one in group.people} for value in chosen):
        raise Unclear({"person": FROM_LIST.to(doing.language)})
    new = read_new_person(doing.posted, doing.language)
    if not chosen and new is None:
        said = Text(nl="Kies iemand, of vul een nieuwe naam in.", en="Choose somebody, or fill in a new name.")
        raise Unclear({"person": said.to(doing.language)})
    refs: list[PersonRef] = [*chosen, *([new] if new else [])]
    runtime = doing.visitor.runtime
    joining = await foresee_joining(runtime, doing.activity_id, refs, role, now=doing.now)
    # Companies that rest are shown with the question why they are asked all the same.
    lines = in_words(replace(joining, resting=()), ZoneInfo(runtime.settings.timezone))
    seen = sha256("\n".join(line.nl for line in lines).encode()).hexdigest()
    if (joining.schools or joining.day_is_free or joining.busy) and doing.posted.one("seen") != seen:
        button = Text(nl="Voeg toch toe", en="Add all the same")
        if joining.schools:
            button = Text(nl="Voeg toe, met deze school erbij", en="Add, with this school")
        if joining.day_is_free:
            button = Text(nl="Voeg toch toe, al is het een vrije dag", en="Add all the same, though it is a free day")
        owners = asking_of(doing).needs_owner(joining.resting)
        raise Foreseen(lines, button, seen=seen, cooling=joining.resting, owners=owners)
    # What the page said of a free day was confirmed with its button.
    with resting(doing, seen=seen):
        await steer.add_people(
            runtime,
            doing.activity_id,
            refs,
            role,
            now=doing.now,
            actor=doing.actor,
            in_holiday=True,
            asking=asking_of(doing),
        )


async def _replace_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    # Somebody who has left can be replaced too: the place that fell open is what is filled.
    person = next((one for one in detail.people if one.participation_id == target), None)
    if person is None or person.standing is Standing.REPLACED or detail.line.status in ENDED:
        return None
    found = await read_candidates(visitor)
    offer = _offer(person.role, detail, found)
    inside = {one.person_id for one in detail.people if one.is_active and one.role is person.role}
    named = await _named(visitor, detail, target)
    return Small(
        title=Text(nl=f"Vervang {person.name}", en=f"Replace {person.name}"),
        button=Text(nl="Vervang", en="Replace"),
        lead=_who_was_named(person, named) if named else None,
        typed=_filled_in(person, named, offer.groups, inside, found) if named else {},
        happens=await _said_of(visitor, detail, target, said_of_replacement),
        context={
            "groups": offer.groups,
            "inside": inside,
            "schools": offer.schools,
            "companies": offer.companies,
            "problem_at": "person",
            **AWAKE,
        },
    )


async def _said_of(
    visitor: Visitor,
    detail: ActivityDetail,
    seat: str,
    said: Callable[[AsyncSession, Loaded, Participation, datetime], Awaitable[tuple[Text, ...]]],
) -> tuple[Text, ...]:
    runtime = visitor.runtime
    async with runtime.store.read() as session:
        loaded = await load(session, runtime.settings.timezone, detail.line.id)
        return await said(session, loaded, loaded.participation(seat), await runtime.clock.now())


async def _named(visitor: Visitor, detail: ActivityDetail, seat: str) -> Named | None:
    """Return whom the newest answer about this place names."""
    calls = [call for call in detail.calls if call.seat == seat and call.action is CallAction.REPLACE]
    async with visitor.runtime.store.read() as session:
        for call in sorted(calls, key=lambda call: call.since, reverse=True):
            if call.submission_id and (named := await named_in(session, call.submission_id)):
                return named
    return None


def _who_was_named(person: PersonLine, named: Named) -> Text:
    whom = ", ".join(part for part in (named.name, named.mail) if part)
    return Text(
        nl=f"{person.name} noemde: {whom}. Dat staat al ingevuld; kijk of het klopt.",
        en=f"{person.name} named: {whom}. It is filled in already; see whether it is right.",
    )


def _filled_in(
    person: PersonLine, named: Named, groups: Sequence[Group], inside: set[str], found: Candidates
) -> dict[str, list[str]]:
    """Return the fields with somebody who was named: chosen from the list, or as somebody new at the same place."""
    offered = {one.id for group in groups for one in group.people} - inside
    if already := sorted(named.known & offered):
        return {"person": [already[0]]}
    typed = {"given": named.given, "infix": named.infix, "family": named.family, "mail": named.mail}
    places = {"school": found.schools, "company": found.companies}
    typed |= {kind: one.id for kind, known in places.items() for one in known if one.name == person.place}
    return {f"new-{name}": [value] for name, value in typed.items() if value}


@dataclass(frozen=True)
class _Offer:
    """Whom a page offers to choose from, and where somebody new may work."""

    groups: Sequence[Group]
    schools: Sequence[Group]
    companies: Sequence[Group]


def _offer(role: Role, detail: ActivityDetail, found: Candidates) -> _Offer:
    """Return who can be chosen in a role: whoever receives for a school works at a school."""
    is_of_school = role is Role.HOST_CONTACT and detail.receives is Host.SCHOOL
    is_host = role in HOST_ROLES and not is_of_school
    groups = found.staff if is_of_school else _groups_for(role, found)
    return _Offer(
        groups=[group for group in groups if group.people],
        schools=() if is_host else found.schools,
        companies=found.companies if is_host or role in _FROM_ANYWHERE else (),
    )


def _groups_for(role: Role, found: Candidates) -> Sequence[Group]:
    if role in HOST_ROLES:
        return found.companies
    if role is Role.SCHOOL_LEADER:
        return found.leaders
    if role is Role.TIMETABLER:
        return found.timetablers
    if role in {Role.COORDINATOR, Role.DEPUTY}:
        return (Group("", "", found.coordinators),)
    if role in _FROM_ANYWHERE:
        return (Group("", "", found.independent), *found.companies, *found.staff)
    return found.schools


async def _replace(doing: Doing) -> None:
    chosen = doing.posted.one("person")
    new = read_new_person(doing.posted, doing.language)
    if chosen and chosen not in (await read_candidates(doing.visitor)).ids():
        raise Unclear({"person": Text(nl="Kies iemand uit de lijst.", en="Choose from the list.").to(doing.language)})
    ref = chosen or new
    if not ref:
        said = Text(nl="Kies iemand, of vul een nieuwe naam in.", en="Choose somebody, or fill in a new name.")
        raise Unclear({"person": said.to(doing.language)})
    with resting(doing):
        await steer.replace(
            doing.visitor.runtime, doing.target, ref, now=doing.now, actor=doing.actor, asking=asking_of(doing)
        )


async def _withdraw_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    person = next((one for one in detail.people if one.participation_id == target), None)
    if person is None or person.standing not in ANSWERABLE or detail.line.status in ENDED:
        return None
    if person.role in HOST_ROLES - {Role.PROFESSIONAL}:  # without them there is nothing to go to: somebody takes over
        return None
    return Small(
        title=Text(nl=f"Meld {person.name} af", en=f"Withdraw {person.name}"),
        button=Text(nl="Meld af", en="Withdraw"),
        happens=await _said_of(visitor, detail, target, said_of_withdrawal),
    )


async def _withdraw(doing: Doing) -> None:
    await steer.withdraw(doing.visitor.runtime, doing.target, now=doing.now, actor=doing.actor)


def read_new_person(posted: Posted, language: Language) -> NewPerson | None:
    """Read somebody new from the fields ``new-…``; nothing typed is nobody. Raises :class:`Unclear`."""
    typed = {name: text_of(posted, f"new-{name}", 200) for name in _FIELDS}
    if not any(typed[name] for name in ("given", "infix", "family", "mail", "phone")):
        return None
    problems = {}
    for name, said in (("given", _GIVEN), ("family", _FAMILY)):
        if not typed[name]:
            problems[f"new-{name}"] = said.to(language)
    if typed["mail"] and not is_address(typed["mail"]):
        problems["new-mail"] = _ADDRESS.to(language)
    if not typed["mail"] and not typed["phone"]:
        problems["new-mail"] = _REACHED.to(language)
    if typed["language"] not in ("", *Language):
        problems["new-language"] = _LANGUAGE.to(language)
    if problems:
        raise Unclear(problems)
    try:
        return NewPerson(
            given_name=typed["given"],
            infix=typed["infix"] or None,
            family_name=typed["family"],
            mail=typed["mail"] or None,
            phone=typed["phone"] or None,
            school=typed["school"] or None,
            company=typed["company"] or None,
            language=Language(typed["language"] or Language.DUTCH),
        )
    except ValidationError:
        raise Unclear({"new-school": _ONE_PLACE.to(language)}) from None


_FIELDS = ("given", "infix", "family", "mail", "phone", "school", "company", "language")
_GIVEN = Text(nl="Vul de voornaam in.", en="Fill in the given name.")
_FAMILY = Text(nl="Vul de achternaam in.", en="Fill in the family name.")
_ADDRESS = Text(nl="Dit is geen mailadres. Schrijf het als naam@school.nl.", en="This is no mail address.")
_REACHED = Text(nl="Vul een mailadres of een telefoonnummer in.", en="Fill in a mail address or a phone number.")
_ONE_PLACE = Text(nl="Kies een school of een bedrijf, niet allebei.", en="Choose a school or a company, not both.")
_LANGUAGE = Text(nl="Kies Nederlands of Engels.", en="Choose Dutch or English.")

MEMBERS = {
    "people": Action(_add_page, _add, "people.html", back_to="#people"),
    "replace": Action(_replace_page, _replace, "replace.html", back_to="#people"),
    "withdraw": Action(_withdraw_page, _withdraw, back_to="#people"),
}
"""What can be done about people, by the first part of its address behind the activity's."""
