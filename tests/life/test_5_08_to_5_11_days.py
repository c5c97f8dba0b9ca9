"""Cases 5.8 to 5.11: two dates, photos, weather and strikes, somebody who is ill."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models.changes import Change
from models.channels import ConsentChannel
from models.roles import Role
from models.tables.activities import ActivityStatus, Presence
from models.tables.asking import FELL_AWAY, InvitationState, Submission, Upload, UploadContent
from models.tables.mail import CallState
from models.tables.results import Consent
from models.text import Language
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services import steer, uploads
from sandwich.services.absent import report_absent
from sandwich.services.asking import asked_form
from sandwich.services.card import read_card
from sandwich.services.on_the_day import change_all, change_one, happening_on
from sandwich.services.photo_consent import (
    consent_log,
    photos_of,
    remove_photos_of,
    standing_consents,
    withdraw_consent,
)
from sandwich.services.round_plans import read_plans, rounds_of
from tests.life.acting import afternoon, lines, messages, report
from tests.services.test_rounds import EVENING
from tests.support.cast import Cast
from tests.support.driver import AMSTERDAM, TEACHERS, Play, local, told
from tests.support.living import Living
from tests.support.worded import in_one_line, worded

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

TWO_PARTS: dict[str, Any] = {
    "kind": "masterclass",
    "title": "Lasrobot programmeren bij Verhoeven",
    "purpose": "knowledge",
    "company": "B1",
    "hosts": ["P1"],
    "deputy": None,
    "teachers": ["T1", "T2", "T4", "T7"],
    "trip_leader": "T1",
    "place": "Walsweg 4",
    "dates": [{"start": "2026-12-03 13:30", "end": "2026-12-03 16:30"}],
    "meetings": [{"start": "2026-12-10 13:30", "end": "2026-12-10 16:30"}],
}


async def masterclass(runtime: Runtime, cast: Cast, until: str, **changes: Any) -> Play:
    """Play a masterclass in two parts up to a moment, everybody answering in time."""
    play = await Play.begin(runtime, cast, words=True, **{**TWO_PARTS, **changes})
    await Living(play).to(until)
    return play


# 5.8 two dates


async def test_case_5_08_each_meeting_has_its_own_list_and_notes_and_the_end_one_evaluation(
    runtime: Runtime, cast: Cast
) -> None:
    play = await masterclass(runtime, cast, "2026-12-16 12:00")
    loaded = await play.loaded()
    assert (told(loaded.starts_at), told(loaded.ends_at)) == ("Thu 03 Dec 13:30", "Thu 10 Dec 16:30")
    assert [at for at, _ in play.sent("attendance")] == ["Thu 03 Dec 08:00", "Thu 10 Dec 08:00"]
    notes = [item for item in await play.invitations("T2") if item.form == "field-note"]
    assert {(item.step, item.variant) for item in notes if item.variant == "pulse"}, "a mini pulse between the two"
    assert len({item.step for item in notes if item.variant != "pulse"}) == 2
    evaluations = [item for item in await play.invitations("T2") if item.form == "teacher-evaluation"]
    assert len(evaluations) == 1
    assert min(item.asked_at for item in evaluations) > local("2026-12-10 16:30")


async def test_case_5_08_of_two_meetings_the_one_to_come_moves_and_what_was_held_stays(
    runtime: Runtime, cast: Cast
) -> None:
    play = await masterclass(runtime, cast, "2026-12-04 12:00")
    first = (await play.loaded()).moments[0]
    assert first.attendance_at is not None
    first_span = (first.starts_at, first.ends_at)
    with pytest.raises(BadInput, match="What has been cannot be moved"):
        await steer.move(
            runtime,
            play.activity_id,
            [afternoon("2026-12-08"), afternoon("2026-12-17")],
            "Storm",
            now=await play.now(),
            actor=play.coordinator,
        )
    await steer.move(
        runtime,
        play.activity_id,
        [first_span, afternoon("2026-12-17")],
        "Storm",
        now=await play.now(),
        actor=play.coordinator,
    )
    await play.turn()
    loaded = await play.loaded()
    assert loaded.moments[0].attendance_at == first.attendance_at
    assert told(loaded.moments[1].starts_at) == "Thu 17 Dec 13:30"
    assert loaded.activity.status is ActivityStatus.DURING
    text = in_one_line((await worded(play, "moved", "T2")).text)
    assert "Was: donderdag 10 december 2026" in text
    assert "Wordt: donderdag 17 december 2026" in text
    assert "3 december" not in text, "only what moved is told"
    await Living(play).to("2026-12-18 12:00")
    assert [at for at, _ in play.sent("attendance")] == ["Thu 03 Dec 08:00", "Thu 17 Dec 08:00"]


# 5.9 consent to photos


async def photo(play: Play, code: str) -> str:
    """Let somebody share impressions with a photo; returns the photo's id."""
    invitation = await play.invitation(code, "impressions")
    asked = await asked_form(play.runtime, invitation.id, await play.now())
    file = await uploads.look_at(asked.form.question("photo"), "hal.jpg", picture())
    [kept] = await uploads.keep(play.runtime, invitation.id, [file], now=await play.now())
    await play.answer(code, "impressions", photo=[kept], photo_consent="yes")
    return kept


