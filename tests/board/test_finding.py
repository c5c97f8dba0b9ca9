"""Looking for activities on the board."""

import pytest

from tests.board.test_board import silent_host
from tests.support.browser import Browser
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

TITLE = "Prefab bouwen bij Korteweg"
NONE = "Geen activiteit past hierbij"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=prefab", True),
        ("q=KORTEWEG+bouwen", True),
        ("q=Koen", True),  # who takes part
        ("q=bouwbedrijf", True),  # the company
        ("q=lasrobot", False),
        ("q=prefab+lasrobot", False),
        ("q=%25", False),  # no wildcard of the database's
        ("q=_", False),
        ("kind=company-visit&place=before", True),
        ("kind=dot", False),
        ("place=after", False),
        ("place=nowhere&kind=", True),  # what nobody can mean is left out
        ("hand=yes", False),
        ("q=" + "%20".join(["a"] * 50), True),
        ("q=%00%E2%80%AEprefab", True),
    ],
)
async def test_activities_are_found_by_what_is_asked(jolanda: Browser, visit: Visit, asked: str, found: bool) -> None:
    page = await jolanda.open(f"/board?{asked}")

    assert jolanda.status == 200
    assert (TITLE in page.text) == found
    assert (NONE in page.text) != found


async def test_nothing_found_shows_the_way_out_and_keeps_what_was_typed(jolanda: Browser, visit: Visit) -> None:
    page = await jolanda.open("/board?q=%3Cb%3Elasrobot&kind=company-visit")

    assert NONE in page.text
    assert 'value="&lt;b&gt;lasrobot"' in page.html
    assert ("/board", "Toon alles") in page.links
    other = next(address for address, words in page.links if words == "afgerond en geannuleerd")
    page = await jolanda.open(other.replace("&amp;", "&"))
    assert NONE in page.text
    assert 'value="&lt;b&gt;lasrobot"' in page.html


async def test_what_needs_a_hand_is_found_with_its_call(jolanda: Browser, visit: Visit) -> None:
    await silent_host(visit, visit.runtime)

    page = await jolanda.open("/board?hand=yes&q=korteweg")
    assert "Bel Koen Korteweg" in page.text
    page = await jolanda.open("/board?q=lasrobot")
    assert "Bel Koen Korteweg" not in page.text
