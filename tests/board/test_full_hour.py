"""What a coordinator sees of a school that may send no more mail in this hour (control 18)."""

from datetime import timedelta

import pytest

from sandwich.runtime import Runtime
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.full_hour import fill_an_hour
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def test_control_18_the_board_says_whose_mail_waits_and_from_when_on_it_leaves(
    jolanda: Browser, runtime: Runtime, cast: Cast, visit: Visit
) -> None:
    assert "meer mag niet" not in (await jolanda.open("/board")).text
    now = await visit.runtime.clock.now()
    await fill_an_hour(runtime, cast, now, 3)
    school = cast.schools["S2"].name
    text = (await jolanda.open("/board")).text
    assert f"Van {school} zijn in een uur {runtime.settings.mails_per_hour} mails verstuurd" in text
    assert "Er wachten er nog 3." in text
    await runtime.clock.set(now + timedelta(minutes=51))
    assert "meer mag niet" not in (await jolanda.open("/board")).text, "the hour is over"
