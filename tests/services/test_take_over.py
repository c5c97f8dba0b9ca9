"""A running activity and a new version of its playbook: it goes on with its own, or is taken over (decision 0021)."""

from dataclasses import replace

import pytest

from models.tables.activities import StepState
from models.tables.asking import InvitationState
from models.tables.mail import CallState
from sandwich.errors import BadInput
from sandwich.rules.versions import Counts
from sandwich.runtime import Runtime
from sandwich.services import collect, steer
from sandwich.services.asking import asked_form
from sandwich.services.needs import lost
from sandwich.services.take_over import MailsAtOnce, behind, foresee, take_over
from sandwich.services.take_over_words import in_words
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.driver import AMSTERDAM, Play
from tests.support.versions import Change, Steps, telling, with_version

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


async def verified(runtime: Runtime) -> bool:
    """Whether the log is whole and replays into exactly the tables."""
    async with runtime.store.read() as session:
        return (await verify(session)).ok and differences(await replay(session), await tables(session)) == []


async def refused(play: Play, change: Change) -> str:
    """Try to take over, see that nothing changes, and return the reason in Dutch."""
    before = await play.snapshot()
    found = await take_over(
        with_version(play.runtime, change), play.activity_id, now=await play.now(), actor=play.coordinator
    )
    assert await play.snapshot() == before
    assert found.changes is None
    assert found.refused is not None
    assert found.refused.en != found.refused.nl
    return found.refused.nl


def _another(steps: Steps) -> None:
    steps["thank-you"]["at"] = "E+2wd"
    steps["attendance"].pop("opens")
    del steps["field-note"]
    steps["once-more"] = telling("once-more", "E+20d")
    steps["long-ago"] = telling("long-ago", "T-6w", stage="before")


@pytest.mark.chapter("asked")
async def test_what_is_foreseen_is_what_happens_and_looking_changes_nothing(play: Play) -> None:
    new, before = with_version(play.runtime, _another), await play.snapshot()
    seen = await foresee(new, play.activity_id, now=await play.now())
    assert await play.snapshot() == before
    assert seen.changes is not None
    assert (seen.old, seen.new) == (1, 2)
    assert seen.changes.mails == Counts(kept=14, moved=1, new=1, dropped=1)
    assert [step.title.nl for step in seen.changes.moved] == ["Bedankt!"]
    assert [step.title.nl for step in seen.changes.new] == ["Bericht once-more"]
    assert [title.nl for title in seen.changes.dropped] == ["Even noteren"]
    assert [title.nl for title in seen.changes.too_late] == ["Bericht long-ago"]
    said = [line.nl for line in in_words(seen.changes, AMSTERDAM)]
    assert said[0].startswith("14 mails blijven, 1 schuift, 1 nieuw, 1 vervalt; ")
    assert "Nieuw, maar het moment is al voorbij: komt niet: Bericht long-ago." in said
    assert said[-1] == "Wat verstuurd en beantwoord is, blijft. Geen enkel formulier wordt opnieuw gevraagd."

    left = len(play.mails)
    done = await take_over(new, play.activity_id, now=await play.now(), actor=play.coordinator)
    assert done == seen
    assert await verified(play.runtime)
    await play.turn()
    assert len(play.mails) == left, "nothing is sent because of it"
    row = await play.step("long-ago")
    assert (row.state, row.skip_reason) == (StepState.SKIPPED, "too-late")


@pytest.mark.chapter("asked")
async def test_an_activity_that_was_taken_over_goes_to_its_end(play: Play) -> None:
    await take_over(with_version(play.runtime, _another), play.activity_id, now=await play.now(), actor="test")
    await play.ready()
    await play.sleep_to("2026-11-05 16:45")
    await play.answer("T2", "attendance")
    await play.to("2026-11-30 12:00")
    assert play.sent("field-note") == []
    assert [at for at, _ in play.sent("thank-you")] == ["Mon 09 Nov 08:00", "Wed 25 Nov 08:00"]
    assert await verified(play.runtime)


@pytest.mark.chapter("asked")
async def test_without_being_taken_over_it_goes_on_with_its_own_version(play: Play) -> None:
    """Also where the playbook was taken away."""
    play.runtime = with_version(play.runtime, _another)
    await play.ready()
    play.runtime = replace(play.runtime, library=replace(play.runtime.library, playbooks={}))
    await play.held()
    assert play.sent("field-note")
    with pytest.raises(BadInput, match=r"no playbook company-visit any more"):
        await take_over(play.runtime, play.activity_id, now=await play.now(), actor="test")
    await play.to("2026-11-30 12:00")
    assert play.sent("thank-you") == [("Fri 06 Nov 08:00", "P3")]