def picture() -> bytes:
    """Return a small picture."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 30), "orange").save(out, "JPEG")
    return out.getvalue()


async def published(play: Play) -> list[str]:
    """Bring A1's card to the wall with a photo of T2 and one of T3; returns both ids."""
    photos = [await photo(play, "T2"), await photo(play, "T3")]
    await play.to("2026-11-18 12:00")
    await play.answer("P3", "card-release", release="released", photos="yes")
    await play.to("2026-11-20 12:00")
    return photos


async def shown(play: Play) -> list[str]:
    """Return the photos that stand on the card."""
    async with play.runtime.store.read() as session:
        card = await read_card(session, play.activity_id)
        assert card is not None
        return [part.upload_id or "" for part in card.photos]


@pytest.mark.chapter("afterwards")
async def test_case_5_09_every_yes_and_no_is_kept_by_channel_with_its_moment(play: Play, runtime: Runtime) -> None:
    no_website = {"photo_self__internal__allowed": "yes", "photo_self__website__allowed": "no"}
    await play.answer("T3", "goals", **no_website)
    async with runtime.store.read() as session:
        log = await consent_log(session, play.activity_id)
    mine = {(line.channel, line.is_given) for line in log if line.person_id == play.cast.id("T3")}
    assert {(ConsentChannel.INTERNAL, True), (ConsentChannel.WEBSITE, False)} <= mine
    assert {line.who for line in log if line.person_id == play.cast.id("T3")} == {play.cast.name("T3")}
    assert {told(line.said_at) for line in log if line.person_id == play.cast.id("T3")} == {"Tue 10 Nov 10:00"}


@pytest.mark.chapter("afterwards")
async def test_control_16_case_5_09_withdrawn_consent_takes_the_photo_off_every_card_for_good(
    play: Play, runtime: Runtime
) -> None:
    await play.answer("T3", "goals", photo_self__internal__allowed="yes", photo_self__social__allowed="yes")
    photos = await published(play)
    assert sorted(await shown(play)) == sorted(photos)
    now, who = await play.now(), play.cast.id("T3")
    assert await withdraw_consent(runtime, who, list(ConsentChannel), now=now, actor=play.coordinator) == 1
    await play.turn()
    assert await shown(play) == [], "at once, before anybody looked"
    calls = await lines(play)
    assert {"photo-withdrawn", "photo-withdrawn-elsewhere"} <= set(calls)
    assert play.cast.name("T3") in calls["photo-withdrawn"].heading.nl
    async with runtime.store.read() as session:
        rows = list(await session.scalars(select(Consent).where(Consent.person_id == who).order_by(Consent.said_at)))
        counts = await standing_consents(session, play.activity_id)
    given = [row for row in rows if row.is_given]
    assert {row.channel for row in given} >= {ConsentChannel.INTERNAL, ConsentChannel.SOCIAL}
    assert len(rows) == 3 + len(given), "nothing is changed: the noes stand behind the yeses"
    assert not any(given for (person, _), given in counts.items() if person == who)

    await remove_photos_of(runtime, play.activity_id, who, photos[1:], now=now, actor=play.coordinator)
    assert await shown(play) == photos[:1], "the others come back"
    assert "photo-withdrawn" not in await play.open_calls()
    async with runtime.store.read() as session:
        assert await session.get(Upload, photos[1]) is None
        assert await session.get(UploadContent, photos[1]) is None
        assert [one.id for one in await photos_of(session, play.activity_id)] == photos[:1]
    with pytest.raises(BadInput, match="no consent"):
        await withdraw_consent(runtime, who, list(ConsentChannel), now=now, actor=play.coordinator)


