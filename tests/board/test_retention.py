"""On the board: what is kept for how long, what a night would remove, and the yes without which nothing goes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.tables.activities import Activity, ActivityStatus
from models.tables.network import Person, Region
from models.tables.privacy import Retention
from sandwich.privacy import retention
from sandwich.privacy.kinds import KEPT
from sandwich.runtime import Runtime
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.dumped import dump
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def test_nothing_goes_before_a_coordinator_has_looked(
    jolanda: Browser, visit: Visit, runtime: Runtime, cast: Cast
) -> None:
    terms = await jolanda.open("/board/retention")
    for one in KEPT:
        assert one.title.nl in terms.text
        assert one.term_of(runtime.settings).nl in terms.text
    assert "/board/retention" in {link for link, _ in (await jolanda.open("/board/ended")).links}
    for kind, status in (("nothing", 404), ("trail", 200)):
        await jolanda.open(f"/board/retention/{kind}")
        assert jolanda.status == status

    now = await runtime.clock.now()
    async with runtime.store.change(now=now, actor="test", stream=visit.activity_id) as session:
        activity = await session.get_one(Activity, visit.activity_id)
        activity.status, activity.finished_at = ActivityStatus.CANCELLED, now
    await runtime.clock.set(now + timedelta(days=420))
    assert "over hun termijn" not in (await jolanda.open("/board")).text
    await retention.run(runtime, await runtime.clock.now())
    assert "over hun termijn" in (await jolanda.open("/board")).text
    before = await dump(runtime.store)
    page = await jolanda.open("/board/retention/contacts")
    assert "Erik Laan" in page.text
    assert await dump(runtime.store) == before, "to look changes nothing"
    stays = cast.id("T3")
    await jolanda.send(page, "/board/retention/contacts", {"stays": [stays]}, press="_action=approve")
    assert jolanda.path == "/board/retention"
    async with runtime.store.read() as session:
        region = (await session.scalars(select(Region))).one()
        row = await session.get(Retention, (region.id, "contacts"))
        erik = await session.get_one(Person, stays)
    assert row is not None
    assert (row.approved_by, erik.kept_on is not None) == (cast.id("C1"), True)
    page = await jolanda.open("/board/retention/contacts")
    assert "Erik Laan" not in page.text
    await jolanda.send(page, "/board/retention/contacts", press="_action=stop")
    ran = await retention.run(runtime, await runtime.clock.now())
    assert ran.removed == 0, "the yes was taken back before the night"
    refused = await jolanda.send(page, "/board/retention/contacts", press="_action=stop")
    assert jolanda.status == 422
    assert "Hier heeft niemand ja op gezegd" in refused.text
