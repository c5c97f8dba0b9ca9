"""What a coordinator gives to start an activity: the file of ``sandwich start`` and the form on the board."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from models.roles import Role
from models.text import Definition, Key, Language, Misfit

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewPerson(Definition):
    """Somebody who is not known yet."""

    given_name: Words
    infix: Words | None = None
    family_name: Words
    mail: Words | None = None
    phone: Words | None = None
    school: Words | None = None
    company: Words | None = None
    job_title: Words | None = None
    language: Language = Language.DUTCH

    @model_validator(mode="after")
    def _belongs_somewhere(self) -> Self:
        if self.school and self.company:
            raise Misfit(
                "iemand hoort bij een school of bij een bedrijf, niet bij allebei. Houd een van de twee.",
                "a person belongs to a school or to a company, not to both. Keep one of the two.",
            )
        return self


PersonRef = Words | NewPerson
"""A person by code, mail address or id; or somebody new."""


class Span(Definition):
    """A contact moment in local time, without a time zone: ``start: 2026-11-05 13:30``."""

    start: datetime
    end: datetime

    @field_validator("start", "end")
    @classmethod
    def _is_local(cls, value: datetime) -> datetime:
        if value.tzinfo is not None:
            raise Misfit(
                "schrijf plaatselijke tijd, zonder tijdzone: 2026-11-05 13:30",
                "write local time, without a time zone: 2026-11-05 13:30",
            )
        return value

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.end <= self.start:
            raise Misfit(
                "het einde moet later zijn dan het begin. Controleer de tijden.",
                "the end must be later than the start. Check the times.",
            )
        return self


class ActivityDraft(Definition):
    """An activity before it starts. ``dates`` are the proposals to the host, the preferred one first.

    ``meetings`` are the contact moments after the first; without them they follow in the rhythm of the kind. They keep
    their distance when another proposal is chosen. Without ``hosts`` the known people of the company are asked,
    without ``school_leaders`` those of the teachers' schools; without a ``trip_leader`` the first teacher is one.
    ``others`` are people in further roles; ``follows`` is the id of the activity that this one came of.
    """

    kind: Key
    variant: Key | None = None
    title: Words
    purpose: Key
    company: Words | None = None
    coordinator: PersonRef
    deputy: PersonRef | None = None
    hosts: tuple[PersonRef, ...] = ()
    teachers: tuple[PersonRef, ...] = ()
    trip_leader: PersonRef | None = None
    school_leaders: tuple[PersonRef, ...] = ()
    follows: str | None = None
    others: dict[Role, tuple[PersonRef, ...]] = Field(default_factory=dict)
    dates: tuple[Span, ...] = Field(min_length=1, max_length=5)
    meetings: tuple[Span, ...] = Field(default=(), max_length=39)
    group_size: int | None = Field(default=None, ge=1, le=500)
    place: Words | None = None
