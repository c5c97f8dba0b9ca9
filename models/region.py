"""The file that describes a region with its schools, companies and people, as it is written down."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from models.rights import Office
from models.tables.calendar import BlockKind
from models.tables.network import Channel, HolidayRegion
from models.text import Definition, Key, Language, Misfit

Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""How a school, company or person is called in files and on the command line: ``S1``, ``B3``, ``T7``."""


class FreeDaysOfSchool(Definition):
    """Days that only this school has free (or, with kind ``open``, teaches)."""

    name: str
    kind: Literal[BlockKind.HOLIDAY, BlockKind.STUDY_DAY, BlockKind.OPEN]
    first: date
    last: date


class ClosedDaysOfCompany(Definition):
    """Days on which only this company is closed."""

    name: str
    kind: Literal[BlockKind.CLOSED] = BlockKind.CLOSED
    first: date
    last: date


class SchoolEntry(Definition):
    """A school; ``colleagues`` is the mail address of the list with everybody who works there.

    ``weeks_between_digests`` is how often they hear of new cards: 0 for each at once, 2 where it is not said.
    """

    code: Code
    name: str
    holiday_region: HolidayRegion
    colleagues: str | None = None
    weeks_between_digests: Annotated[int, Field(ge=0, le=52)] | None = None
    calendar: tuple[FreeDaysOfSchool, ...] = ()


class CompanyEntry(Definition):
    """A company or other organisation that can be a host; ``owner`` is the coordinator who keeps the contact."""

    code: Code
    name: str
    address: str
    tags: tuple[str, ...] = ()
    owner: Code | None = None
    calendar: tuple[ClosedDaysOfCompany, ...] = ()


class PersonEntry(Definition):
    """Somebody in the region; of a school, a company, or on their own. ``offices`` are what they are for the region."""

    code: Code
    given: str
    infix: str | None = None
    family: str
    job: str | None = None
    school: Code | None = None
    company: Code | None = None
    mail: str | None = None
    phone: str | None = None
    mail_is_shared: bool = False
    coordinator: bool = False
    school_leader: bool = False
    timetabler: bool = False
    offices: tuple[Office, ...] = ()
    channel: Channel = Channel.MAIL
    language: Language = Language.DUTCH


class RegionFile(Definition):
    """A whole region; the rate of an hour and the eligible costs of a school year are in euros."""

    code: Key
    name: str
    hourly_rate: float | None = None
    eligible_costs: float | None = None
    schools: tuple[SchoolEntry, ...]
    companies: tuple[CompanyEntry, ...]
    people: tuple[PersonEntry, ...]

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        schools, companies = ({one.code for one in group} for group in (self.schools, self.companies))
        people = {one.code for one in self.people}
        named = [(one.owner, people) for one in self.companies]
        named += [(one.school, schools) for one in self.people] + [(one.company, companies) for one in self.people]
        for code, known in named:
            if code is not None and code not in known:
                raise Misfit(
                    f"de code {code} wordt genoemd, maar staat nergens in dit bestand",
                    f"the code {code} is mentioned, but stands nowhere in this file",
                )
        return self
