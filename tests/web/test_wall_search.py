"""Looking for cards on a wall: over exactly what that school may read, whatever is typed."""

from urllib.parse import quote, urlencode

import httpx
import pytest
from sqlalchemy import select

from models.tables.network import Person
from models.tables.results import CardState
from models.tables.wall import CardView, CardWord
from sandwich.services import share
from sandwich.services.card_index import index_missing
from sandwich.services.erase import erase_person
from tests.web.reading import Page, read
from tests.web.story import IMPRESSIONS, to_the_preview
from tests.web.test_wall import another_school, published, released, the_card, wall_of
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

NONE = "Er is geen kaart op deze muur met"


async def asked(web: httpx.AsyncClient, wall: str, **given: str) -> Page:
    answer = await web.get(f"{wall}?{urlencode(given)}")
    assert answer.status_code == 200
    return read(answer.text)


async def finds(web: httpx.AsyncClient, visit: Visit, wall: str, **given: str) -> bool:
    """Whether the card of the visit is found; where it is not, the page says so and leads on."""
    page = await asked(web, wall, **given)
    found = any(visit.activity_id in link for link in page.links)
    assert found or (NONE in page.content and wall in page.links)
    return found


async def words(visit: Visit) -> set[str]:
    async with visit.runtime.store.read() as session:
        return set(await session.scalars(select(CardWord.word)))


@pytest.mark.both
async def test_a_card_is_found_by_what_its_school_reads_on_it_and_by_nobody_else(
    web: httpx.AsyncClient, previewed: Visit
) -> None:
    visit = previewed
    own, other = wall_of(visit, "S1"), wall_of(visit, "S2")
    assert not await finds(web, visit, own, q="robot")
    page = read((await web.get(f"/f/{await visit.token('P3', 'card-release')}")).text)
    lines = [name for name in page.form.names if name.startswith("parts.") and "insight_2" in name]
    assert len(set(lines)) == 1
    await released(web, visit, release="without-parts", confidential="Zo", **{lines[0]: "leave-out"})
    await published(visit)
    elsewhere = await another_school(visit)
    for given in (
        {"q": "Wie heeft er een robot gezien?"},
        {"q": "ROBOTS wanden"},
        {"q": "korteweg"},
        {"q": "bedrijf robot"},
        {"q": "bedrijfsbezoek"},
        {"q": "houtskeletbouw"},
        {"q": "mobiliteit"},
        {"kind": "company-visit"},
        {"profile": "mt", "q": "zaag"},
        {"technique": "timber-frame"},
        {"company": visit.cast.companies["B3"].id, "kind": "company-visit"},
    ):
        assert await finds(web, visit, own, **given), given
        assert not await finds(web, visit, other, **given), given
        assert not await finds(web, visit, elsewhere, **given), given
    for given in (
        {"q": "cobot"},
        {"q": "durven vragen"},
        {"q": "robot cobot"},
        {"q": "bensalem"},
        {"q": "kind"},
        {"kind": "masterclass"},
        {"kind": "masterclass", "q": "robot"},
        {"profile": "pie"},
        {"technique": "welding-robot"},
        {"company": visit.cast.companies["B1"].id},
        {"company": "nonsense", "profile": "x" * 500},
    ):
        assert not await finds(web, visit, own, **given), given


@pytest.mark.parametrize(
    "typed",
    [
        "x" * 10_000,
        "robot " * 2000,
        "' OR 1=1 --",
        '"robot" NEAR/2 wand*',
        "robot:* & !wand | (title:x)",
        "\u202ewand\u202c \u200f\u200b",
        "🤖🔧",
        "%_\\",
        "\x00\x07",
        "<script>alert(1)</script>",
    ],
)
async def test_whatever_is_typed_is_only_words(web: httpx.AsyncClient, visit: Visit, typed: str) -> None:
    for name in ("q", "kind", "profile", "technique", "company"):
        answer = await web.get(f"{wall_of(visit, 'S1')}?{name}={quote(typed)}")
        page = read(answer.text)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        if name != "q" or not page.forms:
            continue
        assert page.form.fields["q"] == [typed[:200].strip()] or len(typed) < 200
        said = page.content
        assert NONE in said or "geen woord" in said or "Er staat nog niets" in said


