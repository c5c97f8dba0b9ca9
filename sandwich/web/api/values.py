"""The values of which requests consist: exactly what the description says, and nothing that only looks like it."""

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints

from models.roles import Role
from models.text import Language
from sandwich.rules.answer_values import cleaned

ID = r"^[0-9a-z]{24}$"
KEY = r"^[a-z0-9][a-z0-9_-]*$"
_MINUTE = r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9](:00)?(Z|[+-][01][0-9]:[0-5][0-9])?$"
_DAY = r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$"


def _is_moment(value: str) -> str:
    datetime.fromisoformat(value)
    return value


def _is_day(value: str) -> str:
    date.fromisoformat(value)
    return value


Id = Annotated[str, StringConstraints(pattern=ID)]
Key = Annotated[str, StringConstraints(pattern=KEY, max_length=64)]
Said = Annotated[str, StringConstraints(max_length=1000), AfterValidator(cleaned)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(cleaned)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(cleaned)]
Moment = Annotated[
    str,
    StringConstraints(pattern=_MINUTE),
    AfterValidator(_is_moment),
    Field(description="ISO 8601, to the minute; without an offset it is local time", examples=["2026-11-05T13:30"]),
]
Day = Annotated[str, StringConstraints(pattern=_DAY), AfterValidator(_is_day), Field(examples=["2026-11-05"])]
Yes = Annotated[bool, Strict()]
Count = Annotated[int, Strict()]
Mark = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{1,64}$"), Field(description="what a look answered")]

AnId = Path(pattern=ID, examples=["4tz0m6w9x2b8hq5cdk7gnrpv"])
ActivityId = Annotated[str, AnId]
OtherId = Annotated[str, AnId]
Subject = Annotated[str, Path(pattern=KEY, max_length=64)]
Search = Annotated[str, Query(max_length=100, description="words that are looked for"), AfterValidator(cleaned)]


class Body(BaseModel):
    """What a program sends: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Times(Body):
    """When people meet: begin and end on one day."""

    start: Moment
    end: Moment


class Newcomer(Body):
    """Somebody who is not known yet; reachable by mail or by phone, at a school or at a company."""

    given_name: Words
    infix: Words | None = None
    family_name: Words
    mail: Words | None = None
    phone: Words | None = None
    school: Id | None = None
    company: Id | None = None
    language: Language | None = None

    def fields(self) -> dict[str, list[str]]:
        """Return the fields of the board's form."""
        typed = {
            "given": self.given_name,
            "infix": self.infix,
            "family": self.family_name,
            "mail": self.mail,
            "phone": self.phone,
            "school": self.school,
            "company": self.company,
            "language": self.language,
        }
        return {f"new-{name}": [value] for name, value in typed.items() if value}


def rows(meetings: tuple[Times, ...], zone: ZoneInfo) -> dict[str, list[str]]:
    """Return meetings as the rows of a form: local day, begin and end."""
    found: dict[str, list[str]] = {}
    for number, meeting in enumerate(meetings, start=1):
        begins, ends = _local(meeting.start, zone), _local(meeting.end, zone)
        found |= {f"date-{number}": [f"{begins:%Y-%m-%d}"], f"from-{number}": [f"{begins:%H:%M}"]}
        # An end on another day than the begin stands there as what it would be: before the begin, which is refused.
        found[f"to-{number}"] = [f"{ends:%H:%M}" if ends.date() == begins.date() else "00:00"]
    return found


def _local(value: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo is None else moment.astimezone(zone)


def of_roles(others: dict[Role, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return people by role as the fields of a form."""
    return {f"others-{role}": list(people) for role, people in others.items()}


def plainly(values: dict[str, Any]) -> dict[str, list[str]]:
    """Return plain values as the fields of a form: a yes where it is true, nothing where it is not said."""
    found: dict[str, list[str]] = {}
    for name, value in values.items():
        if isinstance(value, bool):
            found[name] = ["yes"] if value else []
        elif isinstance(value, list | tuple):
            found[name] = [str(one) for one in value]
        elif value is not None:
            found[name] = [str(value)]
    return found
