"""A pair between its meetings: who falls silent is asked and then phoned; halfway each tells the coordinator alone."""

import pytest

from models.roles import Role
from models.tables.activities import ActivityStatus
from models.tables.mail import CallState
from sandwich.runtime import Runtime
from sandwich.services.card import read_card
from sandwich.web.app import make_app
from tests.board.conftest import signed_in
from tests.services.test_pairs import COHORT, MONDAY
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.linked import link_for
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

HALFWAY = "meeting-log mid"
SILENCE = "Al vier weken hoorden we niets over een ontmoeting"


async def begun(runtime: Runtime, cast: Cast, *silent: str) -> tuple[Living, Play, str, str]:
    """Return a pair on the evening of its first talk, Thursday 14 January, and who teacher and professional are.

    They are to meet on 4 February, 1 and 18 March and 8 April.
    """
    whole = await Play.begin(
        runtime, cast, words=True, **{**COHORT, "teachers": ["T1"], "others": {"professional": ["P1"]}}
    )
    living = Living(whole, {"twinning-intake": MONDAY, "impressions": {"scope": "region"}}, silent=silent)
    await living.to("2027-01-14 18:00")
    living.also = [part] = await whole.parts()
    codes = {person.id: code for code, person in cast.people.items()}
    loaded = await part.loaded()
    teacher, professional = (codes[loaded.in_role(role)[0].person_id] for role in (Role.TEACHER, Role.PROFESSIONAL))
    return living, part, teacher, professional


async def silences(part: Play) -> list[str]:
    """Return when the coordinator was asked to phone a pair that fell silent."""
    calls = await part.calls(CallState.OPEN, CallState.DONE)
    zone = (await part.loaded()).zone
    return sorted(f"{call.due_at.astimezone(zone):%d %b}" for call in calls if call.what == "pair-silent")


async def test_a_silent_pair_is_asked_after_four_weeks_and_phoned_after_six(runtime: Runtime, cast: Cast) -> None:
    living, part, teacher, professional = await begun(runtime, cast, "meeting-log")
    await living.to("2027-03-04 07:59")
    assert part.sent("tell") == []
    await living.to("2027-03-04 09:00")  # four weeks after the second meeting
    assert sorted(part.sent("tell")) == sorted(("Thu 04 Mar 08:00", code) for code in (teacher, professional))
    asked = {to: text for mail, to, text in part.letters if mail == "tell"}
    assert SILENCE in " ".join(asked[teacher].split())
    assert f"{SILENCE} van u beiden" in " ".join(asked[professional].split())
    await living.to("2027-03-18 07:59")
    assert await silences(part) == []
    await living.to("2027-03-18 09:00")
    assert await silences(part) == ["18 Mar"], "six weeks"
    await living.to("2027-06-30 12:00")
    assert {at for at, _ in part.sent("tell")} == {"Thu 04 Mar 08:00", "Tue 30 Mar 08:00", "Thu 15 Apr 08:00"}, (
        "and no more after the last meeting: then there is nothing to plan"
    )


async def test_a_pair_that_writes_its_logs_is_left_alone(runtime: Runtime, cast: Cast) -> None:
    living, part, _, _ = await begun(runtime, cast)
    await living.to("2027-06-30 12:00")
    assert [mail for _, mail in living.answered].count("meeting-log") >= 4 + 2
    assert part.sent("tell") == []
    assert "pair-silent" not in {call.what for call in await part.calls(CallState.OPEN, CallState.DONE)}


async def test_a_pair_that_forgot_one_log_and_wrote_the_next_is_not_silent(runtime: Runtime, cast: Cast) -> None:
    """The log of 1 March shows that they go on meeting; four weeks without a later one are silence again."""
    living, part, teacher, _ = await begun(runtime, cast, "meeting-log")
    await living.to("2027-03-01 20:00")
    assert (await part.invitation(teacher, "meeting-log")).step == "log-3"
    await part.answer(teacher, "meeting-log")
    await living.to("2027-04-14 12:00")
    assert part.sent("tell") == []
    assert await silences(part) == []
    await living.to("2027-04-16 12:00")
    assert {at for at, _ in part.sent("tell")} == {"Thu 15 Apr 08:00"}, "four weeks after the fourth"


async def test_what_one_says_halfway_only_the_coordinator_reads(runtime: Runtime, cast: Cast) -> None:
    living, part, teacher, professional = await begun(runtime, cast, HALFWAY)
    await living.to("2027-03-02 12:00")
    words = {teacher: "Roodborst: hij praat te veel", professional: "Winterkoning: zij komt te laat"}
    for code, said in words.items():
        await part.answer(code, "meeting-log", goal_ok="wrong", match_ok="1", help=said, stop="stop")
    stops = [call for call in await part.calls() if call.what == "would-stop"]
    assert {call.person_id for call in stops} == {cast.id(code) for code in words}

    await living.to("2027-06-30 12:00")
    assert (await part.activity()).status is ActivityStatus.FINISHED
    app = make_app(runtime)
    async with signed_in(app, runtime, cast.id("C1")) as board:
        read = await everything_on_the_board(board, part)
        assert all(said in read for said in words.values())
        assert read.count("Liever stoppen") == 2

    async with runtime.store.read() as session:
        card = repr(await read_card(session, part.activity_id))
    assert "Tekst bij" in card, "there is a card"
    canaries = [said.split(":")[0] for said in words.values()]
    letters = [(to, text) for play in (living.play, part) for mail, to, text in play.letters if mail != "call"]
    assert {"feedback-host", "feedback-participant", "feedback-school-leader", "impact-check"} <= {
        mail for play in (living.play, part) for mail, _, _ in play.letters
    }
    for canary in (*canaries, "iever stoppen"):
        assert canary not in card
        assert [to for to, text in letters if canary in text] == []
    for partner, other in ((teacher, professional), (professional, teacher)):
        async with Browser.on(app) as browser:
            pages = await everything_shown_to(browser, part, partner)
            pages.append((await browser.open(f"/wall/{cast.schools['S1'].wall_key}/{part.activity_id}")).html)
            assert browser.status == 200
        shown = "\n".join(pages)
        assert words[partner] in shown, "their own answer they see again"
        assert words[other].split(":")[0] not in shown


async def everything_on_the_board(board: Browser, play: Play) -> str:
    """Return the activity's page and every answer that it leads to."""
    page = await board.open(f"/board/{play.activity_id}")
    answers = [await board.open(href) for href in dict.fromkeys(href for href, _ in page.links if "/answers/" in href)]
    return "\n".join(one.text for one in (page, *answers))


async def everything_shown_to(browser: Browser, play: Play, code: str) -> list[str]:
    """Return every page that somebody's links lead to: each question that they were asked, and the overview."""
    pages, now = [], await play.now()
    for invitation in await play.invitations(code):
        async with play.runtime.store.change(now=now, actor="mail", stream=play.activity_id) as session:
            token = await link_for(session, play.runtime.settings, invitation.participation_id, invitation.id, now)
        pages.append((await browser.open(f"/f/{token}")).html)
        assert browser.status == 200
        pages.append((await browser.open(f"{browser.path.split('/ask/')[0]}/all")).html)
        assert browser.status == 200
    return pages