@pytest.mark.chapter("asked")
async def test_a_version_without_what_the_activity_waits_in_is_refused(play: Play) -> None:
    def change(steps: Steps) -> None:
        del steps["invitation"]

    assert await refused(play, change) == (
        "De activiteit wacht in de stap ‘Docenten uitnodigen’, en versie 2 vraagt dat niet meer. Wacht tot er antwoord "
        "is, of laat de vraag vervallen met ‘Hoeft niet’."
    )


@pytest.mark.chapter("asked")
async def test_a_counter_proposal_is_waited_in_too(play: Play) -> None:
    await play.answer("P3", "task-division", agree="changes", max_group="8", counter="Acht", hours_plan="10")

    def change(steps: Steps) -> None:
        steps["task-division"]["key"] = "tasks"

    assert "wacht in de stap ‘Taken verdelen met het bedrijf’" in await refused(play, change)


def _without_hours(steps: Steps) -> None:
    del steps["evaluation"]["asks"][1]["with_forms"]


@pytest.mark.chapter("afterwards")
async def test_a_form_that_somebody_has_begun_is_not_taken_away(play: Play, runtime: Runtime) -> None:
    hours = await play.invitation("P3", "host-hours")
    await collect.save_draft(runtime, hours.id, await play.fields(hours.id), now=await play.now())
    said = await refused(play, _without_hours)
    assert said.startswith(f"{play.cast.name('P3')} heeft ‘")
    assert "half ingevuld, en versie 2 vraagt dat niet meer." in said


@pytest.mark.chapter("afterwards")
async def test_an_open_question_that_falls_away_says_so_behind_its_link(play: Play, runtime: Runtime) -> None:
    hours, answers = await play.invitation("P3", "host-hours"), await play.invitation("T2", "attendance")
    found = await take_over(
        with_version(runtime, _without_hours), play.activity_id, now=await play.now(), actor=play.coordinator
    )
    assert found.changes is not None
    assert [item.people for item in found.changes.withdrawn] == [(play.cast.name("P3"),)]
    page = await asked_form(runtime, hours.id, await play.now())
    assert (page.state, page.closed) == (InvitationState.WITHDRAWN, True)
    assert (await asked_form(runtime, answers.id, await play.now())).answered, "what was answered stays"
    assert (await play.invitation("P3", "host-evaluation")).state is InvitationState.SENT
    await play.to("2026-11-25 12:00")
    assert "host-hours" not in {form for left in play.mails if left.mail == "reminder" for form in left.forms}
    assert await verified(runtime)


@pytest.mark.chapter("held")
async def test_a_step_that_would_come_at_once_must_be_meant(play: Play, runtime: Runtime) -> None:
    def change(steps: Steps) -> None:
        steps["thank-you"]["at"] = "E"

    new, before = with_version(runtime, change), await play.snapshot()
    seen = await foresee(new, play.activity_id, now=await play.now())
    assert seen.changes is not None
    assert "Bedankt!: was vr 6 nov, wordt meteen; de mail gaat weg." in [
        line.nl for line in in_words(seen.changes, AMSTERDAM)
    ]
    with pytest.raises(MailsAtOnce, match="would come at once"):
        await take_over(new, play.activity_id, now=await play.now(), actor="test")
    assert await play.snapshot() == before
    await take_over(new, play.activity_id, now=await play.now(), actor="test", at_once=True)
    await play.turn()
    assert (await play.step("thank-you")).state is StepState.DONE


@pytest.mark.chapter("asked")
async def test_watches_follow_and_none_calls_about_the_past(play: Play, runtime: Runtime) -> None:
    title = {"nl": "Kijk", "en": "Look"}

    def change(steps: Steps) -> None:
        del steps["goals"]["watches"]
        steps["invitation"]["watches"][0]["at"] = "T-2w"
        steps["request"]["watches"] = [
            {"key": "past", "at": "T-5w", "unless": "every_goal", "call": "no-goal", "title": title},
            {"key": "ahead", "at": "T-1w", "unless": "every_goal", "call": "no-goal", "title": title},
        ]

    planned = {call.key.rsplit(":", 1)[-1]: call for call in await play.calls(CallState.PLANNED)}
    assert {"too-few", "no-goal"} <= planned.keys()
    found = await take_over(with_version(runtime, change), play.activity_id, now=await play.now(), actor="test")
    assert found.changes is not None
    assert found.changes.calls == Counts(kept=len(planned) - 2, moved=1, new=1, dropped=1)
    after = {call.key.rsplit(":", 1)[-1]: call for call in await play.calls(CallState.PLANNED)}
    assert after.keys() == (planned.keys() - {"no-goal"}) | {"ahead"}
    assert after["too-few"].due_at > planned["too-few"].due_at
    before = await play.open_calls()
    await play.to("2026-10-10 12:00")
    assert await play.open_calls() == before
    assert await verified(runtime)


