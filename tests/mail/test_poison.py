"""The first of a thousand that cannot go holds up nobody, is tried less and less, and fails alone."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.tables.mail import Message, MessageState
from sandwich.mail.deliver import AT_ONCE, deliver_due
from sandwich.mail.outcome import WAITS
from sandwich.runtime import Runtime
from sandwich.settings import Encryption
from tests.mail.conftest import mailing
from tests.mail.peers import Box
from tests.mail.queueing import put_for_many

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

MANY = 1000
ELSEWHERE = "x" * 64 + ".example"
"""A name that no resolver takes, so that nothing is asked of a network."""


async def test_the_first_of_a_thousand_that_cannot_go_holds_up_nobody(runtime: Runtime, box: Box) -> None:
    here = mailing(runtime, box.port)
    now = await put_for_many(here, MANY, first=timedelta(minutes=10))
    async with here.store.change(now=now, actor="test") as session:
        poison = await session.scalar(select(Message).where(Message.person_id == "p0000"))
        assert poison is not None
        poison.mail = "no-such-mail"
    box.refuses["sam1@kompas.example"] = "451 4.3.0 I cannot digest this one"

    no_name = mailing(runtime, box.port, smtp_host=ELSEWHERE)
    no_tls = mailing(runtime, box.port, smtp_host="localhost", smtp_encryption=Encryption.STARTTLS)
    for broken in (no_name, no_tls):
        assert await deliver_due(broken) == 0
    sent = 0
    for _ in range(MANY // AT_ONCE + 1):
        sent += await deliver_due(here)
    for _ in WAITS * 2:
        async with here.store.read() as session:
            due = await session.scalar(select(func.max(Message.due_at)).where(Message.state == MessageState.QUEUED))
        if due is None:
            break
        await here.clock.set(max(due, await here.clock.now()) + timedelta(seconds=1))
        sent += await deliver_due(here)

    assert sent == MANY - 2
    came = Counter(mail.recipients[0] for mail in box.mails)
    assert came == {f"sam{number}@kompas.example": 1 for number in range(2, MANY)}
    async with here.store.read() as session:
        poisons = list(await session.scalars(select(Message).where(Message.state != MessageState.SENT)))
    assert {one.person_id for one in poisons} == {"p0000", "p0001"}
    assert {one.state for one in poisons} == {MessageState.FAILED}
    assert max(one.attempts for one in poisons) <= 12
