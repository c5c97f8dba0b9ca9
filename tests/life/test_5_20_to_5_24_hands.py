"""Real life around the coordinator: a card taken back, nobody who shares, illness, double booking, doubtful words."""

import pytest
from sqlalchemy import select

from models.roles import Role
from models.tables.activities import Standing
from models.tables.asking import InvitationState, Via
from models.tables.mail import Call, CallState, Message, MessageState
from models.tables.results import CardState
from models.tables.truth import PersonalValue
from sandwich.errors import BadInput
from sandwich.rules.redact import REDACTED
from sandwich.runtime import Runtime
from sandwich.services import doubts, steer
from sandwich.services.cascade import foresee
from sandwich.services.detail import activity_detail
from sandwich.services.for_group import draft_card, publish_for_group
from sandwich.services.joining import foresee_joining, in_words
from sandwich.services.release_preview import preview
from sandwich.services.share import withdraw_card
from sandwich.services.wall import WallUnknown, one_card, school_wall
from tests.life.beside import LASERS, PREFAB, begin_beside, leap
from tests.services.test_after_answers import card
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play, local

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


async def with_card(runtime: Runtime, cast: Cast, **said: str) -> Play:
    """A1 on the day that the host is asked about the card, with the impressions of T2."""
    play = await (await Play.begin(runtime, cast)).afterwards()
    await play.answer("T2", "impressions", scope="region", **said)
    await play.sleep_to("2026-11-17 10:00")
    return play


# 5.20


@pytest.mark.parametrize("how", ["phone", "command", "coordinator"])
async def test_case_5_20_consent_to_a_card_is_taken_back_and_it_is_gone(runtime: Runtime, cast: Cast, how: str) -> None:
    play = await with_card(runtime, cast)
    await play.answer("P3", "card-release", release="released")
    key = cast.schools["S1"].wall_key
    assert len((await school_wall(runtime, key)).cards) == 1
    if how == "phone":
        await play.answer("P3", "card-release", via=Via.PHONE, entered_by=play.coordinator, release="refused")
    else:
        await withdraw_card(
            runtime, play.activity_id, now=await play.now(), actor=play.coordinator, by_host=how == "command"
        )
        await play.turn()
    row = await card(play)
    assert (row.state, row.withdrawn_at is not None) == (CardState.WITHDRAWN, True)
    assert (await school_wall(runtime, key)).cards == ()
    with pytest.raises(WallUnknown):
        await one_card(runtime, key, play.activity_id)
    await play.to("2026-11-18 09:00")
    assert {to for _, to in play.sent("card-withdrawn")} == set(TEACHERS)
    async with runtime.store.read() as session:
        messages = await session.scalars(select(Message).where(Message.mail == "card-withdrawn"))
        assert {(row.about or {})["by_host"] for row in messages} == {how != "coordinator"}
    assert (await play.facts()).shared, "what was shared cannot be unseen"
    with pytest.raises(BadInput, match="not on the wall"):
        await withdraw_card(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)


# 5.21