@pytest.mark.chapter("asked")
async def test_reminders_follow_the_new_ladder_and_none_is_sent_because_it_is_late(
    play: Play, runtime: Runtime
) -> None:
    def change(steps: Steps) -> None:
        steps["invitation"]["asks"][0]["remind"] = "hosts"

    await play.to("2026-10-12 07:00")
    sent = len(play.mails)
    await take_over(with_version(runtime, change), play.activity_id, now=await play.now(), actor="test")
    asked = await play.invitation("T3", "registration")
    assert asked.profile == "hosts"
    assert asked.next_at is not None
    assert asked.next_at > await play.now()
    await play.turn()
    assert len(play.mails) == sent


@pytest.mark.chapter("asked")
async def test_one_that_has_ended_or_is_new_already_is_left_alone(play: Play, runtime: Runtime) -> None:
    with pytest.raises(BadInput, match=r"has the newest version of its playbook already \(1\)"):
        await foresee(runtime, play.activity_id, now=await play.now())
    new = with_version(runtime, _another)
    async with runtime.store.read() as session:
        assert [row.id for row in await behind(session, new.library, kind="company-visit")] == [play.activity_id]
        assert await behind(session, new.library, kind="masterclass") == []
        assert await behind(session, new.library, region_id="elsewhere") == []
        assert await behind(session, runtime.library) == []
    await steer.cancel(runtime, play.activity_id, "Brand", now=await play.now(), actor="test")
    with pytest.raises(BadInput, match="was cancelled"):
        await foresee(new, play.activity_id, now=await play.now())
    async with runtime.store.read() as session:
        assert await behind(session, new.library) == []


@pytest.mark.chapter("held")
async def test_a_step_that_got_another_name_is_not_done_twice(play: Play, runtime: Runtime) -> None:
    """It was carried out under its old name; under the new one its moment has passed."""

    def change(steps: Steps) -> None:
        steps["request"]["key"] = "ask-host"

    found = await take_over(with_version(runtime, change), play.activity_id, now=await play.now(), actor="test")
    assert found.changes is not None
    assert [title.nl for title in found.changes.too_late] == ["Verzoek aan het bedrijf"]
    assert found.changes.dropped == ()
    await play.to("2026-11-12 12:00")
    assert len(play.sent("request")) == 1
    assert await verified(runtime)


@pytest.mark.chapter("ready")
async def test_a_question_that_can_be_answered_already_leaves_when_the_new_version_says(
    play: Play, runtime: Runtime
) -> None:
    def change(steps: Steps) -> None:
        steps["field-note"]["at"] = "E 18:00"

    await play.sleep_to("2026-11-05 13:45")
    await take_over(with_version(runtime, change), play.activity_id, now=await play.now(), actor="test")
    await play.sleep_to("2026-11-05 17:00")
    await play.answer("T2", "attendance")
    assert play.sent("field-note") == []
    await play.sleep_to("2026-11-05 18:00")
    assert {at for at, _ in play.sent("field-note")} == {"Thu 05 Nov 18:00"}
    assert await verified(runtime)


@pytest.mark.chapter("asked")
async def test_what_a_running_version_needs_and_is_gone_is_told(play: Play, runtime: Runtime) -> None:
    """A form that was asked already is kept with the question; one that is still to be asked must be there."""
    forms = runtime.library.forms
    kept = {key: form for key, form in forms.items() if key not in {"goals", "change"}}
    without = {key: form for key, form in kept.items() if key != "impact-check"}
    async with runtime.store.read() as session:
        assert await lost(session, runtime.library) is None
        assert await lost(session, replace(runtime.library, forms=kept)) is None
        said = await lost(session, replace(runtime.library, forms=without))
    assert said is not None
    assert said.en.startswith("Running activities of company-visit (version 1) still need what is not here any more: ")
    assert "impact-check. Put it back, or give `sandwich playbooks take-over company-visit`." in said.en
