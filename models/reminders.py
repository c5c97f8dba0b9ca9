"""Ladders of reminders."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from models.moments import Unit
from models.text import Definition, Key, Misfit


class Ending(StrEnum):
    """What happens when the last rung of a ladder of reminders is passed without an answer."""

    CALL = "call"  # the coordinator gets a call to make
    CLOSE = "close"  # the form closes softly: still accepted, nobody is asked again
    NOTHING = "nothing"


class ReminderProfile(Definition):
    """A ladder of reminders: after how many days each goes out, and what comes then (field rule 9)."""

    key: Key
    code: str
    unit: Unit
    reminders: tuple[int, ...] = Field(max_length=2)
    ends: int | None = Field(default=None, ge=1)
    ending: Ending = Ending.NOTHING
    before_hard_deadline: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        rungs = (*self.reminders, *((self.ends,) if self.ends else ()))
        if list(rungs) != sorted(set(rungs)) or any(rung < 1 for rung in rungs):
            raise Misfit(
                "reminders en ends zijn hele dagen, elk later dan die ervoor",
                "reminders and ends must be whole days, each later than the one before",
            )
        if (self.ending is Ending.NOTHING) != (self.ends is None):
            raise Misfit(
                "bij een ending hoort een dag (ends), en andersom",
                "an ending needs a day (ends), and the other way round",
            )
        return self


class Rhythms(Definition):
    """The file with what all kinds share (``playbooks/shared/reminders.yaml``)."""

    reminders: tuple[ReminderProfile, ...]
