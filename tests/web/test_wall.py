"""The host's look beforehand, the share wall, and what colleagues say: exactly what was released, to nobody else."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from models.tables.activities import Activity
from models.tables.asking import Submission, Upload
from models.tables.network import HolidayRegion, School
from models.tables.results import CardState, ImpressionCard, ShareScope
from sandwich.web.files import INERT
from tests.support.dumped import dump
from tests.support.rows import an_activity
from tests.web.reading import Page, read
from tests.web.story import IMPRESSIONS, a_photo_of, to_the_preview
from tests.web.visit import Visit, local

pytestmark = pytest.mark.asyncio


async def the_card(visit: Visit) -> ImpressionCard:
    async with visit.runtime.store.read() as session:
        return (await session.scalars(select(ImpressionCard))).one()


def wall_of(visit: Visit, school: str) -> str:
    return f"/wall/{visit.cast.schools[school].wall_key}"


async def released(web: httpx.AsyncClient, visit: Visit, **changes: str | list[str]) -> httpx.Response:
    """Let the host answer the question whether the card may be shared."""
    page = read((await web.get(f"/f/{await visit.token('P3', 'card-release')}")).text)
    return await web.post(page.form.action, data=page.form.filled(**changes, _action="send"))


async def the_photo(visit: Visit) -> str:
    """Return the id of the photo on the card."""
    async with visit.runtime.store.read() as session:
        return (await session.scalars(select(Upload.id))).one()


async def published(visit: Visit) -> None:
    await visit.run(local("2026-11-26 12:00"))
    assert (await the_card(visit)).state is CardState.PUBLISHED


async def test_the_host_sees_the_card_first_and_nothing_is_chosen_beforehand(
    web: httpx.AsyncClient, previewed: Visit
) -> None:
    visit, photo = previewed, await the_photo(previewed)
    page = read((await web.get(f"/f/{await visit.token('P3', 'card-release')}")).text)
    for words in (
        "Een muur is daar in elf minuten klaar",
        "Koen Korteweg geeft restmateriaal gratis weg.",
        "Laat leerlingen een wand uitrekenen. In hal 2 staat de robot.",
    ):
        assert words in page.content
    assert "release" not in page.form.fields
    shown = [source for source in page.sources if source.endswith(photo)]
    assert len(shown) == 1
    assert (await web.get(shown[0])).headers["content-type"] == "image/jpeg"
    before = await dump(visit.runtime.store)
    untouched = await web.post(page.form.action, data=page.form.filled(_action="send"))
    assert untouched.status_code == 422
    assert "Een muur is daar" in read(untouched.text).content
    assert await dump(visit.runtime.store) == before
    assert (await web.get(wall_of(visit, "S1"))).status_code == 200
    assert "elf minuten" not in (await web.get(wall_of(visit, "S1"))).text


async def test_a_released_card_stands_on_the_wall_of_its_authors_school(
    web: httpx.AsyncClient, previewed: Visit
) -> None:
    visit, photo = previewed, await the_photo(previewed)
    assert "/thanks/" in (await released(web, visit, release="released", photos="yes")).url.path
    await published(visit)
    wall = read((await web.get(wall_of(visit, "S1"))).text)
    assert "Vakcollege De Grienden" in wall.content
    assert "Een muur is daar in elf minuten klaar" in wall.content
    address = next(link for link in wall.links if visit.activity_id in link)
    card = read((await web.get(address)).text)
    for words in (
        "Bedrijfsbezoek · Bouwbedrijf Korteweg · donderdag 5 november 2026 · 4 docenten",
        "De tekening stuurt de zaag.",
        "“Waarom moet ik dat weten?” Omdat de robot precies doet wat jij tekent.",
        "In hal 2 staat de robot.",
        "Nadia Bensalem",
        "voor 100 %",
    ):
        assert words in card.content, words
    assert "nog niet gereageerd" not in card.content
    assert [form.action for form in card.forms] == [address], "nobody is asked later what became of the material"
    picture = next(source for source in card.sources if source.endswith(photo))
    assert (await web.get(picture)).headers["content-security-policy"] == INERT
    # It was written for the own school. The second took part too, another did not.
    assert (await web.get(f"{wall_of(visit, 'S2')}/{visit.activity_id}")).status_code == 404
    other = await web.get(f"{await another_school(visit)}/{visit.activity_id}")
    assert other.status_code == 404
    assert (await web.get(picture.replace(visit.cast.schools["S1"].wall_key, "x" * 32))).status_code == 404
    unknown = await web.get(f"{wall_of(visit, 'S1')}/nonsense")
    assert unknown.text == other.text == (await web.get("/wall/nonsense")).text


async def another_school(visit: Visit) -> str:
    """Add a school of the same region that did not take part; returns the address of its wall."""
    async with visit.runtime.store.change(now=local("2026-11-26 12:00"), actor="test") as session:
        school = School(
            region_id=visit.cast.region.id,
            code="S9",
            name="School S9",
            holiday_region=HolidayRegion.MIDDLE,
            wall_key="w" * 32,
        )
        session.add(school)
    return f"/wall/{school.wall_key}"


async def test_a_card_for_the_region_stands_on_every_wall_of_the_region(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    await to_the_preview(after_the_day, scope="region")
    await released(web, after_the_day, release="released")
    await published(after_the_day)
    assert (await web.get(f"{await another_school(after_the_day)}/{after_the_day.activity_id}")).status_code == 200


async def test_what_is_written_for_the_own_school_stays_there_and_a_file_with_those_who_may_have_it(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    file = await a_photo_of(visit, "T2", "impressions", "materials")
    await visit.answer("T3", "impressions", {**IMPRESSIONS, "insight_1": "Van T3"})
    only = {"materials": [file], "materials_licence": "own-school", "photo": [], "scope": "region"}
    await to_the_preview(visit, **only)
    page = read((await web.get(f"/f/{await visit.token('P3', 'card-release')}")).text)
    assert "Zo lezen alle scholen in de regio de kaart:" in page.content
    assert "Alleen voor Vakcollege De Grienden hal 2.jpg" in page.content
    await released(web, visit, release="released")
    await published(visit)
    own, other = (f"{wall_of(visit, school)}/{visit.activity_id}" for school in ("S1", "S2"))
    assert "hal 2.jpg" in (await web.get(own)).text
    assert (await web.get(f"{own}/file/{file}")).status_code == 200
    assert "hal 2.jpg" not in (await web.get(other)).text
    hidden, unknown = await web.get(f"{other}/file/{file}"), await web.get(f"{other}/file/nonsense")
    assert (hidden.status_code, hidden.text) == (404, unknown.text)
    assert ["Van T3" in (await web.get(address)).text for address in (own, other)] == [False, True]


async def test_after_silence_the_card_is_restricted_and_says_so(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit, photo = previewed, await the_photo(previewed)
    await published(visit)
    card = read((await web.get(f"{wall_of(visit, 'S1')}/{visit.activity_id}")).text)
    assert "Een muur is daar in elf minuten klaar" in card.content
    assert "Het bedrijf heeft nog niet gereageerd op deze kaart." in card.content
    for secret in ("Koen", "hal 2", photo):
        assert secret not in card.text, secret
    address = f"{wall_of(visit, 'S1')}/{visit.activity_id}/file/{photo}"
    assert (await web.get(address)).status_code == 404


async def test_a_refused_card_stays_away(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    assert "/thanks/" in (await released(web, visit, release="refused")).url.path
    await visit.run(local("2026-11-26 12:00"))
    assert (await web.get(f"{wall_of(visit, 'S1')}/{visit.activity_id}")).status_code == 404


async def test_a_colleague_reacts_without_a_name_in_two_taps(web: httpx.AsyncClient, previewed: Visit) -> None:
    visit = previewed
    await released(web, visit, release="released")
    await published(visit)
    address = f"{wall_of(visit, 'S1')}/{visit.activity_id}"
    page = read((await web.get(address)).text)
    before = await dump(visit.runtime.store)
    assert list(page.form.buttons) == ["nothing", "look", "lesson", "contact", "take-part"]
    for pressed in ({}, *({"use": value} for value in page.form.buttons)):
        assert (await web.post(address, data=page.form.filled(**pressed))).status_code == 422
    assert (await web.post(address, data={"useful": "4", "use": "look"})).status_code == 403
    partly = await web.post(address, data=page.form.filled(wish="<b>Hoe duur?</b>"))
    assert partly.status_code == 422
    again: Page = read(partly.text)
    assert again.form.fields["wish"] == ["<b>Hoe duur?</b>"]
    assert "Kies of je er iets aan hebt." in again.content
    assert await dump(visit.runtime.store) == before

    data = again.form.filled(useful="4", use="look")
    answers = [await web.post(address, data=data) for _ in range(2)]
    assert all(answer.url.path.endswith("/thanks") for answer in answers)
    assert "zonder je naam" in read(answers[0].text).content
    async with visit.runtime.store.read() as session:
        rows = list(await session.scalars(select(Submission).where(Submission.form == "colleague-reaction")))
    assert [(row.person_id, row.entered_by_id, row.answered_by, row.invitation_id) for row in rows] == [(None,) * 4]
    assert rows[0].answers == {"useful": 4, "use": "look", "wish": "<b>Hoe duur?</b>"}

    before = await dump(visit.runtime.store)
    other = await web.post(address, data={**data, "use": "lesson"})
    assert other.status_code == 409
    assert "die hebben we bewaard" in read(other.text).content
    assert read(other.text).form.fields["wish"] == ["<b>Hoe duur?</b>"]
    assert await dump(visit.runtime.store) == before
    second = read(other.text).form.filled(useful="4", use="lesson")
    assert (await web.post(address, data=second)).url.path.endswith("/thanks")


async def test_an_empty_wall_says_so(web: httpx.AsyncClient, visit: Visit) -> None:
    page = read((await web.get(wall_of(visit, "S3"), headers={"Accept-Language": "en"})).text)
    assert "There is nothing on the wall yet." in page.content


async def test_a_long_wall_has_pages(web: httpx.AsyncClient, previewed: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region shows thousands of cards: a page holds some, and leads to those before them."""
    visit, now = previewed, await previewed.runtime.clock.now()
    await released(web, visit, release="released")
    await published(visit)
    monkeypatch.setattr("sandwich.services.wall.AT_ONCE", 1)
    alone = read((await web.get(wall_of(visit, "S1"))).text)
    assert not [link for link in alone.links if "after=" in link]
    async with visit.runtime.store.change(now=now, actor="test") as session:
        school = await session.get_one(School, visit.cast.schools["S1"].id)
        newer = await an_activity(session, school, visit.cast.people["C1"], now)
        newer.playbook_digest = (await session.get_one(Activity, visit.activity_id)).playbook_digest
        first = await the_card(visit)
        card = ImpressionCard(activity_id=newer.id, state=CardState.PUBLISHED, share_scope=ShareScope.REGION)
        card.published_at = (first.published_at or now) + timedelta(hours=1)
        session.add(card)
    newest = read((await web.get(wall_of(visit, "S1"))).text)
    assert not [link for link in newest.links if visit.activity_id in link]
    older = next(link for link in newest.links if "after=1" in link)
    page = read((await web.get(f"{wall_of(visit, 'S1')}{older}")).text)
    assert [link for link in page.links if visit.activity_id in link]
    assert not [link for link in page.links if "after=" in link]