@pytest.mark.chapter("afterwards")
async def test_case_5_09_for_one_channel_alone_the_wall_stays_as_it_is(play: Play, runtime: Runtime) -> None:
    await play.answer("T3", "goals", photo_self__internal__allowed="yes", photo_self__social__allowed="yes")
    photos = await published(play)
    who = play.cast.id("T3")
    await withdraw_consent(runtime, who, [ConsentChannel.SOCIAL], now=await play.now(), actor=play.coordinator)
    assert sorted(await shown(play)) == sorted(photos)
    assert "photo-withdrawn-elsewhere" in await play.open_calls()
    assert "photo-withdrawn" not in await play.open_calls()


@pytest.mark.chapter("afterwards")
async def test_case_5_09_the_own_page_takes_it_back_too(play: Play, runtime: Runtime) -> None:
    await play.answer("T3", "goals", photo_self__internal__allowed="yes")
    await published(play)
    await report(play, "T3", "privacy-request", kind="withdraw-photo", reply="mail")
    assert await shown(play) == []
    assert "photo-withdrawn" in await play.open_calls()


@pytest.mark.chapter("afterwards")
async def test_case_5_09_what_is_no_photo_of_it_is_not_removed(play: Play, runtime: Runtime) -> None:
    photos = await published(play)
    with pytest.raises(BadInput, match="no photo"):
        await remove_photos_of(
            runtime,
            play.activity_id,
            play.cast.id("T3"),
            [photos[0], "x" * 24],
            now=await play.now(),
            actor=play.coordinator,
        )
    assert sorted(await shown(play)) == sorted(photos)


# 5.10 weather, a strike, code red


async def on_the_day(play: Play, change: Change, **more: Any) -> None:
    """Let the coordinator change the day."""
    await change_one(
        play.runtime, play.activity_id, change, "Code rood", now=await play.now(), actor=play.coordinator, **more
    )
    await play.turn()


