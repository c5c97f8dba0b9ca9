"""The made-up region De Grienden, for the demo and the tests: from its file into the store."""

from datetime import datetime
from pathlib import Path

from models.region import PersonEntry, RegionFile
from models.rights import Office
from sandwich.definitions.load import load_file
from sandwich.runtime import Runtime
from sandwich.services.regions import enter_region

FILE = Path(__file__).with_name("de-grienden.yaml")

OFFICER = PersonEntry(
    code="G1",
    given="Anja",
    family="Molenaar",
    job="functionaris gegevensbescherming",
    mail="a.molenaar@sto-degrienden.example",
    offices=(Office.PRIVACY_OFFICER,),
)
"""Whom the demo has besides, so that somebody can look at it as a privacy officer."""


async def load_region(runtime: Runtime, now: datetime) -> str:
    """Write the region De Grienden, as :func:`enter_region` does."""
    return await enter_region(runtime, load_file(FILE, RegionFile), now, actor="region")


async def load_demo(runtime: Runtime, now: datetime) -> str:
    """Write the same with a privacy officer."""
    file = load_file(FILE, RegionFile)
    return await enter_region(runtime, file.model_copy(update={"people": (*file.people, OFFICER)}), now, actor="demo")
