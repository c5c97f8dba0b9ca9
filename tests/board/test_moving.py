"""Moving on the board before the company chose a day."""

import pytest

from sandwich.runtime import Runtime
from tests.board.test_actions import at, new_date, read
from tests.support.browser import Browser
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("agreed", [True, False])
async def test_a_day_is_proposed_or_fixed_as_the_page_says(
    jolanda: Browser, runtime: Runtime, visit: Visit, agreed: bool
) -> None:
    page = await jolanda.open(at(visit, "/move"))
    assert "Er is nog geen dag gekozen." in page.text
    foreseen = await jolanda.send(page, "/move", new_date("2026-11-26") | ({"agreed": "yes"} if agreed else {}))
    said = "De datum staat daarna vast" if agreed else f"{visit.cast.name('P3')} krijgt het verzoek opnieuw."
    assert said in foreseen.text
    assert "Leerdoelen en andere antwoorden blijven staan." not in foreseen.text
    done = await jolanda.send(foreseen, "/move")
    assert ((await read(runtime, visit)).date_fixed_at is not None) is agreed
    assert ("De datum is verplaatst." if agreed else "Er zijn andere dagen voorgesteld.") in done.text
