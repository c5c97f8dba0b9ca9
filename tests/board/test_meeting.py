"""Pairs and rounds on the board: what there is, with its reasons, and what a coordinator changes."""

import re

import pytest

from models.tables.pairing import PairState
from sandwich.runtime import Runtime
from tests.services.test_pairs import offered, pairs_of
from tests.services.test_rounds import evening, met
from tests.support.browser import Browser
from tests.support.cast import Cast

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]


async def test_pairs_stand_there_with_reasons_and_are_changed_by_hand(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    play = await offered(runtime, cast)
    page = await jolanda.open(f"/board/{play.activity_id}")
    assert "De koppels" in page.text
    assert "gedeelde dagdelen 13/20 (maandag middag, maandag ochtend)" in page.text
    first = await pairs_of(play, PairState.OFFERED)
    [number] = re.findall(rf"/apart/(\d)\"[^>]*>Uit elkaar<span[^>]*>: {cast.name('T1')}", page.html)

    page = await jolanda.open(f"/board/{play.activity_id}/apart/{number}")
    assert "Zij horen niet waarom." in page.text
    await jolanda.send(page, f"/apart/{number}")
    assert "T1" not in await pairs_of(play, PairState.OFFERED)

    page = await jolanda.open(f"/board/{play.activity_id}/pair")
    page = await jolanda.send(page, "/pair", {"teacher": cast.id("T2"), "professional": cast.id(first["T1"])})
    assert "heeft al een partner" in page.text
    page = await jolanda.send(page, "/pair", {"teacher": "", "professional": cast.id(first["T1"])})
    assert "Kies een docent en een professional." in page.text
    await jolanda.send(page, "/pair", {"teacher": cast.id("T1"), "professional": cast.id(first["T1"])})
    assert (await pairs_of(play, PairState.OFFERED))["T1"] == first["T1"]


async def test_during_the_evening_the_rest_is_made_anew_with_one_tick(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    play = await evening(runtime, cast, "2027-02-04 15:55")
    before = await met(play)
    page = await jolanda.open(f"/board/{play.activity_id}")
    assert "2, 15:42" in page.text
    page = await jolanda.open(f"/board/{play.activity_id}/rounds")
    page = await jolanda.send(page, "/rounds", {"held": "two"})
    assert "Vul in hoeveel rondes er geweest zijn" in page.text
    page = await jolanda.send(page, "/rounds", {"held": "12"})
    assert "Er zijn 6 rondes" in page.text
    gone = await play.participation("P1")
    await jolanda.send(page, "/rounds", {"held": "2", "gone": [gone.id]})
    after = await met(play)
    assert [talk for talk in after if talk[0] <= 2] == [talk for talk in before if talk[0] <= 2]
    assert not [talk for talk in after if talk[0] > 2 and "P1" in talk]


async def test_there_is_no_such_page_where_there_are_no_pairs_or_rounds(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    play = await offered(runtime, cast)
    await jolanda.open(f"/board/{play.activity_id}/rounds")
    assert jolanda.status == 404
    await jolanda.open(f"/board/{play.activity_id}/apart/9")
    assert jolanda.status == 404