@pytest.mark.chapter("ready")
async def test_case_5_10_called_off_everybody_hears_and_it_can_have_another_day(play: Play, runtime: Runtime) -> None:
    await play.sleep_to("2026-11-05 08:30")
    await on_the_day(play, Change.OFF)
    assert (await play.activity()).status is ActivityStatus.ON_HOLD
    assert {to for _, to in play.sent("on-hold")} >= {*TEACHERS, "P3", "L1"}
    assert "/new-date-yes" in (await worded(play, "on-hold", "T3")).text
    assert "of een ander bedrijf" not in (await worded(play, "on-hold", "P3")).text
    assert "phone-round" in await play.open_calls()
    await steer.move(
        runtime,
        play.activity_id,
        [afternoon("2026-11-19")],
        "Sneeuw",
        now=await play.now(),
        actor=play.coordinator,
    )
    await steer.resume(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert (await play.activity()).status is ActivityStatus.BEFORE


@pytest.mark.chapter("ready")
async def test_case_5_10_online_asks_for_a_link_and_notes_stay(play: Play) -> None:
    await play.sleep_to("2026-11-04 12:00")
    assert (await play.activity()).place is not None
    await on_the_day(play, Change.ONLINE)
    assert {to for _, to in play.sent("online")} >= {*TEACHERS, "P3", "L1"}
    asked = await play.invitation("P3", "practical-information")
    assert (asked.variant, asked.state) == ("online", InvitationState.SENT)
    facts = await play.facts()
    assert (facts.place_known, facts.gate_before) == (False, False), "the gate is looked at again"
    told_before = len(play.sent("practical-info"))
    await play.answer("P3", "practical-information", online_link="https://meet.example/prefab")
    facts = await play.facts()
    assert (facts.place_known, facts.gate_before) == (True, True)
    await play.to("2026-11-05 07:00")
    assert len(play.sent("practical-info")) == 2 * told_before
    text = (await worded(play, "practical-info", "T3")).text
    assert "https://meet.example/prefab" in text
    assert "Spantlaan" not in text
    await play.to("2026-11-05 16:40")
    await play.answer("T2", "attendance")
    await play.answer("T3", "field-note")


@pytest.mark.chapter("ready")
async def test_case_5_10_later_on_the_day_moves_the_appointment_and_asks_no_release_again(play: Play) -> None:
    await play.sleep_to("2026-11-05 09:00")
    await on_the_day(play, Change.LATER, minutes=60)
    assert told((await play.loaded()).starts_at) == "Thu 05 Nov 14:30"
    assert {to for _, to in play.sent("moved")} >= {*TEACHERS, "P3"}
    assert {item.form for item in await play.invitations() if item.reconfirm} == {"practical-information"}
    assert "phone-round" in await play.open_calls()
    assert (await play.activity()).status in {ActivityStatus.BEFORE, ActivityStatus.DURING}


async def test_case_5_10_one_command_for_everything_on_a_day(runtime: Runtime, cast: Cast) -> None:
    first = await Play.begin(runtime, cast)
    second = await Play.begin(runtime, cast, title="Ook die dag", company="B1", hosts=["P1"])
    other = await Play.begin(
        runtime,
        cast,
        title="Een andere dag",
        company="B6",
        hosts=["P6"],
        dates=[{"start": "2026-11-04 13:30", "end": "2026-11-04 16:30"}],
    )
    for play, host in ((first, "P3"), (second, "P1"), (other, "P6")):
        await play.turn()
        fields = {"dates__date_1__answer": "suits"}
        if play is not other:
            fields["dates__date_2__answer"] = "impossible"
        await play.answer(host, "date-poll", **fields)
    await runtime.clock.set(local("2026-11-03 10:00"))
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        found = await happening_on(session, date(2026, 11, 5), AMSTERDAM, cast.region.id)
    assert {activity.id for activity in found} == {first.activity_id, second.activity_id}
    await steer.hold(runtime, second.activity_id, "Eerder al", now=now, actor=cast.id("C1"))
    changed = await change_all(runtime, found, Change.OFF, "Code rood", now=now, actor=cast.id("C1"))
    by_id = {one.activity_id: one.problem for one in changed}
    assert by_id[first.activity_id] is None
    problem = by_id[second.activity_id]
    assert problem is not None, "one that cannot be changed holds up no other"
    assert "staat al stil" in problem.to(Language.DUTCH)
    assert (await other.activity()).status is not ActivityStatus.ON_HOLD


@pytest.mark.chapter("ready")
async def test_case_5_10_what_cannot_be_is_refused(play: Play) -> None:
    for change, more, said in (
        (Change.LATER, {}, "how many minutes"),
        (Change.LATER, {"minutes": 11 * 60}, "another day"),
    ):
        with pytest.raises(BadInput, match=said):
            await on_the_day(play, change, **more)
    await play.sleep_to("2026-11-05 14:00")
    with pytest.raises(BadInput, match="begun already"):
        await on_the_day(play, Change.OFF)


# 5.11 somebody is ill


@pytest.mark.chapter("ready")
async def test_case_5_11_who_is_not_there_is_absent_and_nothing_else_is_kept(play: Play, runtime: Runtime) -> None:
    await play.sleep_to("2026-11-05 10:00")
    seat = await play.participation("T3")
    await report_absent(runtime, seat.id, now=await play.now(), actor=play.coordinator)
    await play.to("2026-11-05 18:00")
    seat = await play.participation("T3")
    assert seat.presence is Presence.ABSENT
    moment = (await play.loaded()).moments[0]
    assert (moment.absent, moment.attendance_at) == ([seat.id], None), "of the others nothing is said"
    states = {item.state for item in await play.invitations("T3") if item.form == "field-note"}
    assert states <= set(FELL_AWAY)
    assert "T3" not in {to for _, to in play.sent("field-note")}
    await play.answer("T2", "attendance", present__T3__status="absent")
    await play.to("2026-11-12 12:00")
    assert not {"evaluation", "impressions"} & {mail for _, mail in play.to_person("T3")}
    async with runtime.store.read() as session:
        words = [str(row.answers) for row in await session.scalars(select(Submission))]
    assert not [text for text in words if "ziek" in text.casefold()]


@pytest.mark.chapter("asked")
async def test_case_5_11_on_another_day_nobody_can_be_absent(play: Play, runtime: Runtime) -> None:
    for code, said in (("T3", "no meeting today"), ("L1", "not expected")):
        seat = await play.participation(code)
        with pytest.raises(BadInput, match=said):
            await report_absent(runtime, seat.id, now=await play.now(), actor=play.coordinator)


async def test_case_5_11_of_an_evening_of_rounds_the_rest_is_made_anew(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast, **EVENING)
    await Living(play, silent=("round-card",)).to("2027-02-04 14:00")
    for code in ("P1", "P3"):
        seat = await play.participation(code, Role.PROFESSIONAL)
        await report_absent(runtime, seat.id, now=await play.now(), actor=play.coordinator)
    async with runtime.store.read() as session:
        plan = (await read_plans(session, [play.activity_id]))[play.activity_id]
    gone = {(await play.participation(code, Role.PROFESSIONAL)).id for code in ("P1", "P3")}
    talking = {talk.professional for one in rounds_of(plan) for talk in one.talks}
    assert talking, "the evening goes on"
    assert not talking & gone
    pairs = [pair for one in rounds_of(plan) for pair in one.pairs]
    assert len(pairs) == len(set(pairs))


@pytest.mark.chapter("asked")
async def test_case_5_11_a_pause_has_an_end_and_the_coordinator_is_called_on_that_day(
    play: Play, runtime: Runtime
) -> None:
    now = await play.now()
    with pytest.raises(BadInput, match="not to come"):
        await steer.hold(runtime, play.activity_id, "Afwezig", now=now, actor="C1", until=date(2026, 10, 8))
    await steer.hold(runtime, play.activity_id, "Afwezig", now=now, actor=play.coordinator, until=date(2026, 10, 17))
    await play.to("2026-10-16 23:00")
    assert await play.open_calls() == []
    await play.to("2026-10-20 12:00")
    assert await play.open_calls() == [], "17 October begins the autumn holiday"
    await play.to("2026-10-26 12:00")
    assert await play.open_calls() == ["on-hold-until"]
    await steer.resume(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert "on-hold-until" not in await play.open_calls()
    assert [call.state for call in await play.calls(*CallState) if call.what == "on-hold-until"] == [CallState.DROPPED]


async def test_case_5_11_a_day_of_an_internship_is_moved_or_shortened(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast, **WEEK)
    await Living(play, {"internship-plan": {"variant": "exploratory"}}).to("2027-02-02 18:00")
    spans = [(moment.starts_at, moment.ends_at) for moment in (await play.loaded()).moments]
    assert len(spans) == 3
    ill = [*spans[:2], (local("2027-02-10 08:30"), local("2027-02-10 12:30"))]
    await steer.move(
        runtime, play.activity_id, ill, "Werkbegeleider afwezig", now=await play.now(), actor=play.coordinator
    )
    await play.turn()
    loaded = await play.loaded()
    assert told(loaded.ends_at) == "Wed 10 Feb 12:30"
    assert loaded.activity.status is ActivityStatus.DURING
    assert await messages(play, "moved", "P1")


WEEK: dict[str, Any] = {
    "kind": "teacher-internship",
    "variant": "exploratory",
    "title": "Meelopen bij Verhoeven",
    "purpose": "knowledge",
    "company": "B1",
    "hosts": ["P1"],
    "deputy": None,
    "teachers": ["T3"],
    "trip_leader": None,
    "others": {"mentor": ["P3"], "reviewer": ["T7"]},
    "place": "Walsweg 4",
    "dates": [{"start": "2027-02-01 08:30", "end": "2027-02-01 16:30"}],
    "meetings": [
        {"start": "2027-02-02 08:30", "end": "2027-02-02 16:30"},
        {"start": "2027-02-03 08:30", "end": "2027-02-03 16:30"},
    ],
}
