"""What comes back into the calendar when an activity goes on after a hold, as it arrives at a real mail server."""

from dataclasses import replace
from datetime import datetime

import pytest

from models.tables.mail import MessageState
from sandwich.services import steer
from tests.mail.calendars import Entry, entries, files_of, informed
from tests.mail.conftest import mailing
from tests.mail.peers import a_script
from tests.mail.telling import TEACHERS, TITLE, ZONE, Telling

pytestmark = pytest.mark.asyncio


async def put_off(telling: Telling) -> None:
    """Let the coordinator put it on hold, and everybody hear of it."""
    now = await telling.runtime.clock.now()
    await steer.hold(telling.runtime, telling.activity_id, "Storing", now=now, actor=telling.cast.id("C1"))
    await telling.happen()


async def go_on(telling: Telling) -> None:
    """Let the coordinator go on with it."""
    now = await telling.runtime.clock.now()
    await steer.resume(telling.runtime, telling.activity_id, now=now, actor=telling.cast.id("C1"))
    await telling.happen()


async def test_the_same_event_stands_in_the_calendar_again(telling: Telling) -> None:
    await informed(telling)
    brought = {code: (await files_of(telling, code))[0] for code in (*TEACHERS, "P3")}
    await put_off(telling)
    await telling.go("2026-10-30T21:30")  # nothing waits for the morning
    telling.new()
    await go_on(telling)
    arrived = [mail for mail in telling.new() if entries(mail)]

    assert {mail.subject for mail in arrived} == {f"{TITLE}: gaat door op donderdag 5 november"}
    assert {mail.recipients for mail in arrived} == {(telling.cast.mail(code),) for code in TEACHERS}
    for code in TEACHERS:
        first = brought[code]
        assert await files_of(telling, code) == [
            first,
            Entry("CANCEL", first.uid, 1, 5, first.attendee),
            Entry("REQUEST", first.uid, 2, 5, first.attendee),
        ]
        before, mail = telling.to(code)[-2:]
        assert mail.message["In-Reply-To"] == before.message["Message-ID"]
        text = " ".join(mail.body("plain").split())
        assert f"{TITLE} was uitgesteld, maar gaat nu door: Wanneer: donderdag 5 november 2026" in text
        assert "Deze mail zet de afspraak weer in je agenda." in text
    assert await files_of(telling, "P3") == [brought["P3"]]  # it never went

    # Once more, moved this time: the mail of the move brings it, and nothing else does.
    await put_off(telling)
    span = (datetime(2026, 11, 19, 13, 30, tzinfo=ZONE), datetime(2026, 11, 19, 16, 30, tzinfo=ZONE))
    now = await telling.runtime.clock.now()
    await steer.move(telling.runtime, telling.activity_id, [span], "Storm", now=now, actor=telling.cast.id("C1"))
    await telling.happen()
    telling.new()
    await go_on(telling)
    carrying = [mail for mail in telling.new() if entries(mail)]
    assert {mail.subject for mail in carrying} == {f"{TITLE}: nieuwe datum, donderdag 19 november"}
    mine = await files_of(telling, "T3")
    assert [(one.method, one.day) for one in mine[2:]] == [("REQUEST", 5), ("CANCEL", 5), ("REQUEST", 19)]
    assert [one.sequence for one in mine] == sorted({one.sequence for one in mine})
    assert {one.uid for one in mine} == {brought["T3"].uid}


async def test_a_calendar_from_which_nothing_was_taken_gets_nothing(telling: Telling) -> None:
    """The mail that puts it off is refused at the first try: it goes on before the second."""
    await informed(telling)
    async with a_script(MAIL="451 later") as script:
        away = replace(telling, runtime=mailing(telling.runtime, script.port))
        await put_off(away)
    assert any(line.startswith("MAIL") for line in script.heard)
    await go_on(telling)
    await telling.go("2026-10-29T12:00")
    for code in TEACHERS:
        assert [one.method for one in await files_of(telling, code)] == ["REQUEST"]
        [waited] = await telling.messages("on-hold", code)
        assert (waited.state, waited.reason) == (MessageState.SKIPPED, "resumed")