@pytest.mark.chapter("afterwards")
async def test_case_5_21_nobody_shares_and_the_coordinator_publishes_what_they_released(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await play.answer("T2", "field-note", saw="Een zaag die meet", lesson_link="Meten voor het zagen")
    await play.answer("T3", "field-note", saw="Geheim")
    await play.answer("T2", "teacher-evaluation", best="De robot", quote_ok="without-name")
    await play.answer("T3", "teacher-evaluation", best="Ook geheim", quote_ok="refused")
    await play.to("2026-11-17 08:00")
    [call] = [one for one in await play.calls() if one.what == "no-impressions"]
    draft = await draft_card(runtime, play.activity_id)
    assert draft is not None
    assert [line.text for line in draft.lines] == [
        "Dit namen wij mee van Bouwbedrijf Korteweg",
        "Een zaag die meet",
        "De robot",
        "Meten voor het zagen",
    ]

    await publish_for_group(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert call.id in {one.id for one in await play.calls(CallState.DROPPED)}, "somebody has shared"
    assert (await play.invitation("C1", "impressions")).state is InvitationState.ANSWERED
    await play.to("2026-11-17 10:00")
    assert (await card(play)).state is CardState.PREVIEWED, "the host sees it first, as always"
    shown = await preview(runtime, play.activity_id)
    assert [part.text for part in shown.card.insights] == ["Een zaag die meet", "De robot"]
    await play.answer("P3", "card-release", release="released")
    for school in ("S1", "S2", "S3"):
        [found] = (await school_wall(runtime, cast.schools[school].wall_key)).cards
        assert found.card.headline == "Dit namen wij mee van Bouwbedrijf Korteweg"
        assert found.card.contacts == ()
    assert (await play.facts()).shared
    with pytest.raises(BadInput, match="nothing to publish"):
        await publish_for_group(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)


@pytest.mark.chapter("afterwards")
async def test_case_5_21_without_a_released_word_there_is_no_draft(play: Play, runtime: Runtime) -> None:
    await play.answer("T2", "field-note", saw="Geheim")
    await play.answer("T2", "teacher-evaluation", best="Ook geheim", quote_ok="refused")
    await play.to("2026-11-17 08:00")
    assert await draft_card(runtime, play.activity_id) is None
    before = await play.snapshot()
    with pytest.raises(BadInput, match="nothing to publish"):
        await publish_for_group(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    assert await play.snapshot() == before


# 5.22


async def waiting_call(play: Play) -> Call:
    """Let the host ask for something that the coordinator must do, on Thursday 8 October at ten."""
    await play.answer("P3", "task-division", agree="refused", counter="Zo lukt het niet")
    [call] = [one for one in await play.calls() if one.what == "refused"]
    return call


def to_deputy(play: Play) -> list[str]:
    """Return when calls went to the deputy."""
    return [at for at, to in play.sent("call") if to == "C2"]


@pytest.mark.chapter("asked")
async def test_case_5_22_the_deputy_gets_a_call_that_lay_for_two_working_days(play: Play) -> None:
    await waiting_call(play)
    assert play.sent("call") == [("Thu 08 Oct 10:00", "C1")]
    await play.to("2026-10-12 09:59")
    assert to_deputy(play) == [], "Friday and Monday have not both passed"
    await play.to("2026-10-12 10:01")
    assert to_deputy(play) == ["Mon 12 Oct 10:00"]
    await play.to("2026-10-13 12:00")
    assert to_deputy(play)[:1] == ["Mon 12 Oct 10:00"]
    assert "refused" in await play.open_calls(), "it stays the coordinator's too"


@pytest.mark.chapter("asked")
async def test_case_5_22_what_was_taken_in_hand_in_time_goes_to_nobody_else(play: Play, runtime: Runtime) -> None:
    call = await waiting_call(play)
    await play.to("2026-10-09 16:00")
    await steer.finish_call(runtime, call.id, "Gebeld", now=await play.now(), actor=play.coordinator)
    await play.to("2026-10-13 08:00")
    assert to_deputy(play) == []
    async with runtime.store.read() as session:
        rows = await session.scalars(select(Message).where(Message.key.contains(f":call:{call.id}:")))
        assert {(row.state, row.reason) for row in rows} == {(MessageState.SKIPPED, "done")}


async def test_case_5_22_who_becomes_the_deputy_finds_what_has_lain(runtime: Runtime, cast: Cast) -> None:
    play = await (await Play.begin(runtime, cast, deputy=None, words=True)).asked()
    await waiting_call(play)
    await play.to("2026-10-14 11:00")
    assert to_deputy(play) == []
    await steer.add_person(runtime, play.activity_id, "C2", Role.DEPUTY, now=await play.now(), actor="test")
    await play.turn()
    assert to_deputy(play)[0] == "Wed 14 Oct 11:00"
    [text] = [text for mail, to, text in play.letters if (mail, to) == ("call", "C2")][:1]
    assert "al twee werkdagen bij Jolanda Meerdink" in " ".join(text.split())


# 5.23


@pytest.mark.chapter("with_date")
async def test_case_5_23_double_booking_is_told_and_never_refused(play: Play, runtime: Runtime, cast: Cast) -> None:
    first = play
    same_day = {"dates": [{"start": "2026-11-05 15:00", "end": "2026-11-05 17:00"}, LASERS["dates"][1]]}
    teachers = {"teachers": ["T1", "T3", "T9"], "trip_leader": None}
    second = await begin_beside(runtime, cast, **same_day, **teachers)
    await leap("2026-10-01 10:00", first, second)
    now = await second.now()
    sentence = f"Erik Laan doet op do 5 nov, 13:30–16:30 uur, ook mee aan ‘{PREFAB}’."
    async with runtime.store.read() as session:
        detail = await activity_detail(session, runtime.settings, cast.region.id, second.activity_id, now)
    busy = {person.name: [line.nl for line in person.busy] for person in detail.people if person.busy}
    assert busy == {"Erik Laan": [sentence]}
    await second.answer("T3", "registration", attend="yes")
    assert (await second.participation("T3")).standing is Standing.REGISTERED

    seen = await foresee_joining(runtime, second.activity_id, ["T5"], Role.TEACHER, now=now)
    assert [line.nl for line in seen.busy] == [sentence.replace("Erik Laan", "Jeroen Aldewereld")]
    assert seen.busy[0] in in_words(seen, (await second.loaded()).zone)
    await steer.add_people(runtime, second.activity_id, ["T5"], Role.TEACHER, now=now, actor=second.coordinator)
    assert (await second.participation("T5")).standing is Standing.INVITED

    cascade = await foresee(
        runtime, first.activity_id, [(local("2026-11-05 16:00"), local("2026-11-05 18:00"))], now=now
    )
    assert sorted(line.nl.partition(" doet")[0] for line in cascade.busy) == ["Erik Laan", "Jeroen Aldewereld"]


@pytest.mark.chapter("with_date")
async def test_case_5_23_what_stands_still_or_only_touches_is_no_double_booking(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    after = {"dates": [{"start": "2026-11-05 16:30", "end": "2026-11-05 18:00"}, LASERS["dates"][1]]}
    other = await begin_beside(runtime, cast, **after)
    cascade = await foresee(
        runtime, play.activity_id, [(local("2026-11-05 13:30"), local("2026-11-05 16:30"))], now=await play.now()
    )
    assert cascade.busy == ()
    overlapping = [(local("2026-11-05 15:00"), local("2026-11-05 17:00"))]
    assert (await foresee(runtime, play.activity_id, overlapping, now=await play.now())).busy
    await steer.cancel(runtime, other.activity_id, "Toch niet", now=await other.now(), actor=other.coordinator)
    assert (await foresee(runtime, play.activity_id, overlapping, now=await play.now())).busy == ()


# 5.24

SAID = "Leerling Kevin Bakker uit 3B vroeg waarom dat zo precies moet."


@pytest.mark.chapter("afterwards")
async def test_case_5_24_the_form_asks_about_a_pupils_name_and_its_writer_decides(play: Play) -> None:
    refused = await play.answer("T2", "impressions", accepted=False, lob=SAID)
    assert (refused.has_doubts, list(refused.problems)) == (True, ["lob"])
    assert refused.problems["lob"].startswith("Staat hier de naam van een leerling: ‘Kevin Bakker’? Haal het weg")
    assert (await play.invitation("T2", "impressions")).state is not InvitationState.ANSWERED
    refused = await play.answer("T2", "impressions", accepted=False, lob="Iemand met epilepsie kan hier niet werken.")
    assert "over iemands gezondheid: ‘epilepsie’" in refused.problems["lob"]
    await play.answer("T2", "impressions", lob="Een leerling vroeg waarom dat zo precies moet.")


@pytest.mark.chapter("afterwards")
async def test_case_5_24_the_card_waits_until_the_coordinator_has_looked_and_masked(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await play.answer("T2", "impressions", via=Via.PHONE, entered_by=play.coordinator, scope="region", lob=SAID)
    assert "check-words" in await play.open_calls(), "what the coordinator typed is looked at as well"
    await play.sleep_to("2026-11-17 10:00")
    await play.answer("P3", "card-release", release="released")
    assert ((await card(play)).state, play.sent("new-card")) == (CardState.RELEASED, [])

    async with runtime.store.read() as session:
        [line] = await doubts.checklist(session, play.activity_id)
    assert (line.words, line.who, line.is_on_card) == ("Kevin Bakker", "Nadia Bensalem", True)
    masked = await doubts.mask(runtime, play.activity_id, [line.key], now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert masked == 1
    assert (await card(play)).state is CardState.PUBLISHED
    [found] = (await school_wall(runtime, cast.schools["S1"].wall_key)).cards
    assert found.card.lob == (SAID.replace("Kevin Bakker", REDACTED),)
    async with runtime.store.read() as session:
        values = await session.scalars(select(PersonalValue.value))
        assert not [value for value in values if "Kevin" in str(value)], "the log has lost it too"
    with pytest.raises(BadInput, match="do not stand there any more"):
        await doubts.mask(runtime, play.activity_id, [line.key], now=await play.now(), actor=play.coordinator)


@pytest.mark.chapter("afterwards")
async def test_case_5_24_what_may_stay_stays_and_is_asked_about_once(play: Play, runtime: Runtime) -> None:
    await play.answer("T2", "impressions", via=Via.PHONE, entered_by=play.coordinator, scope="region", lob=SAID)
    await doubts.mask(runtime, play.activity_id, [], now=await play.now(), actor=play.coordinator)
    await play.answer("T2", "impressions", via=Via.PHONE, entered_by=play.coordinator, scope="region", lob=SAID)
    assert "check-words" not in await play.open_calls()
    await play.answer(
        "T2", "impressions", via=Via.PHONE, entered_by=play.coordinator, scope="region", lob="Leerling Sam is ziek."
    )
    assert "check-words" in await play.open_calls()
    await play.answer("T2", "impressions", scope="region", lob="Omdat het anders niet past.")
    assert "check-words" not in await play.open_calls(), "whoever wrote it took it back"
