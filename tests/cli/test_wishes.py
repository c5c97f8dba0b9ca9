"""Whoever starts an activity hears what its company said before about being asked, before anything leaves."""

import asyncio
from datetime import date

from sqlalchemy import select

from models.tables.network import Company
from sandwich.demo.play import ACTIVITY
from sandwich.runtime import open_runtime
from sandwich.settings import read_settings
from tests.cli.conftest import Run


def test_start_stops_at_a_company_that_wants_no_question_yet(small_installation: dict[str, str], here: Run) -> None:
    async def wish() -> None:
        runtime = open_runtime(read_settings(small_installation))
        try:
            async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
                company = (await session.scalars(select(Company).where(Company.code == "B3"))).one()
                company.ask_again_on = date(2027, 3, 1)
        finally:
            await runtime.close()

    asyncio.run(wish())
    refused = here(small_installation, "start", str(ACTIVITY))
    assert refused.code == 1
    assert "Bouwbedrijf Korteweg vroeg om tot 1 maart 2027 niets te vragen." in refused.err
    assert "Er is niets gevraagd." in refused.err
    started = here(small_installation, "start", str(ACTIVITY), "--reason", "Koen belde zelf")
    assert started.code == 0, "it is no lock"
    assert "Gestart:" in started.out
