"""The people of a rehearsal, made up from what a playbook needs: whom it asks or tells, in schools and companies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.draft import ActivityDraft
from models.draft import Span as DraftSpan
from models.playbook import Playbook
from models.region import CompanyEntry, PersonEntry, RegionFile, SchoolEntry
from models.roles import HOST_ROLES, OUTSIDE, Host, Role
from models.steps import Capability, Step
from models.tables.network import Channel, HolidayRegion
from models.text import Language
from sandwich.errors import BadInput
from sandwich.rehearsal.installation import DOMAIN
from sandwich.rehearsal.tempers import DEPENDED_ON, Temper, tempers
from sandwich.rules.calendar import Calendar

BEGINS = date(2026, 9, 21)
"""The day on which every rehearsal begins, a Monday: the same each time, and holidays of that school year are known."""

MOST_PEOPLE = 200
"""How many teachers a rehearsal can have."""

_AS_USUAL = 6
_DAY_BEGINS, _AFTERNOON = time(9), time(13, 30)
_LONGEST_AFTERNOON = 4

_GIVEN = ("Aisha", "Bram", "Carlijn", "Dirk", "Eva", "Farid", "Greet", "Henk", "Iris", "Joost", "Kim", "Luuk", "Mila")
_FAMILY = (
    "Aerts",
    "Bakels",
    "Cuperus",
    "Dekkers",
    "Engels",
    "Franken",
    "Geerts",
    "Hoeks",
    "Idsinga",
    "Jorna",
    "Kuiper",
)

_LETTERS = {
    Role.COORDINATOR: "C",
    Role.TEACHER: "T",
    Role.HOST_CONTACT: "H",
    Role.PROFESSIONAL: "P",
    Role.MENTOR: "M",
    Role.COACH: "D",
    Role.REVIEWER: "V",
    Role.EMPLOYER: "E",
    Role.SCHOOL_LEADER: "L",
    Role.TIMETABLER: "R",
}
"""How people of a role are called: T1, T2, …"""

_WITH_THE_REST = frozenset({Role.DEPUTY, Role.TRIP_LEADER, Role.COLLEAGUES, *OUTSIDE})
"""Roles that need nobody of their own: a second coordinator is optional, others come with teachers, or by a wall."""

_ONE_OF_THE_TEACHERS = frozenset({Role.CHAIR})


@dataclass(frozen=True)
class Player:
    """Somebody who takes part, by code, and how they take what they are asked."""

    code: str
    role: Role
    temper: Temper
    entry: PersonEntry


@dataclass(frozen=True)
class Cast:
    """Everybody, and the region that they live in."""

    players: Mapping[str, Player]
    region: RegionFile

    def of(self, role: Role) -> tuple[str, ...]:
        """Return the codes of the people who were made for a role."""
        return tuple(player.code for player in self.players.values() if player.role is role)

    def dead(self) -> frozenset[str]:
        """Return the addresses that do not exist."""
        gone = (player.entry for player in self.players.values() if player.temper is Temper.BOUNCE)
        return frozenset(entry.mail for entry in gone if entry.mail)

    def codes(self) -> dict[str, str]:
        """Return the code of everybody who can get mail, by address."""
        lists = {school.colleagues: f"{school.code}-colleagues" for school in self.region.schools if school.colleagues}
        return {entry.mail: entry.code for entry in self.region.people if entry.mail} | lists


def roles_of(steps: Iterable[Step]) -> frozenset[Role]:
    """Return the roles of everybody whom steps ask something."""
    return frozenset(ask.to for step in steps for ask in step.asks)


def cast_for(playbook: Playbook, steps: Sequence[Step], people: int | None, *, willing: bool = False) -> Cast:
    """Make up the people for a playbook whose steps, with those of its parts, are ``steps``.

    ``people`` is the number of teachers; raises ``BadInput`` where the kind is meant for fewer or more. When
    ``willing`` everybody answers early.
    """
    group = playbook.parameters.group
    usual = max(group.minimum, min(group.maximum, max(_AS_USUAL, group.minimum + 2)))
    number = usual if people is None else people
    if not group.minimum <= number <= min(group.maximum, MOST_PEOPLE):
        raise BadInput(
            f"{playbook.title.en} is meant for {group.minimum} to {group.maximum} teachers. "
            "Give --people such a number.",
            f"{playbook.title.nl} is bedoeld voor {group.minimum} tot {group.maximum} docenten. "
            "Geef --people zo'n getal.",
        )
    making = _Making(willing=willing)
    making.add(Role.COORDINATOR, [Temper.EARLY])
    making.add(Role.TEACHER, tempers(number, group.minimum))
    if playbook.parameters.host is not Host.NOBODY:
        making.add(Role.HOST_CONTACT, [DEPENDED_ON[0]])
    for role in sorted(roles_of(steps), key=list(Role).index):
        if role in making.made or role in _WITH_THE_REST | _ONE_OF_THE_TEACHERS:
            continue
        if role is Role.PROFESSIONAL:
            making.add(role, _professionals(playbook, number))
        elif role not in {Role.SCHOOL_LEADER, Role.TIMETABLER}:
            making.add(role, [DEPENDED_ON[len(making.made) % 2]])
    making.add(Role.SCHOOL_LEADER, [Temper.EARLY, Temper.LATE])
    making.add(Role.TIMETABLER, [Temper.EARLY])
    return making.cast(at_school=playbook.parameters.host is Host.SCHOOL)


def _professionals(playbook: Playbook, teachers: int) -> list[Temper]:
    """Return the professionals: as many as the kind wants and two more, or one for each teacher who wants a partner."""
    wanted = playbook.parameters.professionals
    if wanted is not None:
        number = min(wanted.maximum, wanted.minimum + 2)
        return tempers(number, wanted.minimum)
    pairs = any(step.does is Capability.PROPOSE_PAIRS for step in playbook.steps)
    return tempers(teachers, teachers) if pairs else [Temper.LATE]


class _Making:
    """People who are being made up, with names from two lists of different length."""

    def __init__(self, *, willing: bool) -> None:
        self.willing = willing
        self.made: dict[Role, list[Temper]] = {}

    def add(self, role: Role, wanted: Sequence[Temper]) -> None:
        """Add people in a role."""
        self.made[role] = [Temper.EARLY] * len(wanted) if self.willing else list(wanted)

    def cast(self, *, at_school: bool) -> Cast:
        """Return everybody: teachers of two schools, hosts of a third school or of a company."""
        players: dict[str, Player] = {}
        for role, made in self.made.items():
            for place, temper in enumerate(made, start=1):
                entry = self._entry(role, place, temper, len(players), at_school=at_school)
                players[entry.code] = Player(entry.code, role, temper, entry)
        return Cast(players, _region([player.entry for player in players.values()]))

    def _entry(self, role: Role, place: int, temper: Temper, number: int, *, at_school: bool) -> PersonEntry:
        code = f"{_LETTERS.get(role, role.value[0].upper())}{place}"
        school = company = None
        if role is Role.HOST_CONTACT and at_school:
            school = "S3"
        elif role in HOST_ROLES:
            company = "B1" if role in {Role.HOST_CONTACT, Role.MENTOR} else f"B{1 + place}"
        elif role in {Role.TEACHER, Role.REVIEWER, Role.SCHOOL_LEADER, Role.TIMETABLER}:
            school = f"S{1 + (place - 1) % 2}"
        return PersonEntry(
            code=code,
            given=_GIVEN[number % len(_GIVEN)],
            family=_FAMILY[number % len(_FAMILY)],
            school=school,
            company=company,
            mail=f"{code.lower()}@{DOMAIN}",
            phone=f"06-{number:08}",
            coordinator=role is Role.COORDINATOR,
            school_leader=role is Role.SCHOOL_LEADER,
            timetabler=role is Role.TIMETABLER,
            channel=Channel.PHONE if temper is Temper.PHONE else Channel.MAIL,
            language=Language.ENGLISH if place % 3 == 2 and role is not Role.COORDINATOR else Language.DUTCH,
        )


def _region(people: Sequence[PersonEntry]) -> RegionFile:
    regions = (HolidayRegion.MIDDLE, HolidayRegion.SOUTH, HolidayRegion.MIDDLE)
    companies = sorted({"B1", *(entry.company for entry in people if entry.company)})
    return RegionFile(
        code="rehearsal",
        name="Repetitie",
        schools=tuple(
            SchoolEntry(
                code=f"S{number}",
                name=f"School {number}",
                holiday_region=region,
                colleagues=f"s{number}-colleagues@{DOMAIN}",
                weeks_between_digests=0,  # so that a timeline shows the mail beside the step that it belongs to
            )
            for number, region in enumerate(regions, start=1)
        ),
        companies=tuple(
            CompanyEntry(code=code, name=f"Bedrijf {code[1:]}", address=f"Werkweg {code[1:]}, Griendhaven")
            for code in companies
        ),
        people=tuple(people),
    )


def draft_for(playbook: Playbook, steps: Sequence[Step], cast: Cast, calendar: Calendar) -> ActivityDraft:
    """Return the activity that is rehearsed: with a week more than its kind wants beforehand, outside holidays."""
    host = playbook.parameters.host
    dates = _dates(playbook, calendar)
    asks_for_date = any(step.does is Capability.CONFIRM_DATE for step in playbook.steps)
    wants_host = Role.HOST_CONTACT in cast_roles(cast)
    teachers = cast.of(Role.TEACHER)
    others = {role: cast.of(role) for role in cast_roles(cast) if role not in _BY_THEMSELVES}
    if _ONE_OF_THE_TEACHERS & roles_of(steps):
        others[Role.CHAIR] = teachers[:1]
    return ActivityDraft(
        kind=playbook.key,
        variant=playbook.variant,
        title=playbook.title.nl,
        purpose=playbook.purposes[0],
        company="B1" if wants_host and host is not Host.SCHOOL else None,
        coordinator="C1",
        hosts=cast.of(Role.HOST_CONTACT),
        teachers=teachers,
        others=others,
        dates=dates if asks_for_date else dates[:1],
        place="Werkweg 1, Griendhaven",
    )


_BY_THEMSELVES = frozenset({Role.COORDINATOR, Role.TEACHER, Role.HOST_CONTACT, Role.SCHOOL_LEADER, Role.TIMETABLER})
"""Roles that have a place of their own in a draft, or that come with the teachers' schools."""


def cast_roles(cast: Cast) -> list[Role]:
    """Return the roles for which somebody was made, in order."""
    return list(dict.fromkeys(player.role for player in cast.players.values()))


def _dates(playbook: Playbook, calendar: Calendar) -> tuple[DraftSpan, DraftSpan]:
    """Return two Thursdays on which everybody works, a week apart at the least."""
    found: list[DraftSpan] = []
    hours = playbook.parameters.hours
    day = BEGINS + timedelta(weeks=playbook.parameters.lead_weeks, days=3 + 7)
    while len(found) < 2:
        if calendar.is_working(day):
            start = datetime.combine(day, _AFTERNOON if hours <= _LONGEST_AFTERNOON else _DAY_BEGINS)
            found.append(DraftSpan(start=start, end=start + timedelta(hours=hours)))
        day += timedelta(weeks=1)
    return found[0], found[1]


def begins_at(zone: ZoneInfo) -> datetime:
    """Return the moment at which a rehearsal begins."""
    return datetime.combine(BEGINS, time(9), zone)
