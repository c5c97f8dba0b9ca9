"""The mails of an activity that wait, on the board: many at once, or one with a look at its words."""

import pytest
from sqlalchemy import select

from models.tables.mail import Message, MessageState
from sandwich.runtime import Runtime
from tests.support.browser import Browser
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def put_back(visit: Visit) -> list[str]:
    """Let the mails of the activity wait again."""
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="test", stream=visit.activity_id) as session:
        rows = list(await session.scalars(select(Message).where(Message.activity_id == visit.activity_id)))
        for row in rows:
            row.state, row.sent_at = MessageState.QUEUED, None
        return [row.id for row in rows]


async def states(runtime: Runtime) -> set[MessageState]:
    async with runtime.store.read() as session:
        return set(await session.scalars(select(Message.state)))


async def test_mails_are_held_and_let_go_from_the_activity(jolanda: Browser, visit: Visit, runtime: Runtime) -> None:
    ids = await put_back(visit)
    at = f"/board/{visit.activity_id}/outbox"
    page = await jolanda.open(f"/board/{visit.activity_id}")
    assert any(address == at for address, _ in page.links)

    page = await jolanda.send(await jolanda.open(at), at, press="_action=hold")
    assert jolanda.status == 422
    assert "Kies eerst een of meer mails." in page.text

    page = await jolanda.send(page, at, {"mails": ids}, press="_action=hold")
    assert await states(runtime) == {MessageState.HELD}
    assert "vastgehouden: door een coördinator" in page.text

    page = await jolanda.send(page, at, {"mails": ids}, press="_action=leave")
    assert await states(runtime) == {MessageState.QUEUED}
    page = await jolanda.send(page, at, {"mails": ids}, press="_action=discard")
    assert await states(runtime) == {MessageState.DISCARDED}
    assert "Er wacht geen mail van deze activiteit." in page.text
    page = await jolanda.open(f"/board/{visit.activity_id}")
    assert "weggegooid: door een coördinator" in page.text
    for done in ("vastgehouden", "mag gaan", "weggegooid"):
        assert f"Mail aan Koen Korteweg {done}: verzoek aan het bedrijf (Jolanda Meerdink)" in page.text


async def test_one_mail_is_read_and_gets_a_word(jolanda: Browser, visit: Visit, runtime: Runtime) -> None:
    [mail] = await put_back(visit)
    at = f"/board/{visit.activity_id}/outbox/{mail}"
    page = await jolanda.open(at)
    assert "Prefab bouwen bij Korteweg" in page.text
    assert "Zo leest de mail nu" in page.text

    await jolanda.send(page, at, {"word": "Zoals net besproken <i>"}, press="_action=word")
    page = await jolanda.open(at)
    assert "Zoals net besproken <i>" in page.text
    assert "<i>" not in page.html
    page = await jolanda.send(page, at, {"word": "x" * 1001}, press="_action=word")
    assert jolanda.status == 422
    assert "te lang" in page.text


async def test_a_mail_of_another_activity_is_not_here(jolanda: Browser, visit: Visit) -> None:
    await put_back(visit)
    await jolanda.open(f"/board/{visit.activity_id}/outbox/nobodys")
    assert jolanda.status == 404


async def test_who_has_not_answered_is_reminded_at_once_and_once_a_day(
    jolanda: Browser, visit: Visit, runtime: Runtime
) -> None:
    at = f"/board/{visit.activity_id}/remind"
    page = await jolanda.open(at)
    assert "Koen Korteweg: " in page.text
    question = (await visit.invitation("P3", "date-poll")).id

    page = await jolanda.send(page, at, {"mails": []})
    assert "Kies eerst wie je wilt herinneren." in page.text
    await jolanda.send(page, at, {"mails": [question]})
    again = await jolanda.send(page, at, {"mails": [question]})
    assert jolanda.status == 422
    assert "staat vandaag al een herinnering klaar" in again.text

    async with runtime.store.read() as session:
        reminders = list(await session.scalars(select(Message).where(Message.mail == "reminder")))
    assert [(one.invitation_id, one.state) for one in reminders] == [(question, MessageState.QUEUED)]
    assert reminders[0].due_at > await runtime.clock.now(), "in a slot of its reader"
