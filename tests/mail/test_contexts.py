"""What the mails of a visit say of what was answered."""

import pytest

from sandwich.runtime import Runtime
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.worded import in_one_line, worded

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(120)]


async def test_practical_information_says_when_to_come_and_go_how_and_who_arranges_transport(
    runtime: Runtime, cast: Cast
) -> None:
    play = await (await Play.begin(runtime, cast)).ready()
    await play.answer(
        "P3", "practical-information", arrive="2026-11-05T13:15", end="2026-11-05T17:00", parking="Achter de loods"
    )
    mail = await worded(play, "practical-info", "T3")
    text = in_one_line(mail.text)
    assert "donderdag 5 november 2026, 13:15–17:00 uur" in text
    assert "Achter de loods" in text
    assert "geregeld door: school" in text
    assert "13:15–17:00 uur" in mail.html
    await play.answer("P3", "practical-information", parking=None)
    assert "reis naar het adres hierboven" in in_one_line((await worded(play, "practical-info", "T3")).text)


async def test_the_first_three_questions_are_marked_in_both_parts(runtime: Runtime, cast: Cast) -> None:
    play = await (await Play.begin(runtime, cast)).asked()
    await play.answer("T2", "goals", questions_host="Een?\nTwee?\nDrie?\nVier?")
    await play.sleep_to("2026-10-22 10:00")
    mail = await worded(play, "goals-to-host", "P3")
    assert "- Vraag 1: Een?" in mail.text
    assert "- Vraag 3: Drie?" in mail.text
    assert "- Vier?" in mail.text
    assert "Drie?</strong>" in mail.html
    assert "Vier?</strong>" not in mail.html
