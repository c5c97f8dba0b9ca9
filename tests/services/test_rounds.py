"""The rounds of an evening: made from wishes, made anew for who cancels, comes late, leaves early or does not come."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from models.roles import Role
from models.tables.asking import InvitationState
from models.tables.mail import Message, MessageState
from models.tables.pairing import PairState, RoundPlan
from models.text import Language
from sandwich.errors import BadInput
from sandwich.rules.evening import NEVER
from sandwich.services import steer
from sandwich.services.personal import personal_page
from sandwich.services.round_plans import read_plans, rounds_of
from sandwich.services.rounds import make_anew
from tests.support.chapters import begun, then
from tests.support.driver import Play, local
from tests.support.living import Living
from tests.support.stages import Stage

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

TEACHERS = ("T1", "T2", "T3", "T4", "T6", "T7")
PROFESSIONALS = ("P1", "P3", "P5", "P6", "P7", "P4")
EVENING: dict[str, Any] = {
    "kind": "speeddates",
    "title": "Speeddates techniek",
    "purpose": "relation",
    "company": None,
    "hosts": ["L1"],
    "deputy": None,
    "teachers": list(TEACHERS),
    "trip_leader": "T1",
    "others": {"professional": list(PROFESSIONALS)},
    "place": "Aula",
    "dates": [{"start": "2027-02-04 15:30", "end": "2027-02-04 17:30"}],
}


def lived(before: Stage, until: str) -> Stage:
    """Return the evening up to a moment, when nobody has filled in a card."""
    return then(before, until, lambda play: Living(play, silent=("round-card",)).to(until))


BEGUN = begun("speeddates", lambda runtime, cast: Play.begin(runtime, cast, words=True, **EVENING))
TWO_DAYS_BEFORE = lived(BEGUN, "2027-02-02 12:00")
DOORS_OPEN = lived(TWO_DAYS_BEFORE, "2027-02-04 15:29")
TWO_ROUNDS_HELD = lived(DOORS_OPEN, "2027-02-04 15:55")
OVER = lived(TWO_ROUNDS_HELD, "2027-02-04 17:31")


async def plan_of(play: Play) -> RoundPlan:
    async with play.runtime.store.read() as session:
        return (await read_plans(session, [play.activity_id]))[play.activity_id]


async def code_of(play: Play) -> dict[str, str]:
    """Return who is who: codes by participation."""
    codes = {person.id: code for code, person in play.cast.people.items()}
    people = (await play.loaded()).participations
    return {item.id: codes[item.person_id] for item in people if item.role in {Role.TEACHER, Role.PROFESSIONAL}}


async def met(play: Play) -> list[tuple[int, str, str]]:
    """Return every talk as round, teacher and professional."""
    codes = await code_of(play)
    rounds = rounds_of(await plan_of(play))
    return [(one.number, codes[teacher], codes[other]) for one in rounds for teacher, other in one.pairs]


@pytest.mark.chapter(DOORS_OPEN)
async def test_everybody_meets_everybody_in_the_fewest_rounds_and_gets_their_own(play: Play) -> None:
    talks = await met(play)
    assert {(one, other) for _, one, other in talks} == {(one, other) for one in TEACHERS for other in PROFESSIONALS}
    assert max(number for number, _, _ in talks) == 6
    page = await personal_page(play.runtime, (await play.participation("T3")).id, await play.now())
    assert [one.number for one in page.rounds] == [1, 2, 3, 4, 5, 6]
    [mail] = [text for mail, to, text in play.letters if (mail, to) == ("rounds", "T3")][:1]
    assert f"Ronde 2, 15:42 uur: {page.rounds[1].who}" in mail
    assert "Tekst bij motive" in mail, "a teacher reads beforehand who the professionals are"


@pytest.mark.chapter(TWO_DAYS_BEFORE)
async def test_who_cancels_the_day_before_is_not_in_the_rounds_any_more(play: Play) -> None:
    first = (await plan_of(play)).number
    gone = await play.participation("P6")
    await steer.withdraw(play.runtime, gone.id, now=await play.now(), actor=play.coordinator)
    await play.to("2027-02-03 12:00")
    assert "P6" not in {other for _, _, other in await met(play)}
    assert (await plan_of(play)).number == first + 1
    assert [at for at, to in play.sent("rounds") if to == "T1"] == ["Thu 28 Jan 08:00", "Wed 03 Feb 09:00"]


@pytest.mark.chapter(DOORS_OPEN)
async def test_the_same_people_and_wishes_need_no_other_plan(play: Play) -> None:
    assert (await plan_of(play)).number == 1
    assert len(play.sent("rounds")) > len(TEACHERS)


@pytest.mark.chapter(TWO_ROUNDS_HELD)
async def test_during_the_evening_the_remaining_rounds_are_made_anew_and_nobody_meets_twice(play: Play) -> None:
    """P1 does not come, T2 comes in round 3, T7 leaves after round 4; two rounds have been held."""
    before = await met(play)
    ids = {code: key for key, code in (await code_of(play)).items()}
    held = [talk for talk in before if talk[0] <= 2]
    await make_anew(
        play.runtime,
        play.activity_id,
        held=2,
        stays={ids["P1"]: NEVER, ids["T2"]: (3, None), ids["T7"]: (1, 4)},
        now=await play.now(),
        actor=play.coordinator,
    )
    await play.turn()
    after = await met(play)
    assert [talk for talk in after if talk[0] <= 2] == [talk for talk in held if "P1" not in talk and "T2" not in talk]
    pairs = [(one, other) for _, one, other in after]
    assert len(pairs) == len(set(pairs))
    assert not [talk for talk in after if "P1" in talk]
    assert max(number for number, one, _ in after if one == "T7") <= 4
    assert min(number for number, one, _ in after if one == "T2") >= 3
    assert {(one, other) for one, other in pairs if one not in {"T2", "T7"}} == {
        (one, other) for one in TEACHERS for other in PROFESSIONALS if one not in {"T2", "T7"} and other != "P1"
    }
    cards = [item for item in await play.invitations("T7") if item.form == "round-card"]
    open_cards = {item.occurrence for item in cards if item.state is not InvitationState.WITHDRAWN}
    assert open_cards == {number for number, one, _ in after if one == "T7"}


@pytest.mark.chapter(TWO_ROUNDS_HELD)
async def test_when_one_side_has_left_the_evening_is_over(play: Play) -> None:
    ids = {code: key for key, code in (await code_of(play)).items()}
    before = [talk for talk in await met(play) if talk[0] <= 2]
    leave = {ids[code]: (1, 2) for code in PROFESSIONALS}
    await make_anew(play.runtime, play.activity_id, held=2, stays=leave, now=await play.now(), actor=play.coordinator)
    assert await met(play) == before


@pytest.mark.chapter(OVER)
async def test_only_who_both_want_it_hear_of_each_other(play: Play) -> None:
    codes = await code_of(play)
    rounds = {(one, other): number for number, one, other in await met(play)}
    for teacher in TEACHERS:
        for other in PROFESSIONALS:
            wants = (teacher, other) in {("T1", "P1"), ("T2", "P3")}
            await play.answer(
                teacher,
                "round-card",
                occurrence=rounds[teacher, other],
                more="more" if wants else "enough",
                turn=False,
                **({"what": ["guest-lesson"]} if wants else {}),
            )
    for other, wanted in (("P1", "T1"), ("P3", "T9"), ("P5", "T1")):
        ids = {code: key for key, code in codes.items()}
        said = {f"talks__{ids[one]}__more": "more" if one == wanted else "enough" for one in TEACHERS}
        await play.answer(other, "round-card", turn=False, **said)
    await play.to("2027-02-09 11:00")
    pairs = (await play.loaded()).in_pairs(PairState.MADE)
    assert [(codes[pair.teacher_id], codes[pair.professional_id]) for pair in pairs] == [("T1", "P1")]
    await play.to("2027-02-10 12:00")
    assert sorted(to for mail, to, _ in play.letters if mail == "matches") == ["P1", "T1"]
    [text] = [text for mail, to, text in play.letters if (mail, to) == ("matches", "T1")]
    assert "Anouk Verhoeven" in text
    assert play.cast.phone("P1") in text
    # P3 changes their mind a day later: T2 wanted it all along.
    ids = {code: key for key, code in codes.items()}
    await play.answer("P3", "round-card", **{f"talks__{ids[one]}__more": "more" for one in TEACHERS})
    await play.to("2027-02-11 12:00")
    assert sorted(to for mail, to, _ in play.letters if mail == "matches") == ["P1", "P3", "T1", "T2"]


@pytest.mark.chapter(OVER)
async def test_nobody_gets_more_than_two_mails_in_a_week(play: Play) -> None:
    """Nobody fills in a card, so everybody is reminded of it; who leads the evening keeps the attendance besides."""
    await Living(play, silent=("round-card",)).to("2027-02-19 12:00")
    async with play.runtime.store.read() as session:
        rows = list(await session.scalars(select(Message).where(Message.state == MessageState.SENT)))
    codes = {person.id: code for code, person in play.cast.people.items()}
    moments = {(codes[row.person_id], row.sent_at) for row in rows if row.sent_at and row.sent_at > local("2027-02-01")}
    weeks = Counter((to, at.isocalendar().week) for to, at in moments if to not in {"C1", "T1"})
    assert {to for to, _ in weeks} >= {*TEACHERS[1:], *PROFESSIONALS} - {"P4"}
    assert {who: count for who, count in weeks.items() if count > 2} == {}
    assert [(at, mail) for at, mail in play.to_person("T3") if "Feb" in at][:2] == [
        ("Wed 03 Feb 09:00", "rounds"),
        ("Fri 05 Feb 08:00", "reminder"),
    ]


@pytest.mark.chapter(BEGUN)
async def test_before_there_are_rounds_none_can_be_made_anew(play: Play) -> None:
    now = await play.now()
    with pytest.raises(BadInput, match="There are no rounds yet"):
        await make_anew(play.runtime, play.activity_id, held=0, stays={}, now=now, actor=play.coordinator)


@pytest.mark.chapter(DOORS_OPEN)
async def test_more_rounds_than_there_are_is_a_sentence(play: Play) -> None:
    with pytest.raises(BadInput) as refused:
        await make_anew(play.runtime, play.activity_id, held=9, stays={}, now=await play.now(), actor=play.coordinator)
    assert refused.value.to(Language.DUTCH) == "Er zijn 6 rondes, dus er kunnen er geen 9 geweest zijn."
    assert (await plan_of(play)).number == 1