async def test_after_silence_nothing_is_found_by_what_was_held_back(web: httpx.AsyncClient, previewed: Visit) -> None:
    await published(previewed)
    wall = wall_of(previewed, "S1")
    assert await finds(web, previewed, wall, q="tekening zaag")
    for held_back in ("Koen", "restmateriaal Koen", "hal", "hal 2"):
        assert not await finds(web, previewed, wall, q=held_back), held_back
    assert not {"koen", "hal"} & await words(previewed)


async def test_the_card_decides_whatever_the_index_says(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    await released(web, visit, release="released")
    await published(visit)
    wall = wall_of(visit, "S1")
    assert not await finds(web, visit, wall, q="geheim")
    async with visit.runtime.store.maintain() as session:
        row = (await session.scalars(select(CardWord).where(CardWord.word == "tekening"))).one()
        session.add(CardWord(scope=row.scope, word="geheim", view_id=row.view_id))
    assert not await finds(web, visit, wall, q="geheim")


async def test_nothing_is_left_of_a_card_that_is_taken_back_or_of_somebody_erased(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    now = await visit.runtime.clock.now()
    await visit.answer(
        "T3", "impressions", {**IMPRESSIONS, "insight_1": "Volgens Bensalem is Zwaluwstaart het mooist."}
    )
    await to_the_preview(visit, headline="Kanariegoud van Nadia Bensalem", scope="region")
    await released(web, visit, release="released")
    await published(visit)
    assert {"kanariegoud", "bensalem", "zwaluwstaart"} <= await words(visit)
    wall = wall_of(visit, "S2")

    await erase_person(visit.runtime, visit.cast.id("T2"), now=now, actor="test")
    assert not {"kanariegoud", "bensalem"} & await words(visit)
    assert await finds(web, visit, wall, q="zwaluwstaart")
    assert not await finds(web, visit, wall, q="bensalem")
    async with visit.runtime.store.read() as session:
        assert (await session.get_one(Person, visit.cast.id("T2"))).erased_on

    await share.withdraw_card(visit.runtime, visit.activity_id, now=now, actor=visit.cast.id("C1"))
    assert (await words(visit), (await the_card(visit)).state) == (set(), CardState.WITHDRAWN)
    assert not await finds(web, visit, wall, q="zwaluwstaart")


async def test_what_was_on_the_wall_before_there_was_an_index_is_found_after_a_look(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    await to_the_preview(visit, scope="region")
    await released(web, visit, release="released")
    await published(visit)
    known = await words(visit)
    async with visit.runtime.store.maintain() as session:
        for table in (CardWord, CardView):
            for row in list(await session.scalars(select(table))):
                await session.delete(row)
                await session.flush()
    assert await index_missing(visit.runtime) == 1
    assert await index_missing(visit.runtime) == 0
    assert await words(visit) == known
    assert await finds(web, visit, await another_school(visit), q="robot")


async def test_silence_brings_what_was_meant_for_the_region_no_further_than_the_schools_that_were_there(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    await to_the_preview(visit, scope="region")
    await published(visit)
    elsewhere = await another_school(visit)
    assert await finds(web, visit, wall_of(visit, "S2"), q="tekening")
    assert not await finds(web, visit, elsewhere, q="tekening")
    assert (await web.get(f"{elsewhere}/{visit.activity_id}")).status_code == 404
    for page in ("", "/atom.xml"):
        assert "elf minuten" not in (await web.get(f"{elsewhere}{page}")).text
    # The host speaks after all, and only then the region reads it.
    await released(web, visit, release="released")
    assert await finds(web, visit, elsewhere, q="tekening")
