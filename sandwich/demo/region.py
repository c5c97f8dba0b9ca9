"""The made-up region De Grienden, for the demo and the tests: from its file into the store."""

from datetime import datetime
from pathlib import Path

from models.region import RegionFile
from sandwich.definitions.load import load_file
from sandwich.runtime import Runtime
from sandwich.services.regions import enter_region

FILE = Path(__file__).with_name("de-grienden.yaml")


async def load_region(runtime: Runtime, now: datetime, *, actor: str = "region") -> str:
    """Write the region De Grienden, as :func:`enter_region` does."""
    return await enter_region(runtime, load_file(FILE, RegionFile), now, actor=actor)
