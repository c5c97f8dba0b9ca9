"""A card on paper: one page, with what its school may read and nothing else."""

import httpx
import pytest

from tests.web.story import IMPRESSIONS, to_the_preview
from tests.web.test_wall import another_school, published, released, wall_of
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

PAGE, PICTURE = b"/Type/Page/", b"/Subtype/Image"


async def test_the_longest_card_is_one_page_for_its_own_school(web: httpx.AsyncClient, after_the_day: Visit) -> None:
    visit = after_the_day
    words = "Laat #leerlingen[ *een* wand uitrekenen] en $zagen$. "
    long = {f"insight_{number}": (f"{number} " + words * 6)[:300] for number in (1, 2, 3)}
    await visit.answer(
        "T3", "impressions", {**IMPRESSIONS, "use_lesson": (words * 30)[:1500], "lob": (words * 20)[:1000]}
    )
    lesson = {"use_lesson": ("B " + words * 30)[:1500], "lob": ("A " + words * 20)[:1000]}
    await to_the_preview(visit, scope="region", photo=[], **long, **lesson)
    await released(web, visit, release="released")
    await published(visit)
    card = f"{wall_of(visit, 'S1')}/{visit.activity_id}"
    assert f'href="{card}/card.pdf"' in (await web.get(card)).text
    answer = await web.get(f"{card}/card.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="indrukkenkaart.pdf"'
    assert (answer.content[:5], answer.content.count(PAGE)) == (b"%PDF-", 1)
    assert (await web.get(f"{await another_school(visit)}/{visit.activity_id}/card.pdf")).status_code == 200
    assert (await web.get(f"{wall_of(visit, 'S1')}/nonsense/card.pdf")).status_code == 404


async def test_the_photos_are_on_it_where_the_host_said_yes(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    address = f"{wall_of(visit, 'S1')}/{visit.activity_id}/card.pdf"
    assert (await web.get(address)).status_code == 404, "the host has not seen it yet"
    await released(web, visit, release="released", photos="yes")
    await published(visit)
    paper = (await web.get(address)).content
    assert (paper.count(PAGE), paper.count(PICTURE)) == (1, 1)
    assert (await web.get(address.replace(visit.cast.schools["S1"].wall_key, "x" * 32))).status_code == 404
    elsewhere = f"{await another_school(visit)}/{visit.activity_id}/card.pdf"
    assert (await web.get(elsewhere)).status_code == 404, "it was written for the own school"


async def test_without_a_word_of_the_host_no_photo_is_on_it(web: httpx.AsyncClient, previewed: Visit) -> None:
    await published(previewed)
    paper = (await web.get(f"{wall_of(previewed, 'S1')}/{previewed.activity_id}/card.pdf")).content
    assert (paper.count(PAGE), paper.count(PICTURE)) == (1, 0)
