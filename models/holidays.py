"""The file with a school year's holidays, as it is written down."""

from datetime import date
from typing import Self

from pydantic import model_validator

from models.tables.calendar import BlockKind
from models.tables.network import HolidayRegion
from models.text import Definition, Misfit


class FreeDays(Definition):
    """A run of free days, first and last included; without ``regions`` for the whole country."""

    name: str
    kind: BlockKind
    first: date
    last: date
    regions: tuple[HolidayRegion, ...] = ()

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.last < self.first:
            raise Misfit("{name} eindigt voor het begint", "{name} ends before it begins", name=self.name)
        return self


class HolidayFile(Definition):
    """All free days of a school year that are not one school's own."""

    days: tuple[FreeDays, ...]
