"""Consent that is taken back holds for the very next request: on the page, for the photo, its small copy, the PDF."""

import httpx
import pytest
from sqlalchemy import select

from models.channels import ConsentChannel
from models.tables.asking import UploadContent
from models.tables.results import Consent
from sandwich.services.photo_consent import photo_log, remove_photos_of, withdraw_consent
from tests.support.dumped import bytes_of
from tests.web.reading import read
from tests.web.test_wall import published, released, the_photo, wall_of
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("way", ["the own page", "the coordinator"])
async def test_control_16_no_photo_is_given_out_any_more(web: httpx.AsyncClient, previewed: Visit, way: str) -> None:
    visit, photo, who = previewed, await the_photo(previewed), previewed.cast.id("T3")
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="test", stream=visit.activity_id) as session:
        session.add(
            Consent(
                person_id=who,
                activity_id=visit.activity_id,
                channel=ConsentChannel.INTERNAL,
                is_given=True,
                said_at=now,
            )
        )
    await released(web, visit, release="released", photos="yes")
    await published(visit)
    card = f"{wall_of(visit, 'S1')}/{visit.activity_id}"
    address = f"{card}/file/{photo}"
    assert (await web.get(address)).headers["content-type"] == "image/jpeg"
    assert photo in (await web.get(card)).text
    async with visit.runtime.store.read() as session:
        [line] = await photo_log(session, visit.activity_id)
    assert (line.id, line.form, line.everybody_agreed) == (photo, "impressions", True)
    assert line.shown[ConsentChannel.INTERNAL]
    with_photo = (await web.get(f"{card}/card.pdf")).content

    if way == "the own page":
        home = (await web.get(f"/f/{await visit.personal_token('T3')}")).url.path
        form = read((await web.get(f"{home}/privacy")).text)
        await web.post(form.form.action, data=form.form.filled(kind="withdraw-photo", reply="mail", _action="send"))
    else:
        await withdraw_consent(
            visit.runtime, who, [ConsentChannel.INTERNAL], now=await visit.runtime.clock.now(), actor="test"
        )
    for hidden in (address, f"{address}?size=small"):
        assert (await web.get(hidden)).status_code == 404, hidden
    assert photo not in (await web.get(card)).text
    assert len((await web.get(f"{card}/card.pdf")).content) < len(with_photo)
    async with visit.runtime.store.read() as session:
        [line] = await photo_log(session, visit.activity_id)
    assert not any(line.shown.values())

    # Somebody has looked: that one goes for good, from the database too.
    now = await visit.runtime.clock.now()
    await remove_photos_of(visit.runtime, visit.activity_id, who, [photo], now=now, actor="test")
    async with visit.runtime.store.read() as session:
        assert list(await session.scalars(select(UploadContent))) == []
    await visit.runtime.store.scrub()
    assert b"JFIF" not in await bytes_of(visit.runtime.store)
    assert (await web.get(address)).status_code == 404
