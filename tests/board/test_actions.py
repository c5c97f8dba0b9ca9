"""Everything that a coordinator can do, each as a plain post from its own page."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models.roles import Role
from models.tables.activities import Activity, ActivityStatus, ContactMoment, Participation, Standing
from models.tables.agreements import Agreement, AgreementState
from models.tables.asking import Invitation, InvitationState, Submission, Via
from models.tables.mail import Call, CallState, Message
from models.tables.network import Company, Person
from sandwich.runtime import Runtime
from tests.board.conftest import mailed
from tests.support.browser import Browser
from tests.web.visit import Visit, local

pytestmark = pytest.mark.asyncio

COUNTER: dict[str, Any] = {
    "agree": "changes",
    "counter": "Liever acht mensen.",
    "max_group": 8,
    "hours_plan": 6,
    "host_goal": ["known"],
    "confidential": "Hal 2",
    "safety": ["shoes"],
    "photo_site": "refused",
    "valid_note": True,
    "valid_note_name": "Koen Korteweg",
    "contact_day": "Koen Korteweg",
    "contact_day_phone": "06-00000018",
    "contact_day_school": "Nadia Bensalem",
    "contact_day_school_phone": "06-00000007",
}


async def test_start_shows_the_plan_first_and_begins_once(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    cast = visit.cast
    page = await jolanda.open("/board/start?whole")
    answers: dict[str, str | list[str]] = {
        "kind": "company-visit",
        "title": "Lassen bij Verhoeven",
        "purpose": "knowledge",
        "host": cast.id("P1"),
        "date-1": "2026-12-03",
        "from-1": "13:30",
        "to-1": "16:30",
        "teachers": [cast.id("T1"), cast.id("T9")],
    }

    check = await jolanda.send(page, "/board/start", answers, press="_action=check")
    assert "Dit gebeurt er als je op ‘Begin’ drukt" in check.text
    assert "Verzoek aan het bedrijf" in check.text
    assert await titles(runtime) == ["Prefab bouwen bij Korteweg"]

    page = await jolanda.send(check, "/board/start", press="_action=begin")
    await jolanda.send(check, "/board/start", press="_action=begin")

    assert "Lassen bij Verhoeven" in page.text
    assert await titles(runtime) == ["Lassen bij Verhoeven", "Prefab bouwen bij Korteweg"]
    async with runtime.store.read() as session:
        made = (await session.scalars(select(Activity).where(Activity.title == "Lassen bij Verhoeven"))).one()
        people = set(
            (
                await session.execute(
                    select(Person.code, Participation.role)
                    .join(Participation, Participation.person_id == Person.id)
                    .where(Participation.activity_id == made.id)
                )
            ).all()
        )
    assert {(code, role) for code, role in people} >= {
        ("C1", Role.COORDINATOR),
        ("P1", Role.HOST_CONTACT),
        ("T1", Role.TEACHER),
        ("T9", Role.TEACHER),
        ("T1", Role.TRIP_LEADER),
        ("L1", Role.SCHOOL_LEADER),
    }


async def test_start_warns_of_a_company_that_wants_no_more(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    cast = visit.cast
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B1"))).asks_no_more = True
    page = await jolanda.open("/board/start?whole")
    answers: dict[str, str | list[str]] = {
        "kind": "company-visit",
        "title": "Lassen bij Verhoeven",
        "purpose": "knowledge",
        "host": cast.id("P1"),
        "date-1": "2026-12-03",
        "from-1": "13:30",
        "to-1": "16:30",
        "teachers": [cast.id("T1")],
    }
    check = await jolanda.send(page, "/board/start", answers, press="_action=check")
    assert "Verhoeven Plaatwerk B.V. zei na een eerdere keer dat het niet vaker mee wil doen" in check.text
    assert 'value="begin"' in check.html, "it is a warning, not a lock"
    assert "Waarom vraag je dit nu toch?" in check.text


async def test_the_same_activity_begins_again_only_when_that_is_meant(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    cast = visit.cast
    answers: dict[str, str | list[str]] = {
        "kind": "company-visit",
        "title": "prefab bouwen bij Korteweg",
        "purpose": "trends",
        "host": cast.id("P3"),
        "date-1": "2026-11-05",
        "from-1": "13:30",
        "to-1": "16:30",
        "teachers": [cast.id("T1")],
    }
    page = await jolanda.open("/board/start?whole")
    check = await jolanda.send(page, "/board/start", answers, press="_action=check")
    assert "op 05-11-2026 is al begonnen" in check.text
    # Somebody who pressed before that was known is asked as well.
    del check.form("/board/start").fields["_again"]
    check = await jolanda.send(check, "/board/start", press="_action=begin")
    assert len(await titles(runtime)) == 1
    assert "Begin toch nog een keer" in check.text

    await jolanda.send(check, "/board/start", {"_why": "Een tweede groep"}, press="_action=begin")
    assert len(await titles(runtime)) == 2


async def test_start_with_a_new_contact_person(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    cast = visit.cast
    page = await jolanda.open("/board/start?whole")
    answers: dict[str, str | list[str]] = {
        "kind": "company-visit",
        "title": "Zonnepark bekijken",
        "purpose": "trends",
        "date-1": "3-12-2026",
        "from-1": "13.30",
        "to-1": "16:30",
        "teachers": [cast.id("T1")],
        "new-given": "Iris",
        "new-family": "Zonneveld",
        "new-mail": "iris@griendstroom.example",
        "new-company": cast.id("B5"),
        "new-language": "en",
    }

    check = await jolanda.send(page, "/board/start", answers, press="_action=check")
    page = await jolanda.send(check, "/board/start", press="_action=begin")

    assert "Iris Zonneveld" in page.text
    assert "Griendstroom Energie" in page.text
    async with runtime.store.read() as session:
        assert await session.scalar(select(Person.language).where(Person.family_name == "Zonneveld")) == "en"


async def test_start_says_beside_each_field_what_is_missing_and_keeps_what_was_typed(
    jolanda: Browser, visit: Visit
) -> None:
    page = await jolanda.open("/board/start?whole")

    page = await jolanda.send(
        page, "/board/start", {"title": "Bij <b>Korteweg</b>", "date-1": "2026-12-03"}, press="_action=check"
    )

    assert jolanda.status == 422
    for words in ("Kies waar het om gaat.", "Kies de contactpersoon", "Kies wie je uitnodigt."):
        assert words in page.text
    assert "Vul in hoe laat het begint." in page.text
    assert 'value="Bij &lt;b&gt;Korteweg&lt;/b&gt;"' in page.html
    assert page.form("/board/start").fields["date-1"] == ["2026-12-03"]


async def test_start_refuses_a_day_that_has_passed(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    cast = visit.cast
    page = await jolanda.open("/board/start?whole")

    page = await jolanda.send(
        page,
        "/board/start",
        {
            "kind": "company-visit",
            "title": "Te laat",
            "purpose": "trends",
            "host": cast.id("P1"),
            "date-1": "2026-09-01",
            "from-1": "13:30",
            "to-1": "16:30",
            "teachers": [cast.id("T1")],
        },
        press="_action=check",
    )

    assert jolanda.status == 422
    assert "De date 01-09-2026" not in page.text
    assert "al voorbij" in page.text


async def test_fix_the_date_after_a_phone_call(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    page = await jolanda.open(at(visit, "/fix-date"))
    nothing = await jolanda.send(page, "/fix-date")
    assert "Kies een datum." in nothing.text

    page = await jolanda.send(page, "/fix-date", {"number": "1"})

    assert jolanda.path == at(visit)
    assert "donderdag 12 november 2026" in page.text
    assert (await read(runtime, visit)).date_fixed_at is not None


async def test_move_needs_a_date_and_a_reason_and_shows_what_moves_along(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    await visit.date_agreed()
    page = await jolanda.open(at(visit, "/move"))
    assert "Eerst zie je wat er verandert" in page.text

    same = await jolanda.send(page, "/move", {"reason": "De bus rijdt niet."})
    assert "Dit is de datum van nu." in same.text
    empty = await jolanda.send(page, "/move", {"date-1": ""})
    assert jolanda.status == 422
    assert "Vul de datum in." in empty.text
    assert "Schrijf kort waarom" in empty.text
    past = await jolanda.send(page, "/move", new_date("2026-09-01"))
    assert "al voorbij" in past.text

    shown = await jolanda.send(page, "/move", new_date("2026-11-19"))
    assert jolanda.status == 200
    assert "krijgt een mail met de oude en de nieuwe datum" in shown.text
    assert "Herinnering voor de dag: was wo 4 nov, wordt wo 18 nov." in shown.text
    assert "De datum is verplaatst." not in (await jolanda.open(at(visit))).text

    other = await jolanda.send(shown, "/move", new_date("2026-12-22"))
    assert "22-12-2026 is een vrije dag: Kerstvakantie." in other.text
    assert "Verplaats toch naar die vrije dag" in other.text
    shown = await jolanda.send(other, "/move", new_date("2026-11-19"))
    page = await jolanda.send(shown, "/move")

    assert "donderdag 19 november 2026" in page.text
    assert "De datum is verplaatst." in page.text
    async with runtime.store.read() as session:
        moment = (
            await session.scalars(select(ContactMoment).where(ContactMoment.activity_id == visit.activity_id))
        ).one()
    assert moment.starts_at == local("2026-11-19 13:30")


async def test_hold_and_go_on(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    page = await jolanda.open(at(visit, "/hold"))
    assert "Schrijf kort waarom" in (await jolanda.send(page, "/hold")).text

    page = await jolanda.send(page, "/hold", {"reason": "Storing in de fabriek"})
    assert "Uitgesteld: er gaan geen mails weg." in page.text
    assert (await read(runtime, visit)).status is ActivityStatus.ON_HOLD

    asked = await jolanda.open(at(visit, "/resume"))
    assert "Niemand krijgt een mail dat het doorgaat: er is geen afspraak uit een agenda gehaald." in asked.text
    page = await jolanda.send(asked, "/resume")
    assert "Uitgesteld" not in page.form("/logout").action
    assert (await read(runtime, visit)).status is ActivityStatus.REQUESTED


async def test_cancel_says_what_happens_needs_a_reason_and_is_final(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    moving = await jolanda.open(at(visit, "/move"))
    page = await jolanda.open(at(visit, "/cancel"))
    assert "1 persoon krijgt een mail: geannuleerd." in page.text
    assert "Open vragen die vervallen: 1." in page.text
    assert "Schrijf kort waarom" in (await jolanda.send(page, "/cancel")).text
    assert (await read(runtime, visit)).status is ActivityStatus.REQUESTED

    done = await jolanda.send(page, "/cancel", {"reason": "Het bedrijf sluit"})
    assert "Geannuleerd." in done.text
    assert "/cancel" not in done.html
    moments = (await read(runtime, visit)).finished_at
    for part, again, typed in (("/cancel", page, {"reason": "Nog eens"}), ("/move", moving, new_date("2026-11-19"))):
        told = await jolanda.send(again, part, typed)
        assert "Deze activiteit is geannuleerd. Er valt niets meer aan te veranderen." in told.text
        assert jolanda.status == 400
    assert (await read(runtime, visit)).finished_at == moments
    assert "Prefab bouwen bij Korteweg" in (await jolanda.open("/board/ended")).text


async def test_an_answer_by_phone_is_stamped_with_who_typed_it(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    invitation = await visit.invitation("P3", "date-poll")
    page = await jolanda.open(at(visit, f"/answer/{invitation.id}"))
    assert "Koen Korteweg" in page.text
    assert visit.cast.phone("P3") in page.text
    form = page.form("/answer/")
    rows = sorted(name for name in form.offered if name.startswith("dates."))

    empty = await jolanda.send(page, "/answer/")
    assert jolanda.status == 422
    page = await jolanda.send(empty, "/answer/", {name: first_choice(empty, name) for name in rows})

    assert jolanda.path == at(visit)
    assert "telefonisch ingevuld do 24 sep 2026" in page.text
    async with runtime.store.read() as session:
        submission = (await session.scalars(select(Submission))).one()
    assert submission.via is Via.PHONE
    assert submission.entered_by_id == visit.cast.id("C1")
    assert submission.person_id == visit.cast.id("P3")
    assert submission.answered_by == "Koen Korteweg"


async def test_an_answer_sent_twice_from_one_page_counts_once(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    invitation = await visit.invitation("P3", "date-poll")
    page = await jolanda.open(at(visit, f"/answer/{invitation.id}"))
    rows = sorted(name for name in page.form("/answer/").offered if name.startswith("dates."))
    answers: dict[str, str | list[str]] = {name: first_choice(page, name) for name in rows}

    await jolanda.send(page, "/answer/", answers)
    await jolanda.send(page, "/answer/", answers)
    assert jolanda.path == at(visit)

    other = await jolanda.send(page, "/answer/", {**answers, "_spoken_to": "Ria van Dam"})
    assert jolanda.status == 409
    assert "Vanaf deze pagina is al een ander antwoord bewaard. Dat geldt: do 24 sep 2026" in other.text
    assert other.form("/answer/").fields["_spoken_to"] == ["Ria van Dam"]
    assert [other.form("/answer/").fields[name] for name in rows] == [[answers[name]] for name in rows]
    async with runtime.store.read() as session:
        assert len(list(await session.scalars(select(Submission)))) == 1

    await jolanda.send(other, "/answer/")
    assert jolanda.path == at(visit)
    async with runtime.store.read() as session:
        kept = await session.scalars(select(Submission).order_by(Submission.number))
    assert [row.answered_by for row in kept] == ["Koen Korteweg", "Ria van Dam"]


async def test_waive_with_a_reason(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    invitation = await visit.invitation("P3", "date-poll")
    page = await jolanda.open(at(visit, f"/waive/{invitation.id}"))
    assert "Schrijf kort waarom" in (await jolanda.send(page, "/waive/")).text

    page = await jolanda.send(page, "/waive/", {"reason": "Gesproken in de kantine"})

    assert "kwijtgescholden" in page.text
    async with runtime.store.read() as session:
        row = await session.get_one(Invitation, invitation.id)
    assert row.state is InvitationState.WAIVED
    assert row.waive_reason == "Gesproken in de kantine"
    assert row.waived_by_id == visit.cast.id("C1")


async def test_replace_a_teacher_by_somebody_known(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    await visit.date_agreed()
    leaving = await participation(runtime, visit, "T3", Role.TEACHER)
    page = await jolanda.open(at(visit, f"/replace/{leaving.id}"))
    assert "De schoolleider krijgt opnieuw de vraag om akkoord." in page.text
    assert "Kies iemand" in (await jolanda.send(page, "/replace/")).text

    page = await jolanda.send(page, "/replace/", {"person": visit.cast.id("T9")})

    assert "Daan Rietveld" in page.text
    assert (await participation(runtime, visit, "T3", Role.TEACHER)).standing is Standing.REPLACED
    assert (await participation(runtime, visit, "T9", Role.TEACHER)).standing is Standing.INVITED


async def test_replace_the_host_by_somebody_new(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    host = await participation(runtime, visit, "P3", Role.HOST_CONTACT)
    page = await jolanda.open(at(visit, f"/replace/{host.id}"))
    answers: dict[str, str | list[str]] = {"new-given": "Lisa", "new-family": "Korteweg", "new-mail": "geen adres"}
    wrong = await jolanda.send(page, "/replace/", answers)
    assert "Dit is geen mailadres." in wrong.text

    page = await jolanda.send(
        wrong, "/replace/", {**answers, "new-mail": "lisa@korteweg.example", "new-company": visit.cast.id("B3")}
    )

    assert "Lisa Korteweg" in page.text
    assert (await participation(runtime, visit, "P3", Role.HOST_CONTACT)).standing is Standing.REPLACED


async def test_withdraw_a_teacher(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    leaving = await participation(runtime, visit, "T3", Role.TEACHER)

    asked = await jolanda.open(at(visit, f"/withdraw/{leaving.id}"))
    assert "krijgt geen mail meer: er staat geen afspraak van ons in de agenda." in asked.text
    page = await jolanda.send(asked, "/withdraw/")

    assert "afgemeld" in page.text
    assert (await participation(runtime, visit, "T3", Role.TEACHER)).standing is Standing.WITHDRAWN
    await jolanda.open(at(visit, f"/withdraw/{leaving.id}"))
    assert jolanda.status == 404


async def test_add_people_known_and_new(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    page = await jolanda.open(at(visit, "/people"))
    assert "Kies iemand" in (await jolanda.send(page, "/people")).text
    # As a teacher only teachers are offered; leaders and hosts with their own role.
    assert visit.cast.name("P3") not in page.text
    assert visit.cast.name("L1") not in page.text
    assert visit.cast.name("L1") not in (await jolanda.open(at(visit, "/people/host_contact"))).text
    await jolanda.open(at(visit, "/people/colleagues"))
    assert jolanda.status == 404

    page = await jolanda.send(
        page,
        "/people",
        {
            "person": [visit.cast.id("T8"), visit.cast.id("T9")],
            "new-given": "Bram",
            "new-infix": "de",
            "new-family": "Wit",
            "new-mail": "b.dewit@hetkompas.example",
            "new-school": visit.cast.id("S2"),
        },
    )

    for name in ("Ilse Verkade", "Daan Rietveld", "Bram de Wit"):
        assert name in page.text


async def test_open_a_gate_with_a_reason(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    page = await jolanda.open(at(visit, "/gate/before"))
    assert "de taakverdeling is nog niet akkoord" in page.text
    assert "Schrijf kort waarom" in (await jolanda.send(page, "/gate/before")).text

    page = await jolanda.send(page, "/gate/before", {"reason": "Mondeling geregeld"})

    assert "toch doorgegaan" in page.text
    assert "Mondeling geregeld" in page.text
    await jolanda.open(at(visit, "/gate/before"))
    assert jolanda.status == 404


async def test_finish_a_call_with_a_note(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test", stream=visit.activity_id) as session:
        from sandwich.services.calls import open_call

        activity = await session.get_one(Activity, visit.activity_id)
        call = await open_call(
            session, activity, "low-score", key="k", now=await runtime.clock.now(), person_id=visit.cast.id("P3")
        )
    assert call is not None
    page = await jolanda.open(at(visit, f"/call/{call.id}"))
    assert visit.cast.phone("P3") in page.text

    page = await jolanda.send(page, "/call/", {"note": "Was een vergissing"})

    assert "Bel Koen Korteweg" not in (await jolanda.open("/board")).text
    async with runtime.store.read() as session:
        row = await session.get_one(Call, call.id)
    assert (row.state, row.note, row.done_by_id) == (CallState.DONE, "Was een vergissing", visit.cast.id("C1"))


async def test_a_counter_proposal_is_shown_beside_ours_and_can_be_accepted(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    await countered(visit)
    board = await jolanda.open("/board")
    assert "Tegenvoorstel van Koen Korteweg" in board.text
    page = await jolanda.open(at(visit))
    assert "<del>12</del>" in page.html
    assert "<ins>8</ins>" in page.html

    page = await jolanda.send(page, "/agreement", press="_action=accept")

    assert "Akkoord: versie 2." in page.text
    assert await agreement_state(runtime, visit) == (AgreementState.ACCEPTED, 2)


async def test_a_counter_proposal_can_be_amended_and_goes_back_to_the_host(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    await countered(visit)
    page = await jolanda.open(at(visit, "/agreement/amend"))
    assert page.form("/agreement/amend").fields["max_group"] == ["8"]

    page = await jolanda.send(page, "/agreement/amend", {"max_group": "10"})

    assert jolanda.path == at(visit)
    assert "Wacht op: Koen Korteweg" in page.text
    assert await agreement_state(runtime, visit) == (AgreementState.PROPOSED, None)
    async with runtime.store.read() as session:
        again = list(
            await session.scalars(
                select(Message).where(Message.mail == "task-division", Message.person_id == visit.cast.id("P3"))
            )
        )
    assert len(again) == 2


async def test_begin_a_concept(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    from sandwich.services.start import make_concept

    activity_id = await make_concept(
        runtime,
        "company-visit",
        visit.cast.id("S1"),
        visit.cast.id("B3"),
        visit.cast.id("C1"),
        [date(2026, 12, 3)],
        "trends",
        10,
    )
    page = await jolanda.open(f"/board/{activity_id}/begin")
    no_host = await jolanda.send(page, "/begin")
    assert "contactpersoon" in no_host.text
    people = await jolanda.open(f"/board/{activity_id}/people/host_contact")
    await jolanda.send(people, "/people", {"person": [visit.cast.id("P3")]})

    page = await jolanda.send(await jolanda.open(f"/board/{activity_id}/begin"), "/begin")
    assert "vroeg Bouwbedrijf Korteweg op 24 september 2026" in page.text
    page = await jolanda.send(page, "/begin", {"why": "Een tweede groep"})

    assert "aangevraagd" in page.text


async def countered(visit: Visit) -> None:
    """Let the host answer the task division with a counter-proposal."""
    await visit.date_agreed()
    await visit.run(until=local("2026-10-08 10:05"))
    await mailed(visit)
    await visit.answer("P3", "task-division", COUNTER)


def at(visit: Visit, part: str = "") -> str:
    """Return the address of a page of the activity."""
    return f"/board/{visit.activity_id}{part}"


def new_date(day: str) -> dict[str, str | list[str]]:
    """Return what is typed to move an activity to a day."""
    return {"date-1": day, "from-1": "13:30", "to-1": "16:30", "reason": "Kan eerder niet"}


def first_choice(page: Any, name: str) -> str:
    """Return the option of a field that is named first on the page and means yes."""
    offered = page.form("/answer/").offered[name] - {""}
    return "suits" if "suits" in offered else sorted(offered)[0]


async def read(runtime: Runtime, visit: Visit) -> Activity:
    """Read the activity."""
    async with runtime.store.read() as session:
        return await session.get_one(Activity, visit.activity_id)


async def titles(runtime: Runtime) -> list[str]:
    """Return the titles of all activities."""
    async with runtime.store.read() as session:
        return sorted(await session.scalars(select(Activity.title)))


async def participation(runtime: Runtime, visit: Visit, code: str, role: Role) -> Participation:
    """Return somebody's part in the activity."""
    async with runtime.store.read() as session:
        return (
            await session.scalars(
                select(Participation).where(
                    Participation.activity_id == visit.activity_id,
                    Participation.person_id == visit.cast.id(code),
                    Participation.role == role,
                )
            )
        ).one()


async def agreement_state(runtime: Runtime, visit: Visit) -> tuple[AgreementState, int | None]:
    """Return where the task division is."""
    async with runtime.store.read() as session:
        row = (await session.scalars(select(Agreement).where(Agreement.activity_id == visit.activity_id))).one()
    return row.state, row.accepted_version
