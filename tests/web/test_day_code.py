"""The code of the day: nobody's own link, the same answer for every address, and the link in the right mailbox."""

import re

import httpx
import pytest
import segno
from fastapi import FastAPI
from sqlalchemy import select

from models.tables.activities import Activity
from models.tables.mail import Message
from tests.support.dumped import dump
from tests.web.conftest import browser_of
from tests.web.reading import read
from tests.web.visit import Visit, local

pytestmark = pytest.mark.asyncio


def squares(text: str) -> set[tuple[int, int]]:
    """Return the dark squares of the code that a page draws, by column and row."""
    path = text.partition('code__dark" d="')[2].partition('"')[0]
    found = set()
    for x, y, long, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path):
        assert long == back
        found |= {(int(x) + more, int(y)) for more in range(int(long))}
    return found


async def address_of(web: httpx.AsyncClient, visit: Visit, code: str = "T2") -> str:
    """Return what the code leads to, from the page that shows it."""
    home = (await web.get(f"/f/{await visit.personal_token(code)}")).url.path
    shown = await web.get(f"{home}/code")
    assert shown.status_code == 200
    [address] = [word for word in read(shown.text).content.split() if "/day/" in word]
    assert squares(shown.text) == {
        (x, y)
        for y, row in enumerate(segno.make(address, error="m", micro=False).matrix_iter(border=4))
        for x, is_dark in enumerate(row)
        if is_dark
    }
    assert visit.cast.id(code) not in address
    return httpx.URL(address).path


async def links_sent(visit: Visit) -> list[str]:
    async with visit.runtime.store.read() as session:
        return list(await session.scalars(select(Message.person_id).where(Message.mail == "own-link")))


async def test_who_scans_it_gets_the_own_link_by_mail_and_nobody_learns_who_is_there(
    app: FastAPI, after_the_day: Visit
) -> None:
    visit = after_the_day
    await visit.runtime.clock.set(local("2026-11-05 14:00"))
    async with browser_of(app) as web, browser_of(app) as scanner:
        address = await address_of(web, visit)
        assert await address_of(web, visit, "P3") == address, "one code for everybody"
        before = await dump(visit.runtime.store)
        page = read((await scanner.get(address)).text)
        assert "Prefab bouwen bij Korteweg" in page.content
        assert "Erik" not in page.content
        assert "Nadia" not in page.content
        assert await dump(visit.runtime.store) == before
        said = {}
        for mail in ("stranger@elders.example", " E.Laan@hetkompas.example", "e.laan@hetkompas.example"):
            answer = await scanner.post(page.form.action, data=page.form.filled(mail=mail))
            assert answer.status_code == 200
            said[mail] = read(answer.text).content
        assert len(set(said.values())) == 1
        assert await links_sent(visit) == [visit.cast.id("T3")], "once an hour is enough"
        for wrong in ("", "erik", "@", "x" * 300 + "@hetkompas.example"):
            answer = await scanner.post(page.form.action, data=page.form.filled(mail=wrong))
            assert answer.status_code == 422
            assert "Schrijf een heel mailadres" in read(answer.text).content
        assert (await scanner.post(page.form.action, data={"mail": "e.laan@hetkompas.example"})).status_code == 403


async def test_who_has_left_gets_no_link(web: httpx.AsyncClient, after_the_day: Visit) -> None:
    visit = after_the_day
    await visit.runtime.clock.set(local("2026-11-05 12:00"))
    page = read((await web.get(await address_of(web, visit))).text)
    home = (await web.get(f"/f/{await visit.personal_token('T3')}")).url.path
    change = read((await web.get(f"{home}/change")).text)
    left = change.form.filled(what="stop", tell_others="no", _action="send")
    assert "afgemeld" in (await web.post(change.form.action, data=left)).text
    await web.post(page.form.action, data=page.form.filled(mail="e.laan@hetkompas.example"))
    assert await links_sent(visit) == []


async def test_a_code_leads_nowhere_when_the_day_is_over_or_it_is_no_code_of_ours(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    await visit.runtime.clock.set(local("2026-11-05 12:00"))
    address = await address_of(web, visit)
    forged = await web.get(f"/day/{visit.activity_id}")
    assert forged.status_code == 404
    assert (await web.get(address[:-3] + "xyz")).status_code == 404
    await visit.runtime.clock.set(local("2026-11-07 12:00"))
    over = await web.get(address)
    assert over.status_code == 410
    assert "Deze code hoort bij een activiteit die voorbij is" in over.text
    home = (await web.get(f"/f/{await visit.personal_token('T2')}")).url.path
    assert (await web.get(f"{home}/code")).status_code == 404


async def test_nobody_is_asked_for_an_address_before_there_is_a_date(web: httpx.AsyncClient, visit: Visit) -> None:
    leader = (await web.get(f"/f/{await visit.personal_token('L1')}")).url.path
    assert (await web.get(f"{leader}/code")).status_code == 404, "who is not there needs no code"
    address = await address_of(web, visit)
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="test") as session:
        (await session.get_one(Activity, visit.activity_id)).date_fixed_at = None
    assert (await web.get(address)).status_code == 410
