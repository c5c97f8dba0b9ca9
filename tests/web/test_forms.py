"""Answering by personal link: nothing that was typed is lost, and nothing happens that nobody meant."""

import asyncio
import sqlite3
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event, func, select

from models.tables.activities import Activity, ActivityStatus
from models.tables.asking import Draft, Invitation, InvitationState, Submission
from models.tables.network import Contact, ContactKind, Person
from models.text import Language
from tests.support.dumped import dump
from tests.web.conftest import browser_of
from tests.web.reading import Page, read
from tests.web.visit import Visit, local

pytestmark = [pytest.mark.asyncio, pytest.mark.both]

GOALS: dict[str, str | list[str]] = {
    "purpose": ["", "trends"],
    "goal_1": "Hoe een wand van tekening naar fabriek gaat",
    "goal_link": ["", "mt"],
    "questions_host": "Wie tekent het?\r\nWat gebeurt er met restmateriaal?",
    "know_now": "2",
    "conf_lesson": "3",
    "conf_career": "3",
    "intend": ["", "adapt"],
    "photo_self__internal__allowed": "yes",
    "photo_self__website__allowed": "no",
    "photo_self__social__allowed": "no",
}


async def opened(web: httpx.AsyncClient, visit: Visit, code: str, form: str) -> Page:
    answer = await web.get(f"/f/{await visit.token(code, form)}")
    assert answer.status_code == 200
    return read(answer.text)


async def sent(
    web: httpx.AsyncClient, page: Page, action: str = "send", /, **changes: str | list[str]
) -> httpx.Response:
    return await web.post(page.form.action, data=page.form.filled(**changes, _action=action))


async def submissions(visit: Visit, code: str, form: str) -> list[Submission]:
    invitation = await visit.invitation(code, form)
    async with visit.runtime.store.read() as session:
        rows = await session.scalars(
            select(Submission).where(Submission.invitation_id == invitation.id).order_by(Submission.number)
        )
        return list(rows)


async def test_an_answer_is_taken_and_thanked_for(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await opened(web, visit, "T3", "goals")
    assert "Prefab bouwen bij Korteweg" in page.content
    assert "donderdag 5 november 2026, 13:30–16:30 uur" in page.content
    assert "Ongeveer 5 minuten." in page.content
    assert "Graag vóór" in page.content
    assert "Jolanda Meerdink" in page.content
    assert "voor" in page.content

    answer = await sent(web, page, **GOALS)
    assert answer.status_code == 200
    assert "/thanks/" in answer.url.path
    thanks = read(answer.text)
    assert "Je antwoord op ‘Wat wil jij leren?’ is binnen." in thanks.content
    assert "vervangen" not in thanks.content
    assert "Dit vragen we je ook nog" in thanks.content
    assert "Doe je mee?" in thanks.content

    stored = (await submissions(visit, "T3", "goals"))[0]
    assert stored.answers["goal_1"] == "Hoe een wand van tekening naar fabriek gaat"
    assert stored.answers["questions_host"] == "Wie tekent het?\nWat gebeurt er met restmateriaal?"
    assert stored.answers["name_ok"] is False
    assert stored.person_id == visit.cast.id("T3")
    assert stored.answered_by is None
    assert (await visit.invitation("T3", "goals")).state is InvitationState.ANSWERED

    following = [link for link in thanks.links if "/ask/" in link]
    assert following
    assert (await web.get(following[0])).status_code == 200


async def test_what_is_missing_is_told_beside_the_question_and_nothing_typed_is_lost(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    page = await opened(web, visit, "T3", "goals")
    answer = await sent(web, page, goal_1="<b>Lassen</b> & meer", goal_why="Omdat\r\nhet moet", know_now="9")
    assert answer.status_code == 422
    again = read(answer.text)
    assert "Let op" in again.content
    assert "Kies minstens één vak, dan weet het bedrijf voor wie je komt." in again.content
    assert "#q-goal_link" in again.links
    assert "q-goal_link" in again.ids
    assert again.form.fields["goal_1"] == ["<b>Lassen</b> & meer"]
    assert "<b>Lassen" not in answer.text
    assert again.form.fields["goal_why"] == ["Omdat\nhet moet"]
    assert await submissions(visit, "T3", "goals") == []

    left = await opened(web, visit, "T3", "goals")
    assert left.form.fields["goal_1"] == ["<b>Lassen</b> & meer"]
    assert "Dit heb je bewaard" in left.content
    right = await sent(web, again, **GOALS)
    assert right.status_code == 200
    assert "/thanks/" in right.url.path
    assert len(await submissions(visit, "T3", "goals")) == 1


async def test_an_untouched_form_changes_nothing(web: httpx.AsyncClient, visit: Visit) -> None:
    for code, form in (("T3", "goals"), ("P3", "task-division"), ("L1", "approval"), ("T3", "registration")):
        page = await opened(web, visit, code, form)
        before = await dump(visit.runtime.store)
        for action in page.form.buttons:
            answer = await sent(web, page, action)
            assert answer.status_code == 422
            assert "niets" in read(answer.text).content
        assert await dump(visit.runtime.store) == before


async def test_a_double_submit_is_one_submission(app: FastAPI, visit: Visit) -> None:
    async with browser_of(app) as web:
        page = await opened(web, visit, "T3", "goals")
        answers = await asyncio.gather(*(sent(web, page, **GOALS) for _ in range(4)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(await submissions(visit, "T3", "goals")) == 1


async def test_other_content_from_the_same_page_is_shown_beside_what_was_kept(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    page = await opened(web, visit, "T3", "goals")
    await sent(web, page, **GOALS)
    for _ in range(2):
        answer = await sent(web, page, **{**GOALS, "goal_1": "<i>Iets</i> anders"})
        assert answer.status_code == 409
        other = read(answer.text)
        assert "Dat hebben we bewaard: vrijdag 9 oktober 2026, 12:00 uur." in other.content
        assert GOALS["goal_1"] in other.content
        assert other.form.fields["goal_1"] == ["<i>Iets</i> anders"]
        assert "Verstuur als verbetering" in other.content
        assert "_sure" not in other.form.names
    kept = await submissions(visit, "T3", "goals")
    assert [(row.number, row.answers["goal_1"]) for row in kept] == [(1, GOALS["goal_1"])]
    leave = next(link for link in other.links if "/thanks/" in link)
    assert "is binnen" in read((await web.get(leave)).text).content
    left = await opened(web, visit, "T3", "goals")
    assert left.form.fields["goal_1"] == ["<i>Iets</i> anders"], "who leaves the page finds it again"

    corrected = await sent(web, other)
    assert "Je eerdere antwoord is vervangen." in read(corrected.text).content
    kept = await submissions(visit, "T3", "goals")
    assert [(row.number, row.answers["goal_1"]) for row in kept] == [
        (1, GOALS["goal_1"]),
        (2, "<i>Iets</i> anders"),
    ]
    async with visit.runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Draft)) == 0


async def test_a_page_that_was_answered_says_so_whatever_comes_from_it_next(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    page = await opened(web, visit, "T3", "goals")
    await sent(web, page, **GOALS)
    before = await dump(visit.runtime.store)
    assert (await sent(web, page)).status_code == 409
    assert await dump(visit.runtime.store) == before, "an untouched page is not even a draft"
    unreadable = await sent(web, page, **{**GOALS, "know_now": "elf"})
    assert unreadable.status_code == 409
    again = read(unreadable.text)
    assert again.form.fields.get("goal_1") == [GOALS["goal_1"]]
    assert (await sent(web, again)).status_code == 422, "a correction is read like every answer"
    async with visit.runtime.store.change(now=local("2026-10-09 12:01"), actor="test") as session:
        (await session.get_one(Person, visit.cast.id("T3"))).language = Language.ENGLISH
    english = read((await sent(web, page, **{**GOALS, "goal_1": "Something else"})).text)
    assert "Another answer was sent from this page already." in english.content
    assert "Send as a correction" in english.content
    same = read((await sent(web, english, **GOALS)).text)
    assert "Nothing was added." in same.content, "what was kept already"
    assert len(await submissions(visit, "T3", "goals")) == 1


async def test_a_later_answer_is_a_new_version_and_an_unchanged_one_is_not(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    await sent(web, await opened(web, visit, "T3", "goals"), **GOALS)
    page = await opened(web, visit, "T3", "goals")
    assert "Wil je iets aanpassen?" in page.content
    assert page.form.fields["goal_1"] == [GOALS["goal_1"]]
    before = await dump(visit.runtime.store)
    assert (await sent(web, page)).status_code == 422
    assert await dump(visit.runtime.store) == before
    answer = await sent(web, page, goal_2="En nog iets")
    assert "Je eerdere antwoord is vervangen." in read(answer.text).content
    assert [row.number for row in await submissions(visit, "T3", "goals")] == [1, 2]


async def test_a_draft_is_kept_shown_and_sent_only_when_somebody_says_so(web: httpx.AsyncClient, visit: Visit) -> None:
    answer = await sent(web, await opened(web, visit, "T3", "goals"), "draft", **GOALS, goal_2="Half af")
    assert "/kept/" in answer.url.path
    assert "Alles is bewaard om 12:00 uur. Het is nog niet verstuurd." in read(answer.text).content
    assert (await visit.invitation("T3", "goals")).state is InvitationState.DRAFT

    page = await opened(web, visit, "T3", "goals")
    assert "Dit heb je bewaard op vrijdag 9 oktober 2026, 12:00 uur." in page.content
    assert page.form.fields["goal_2"] == ["Half af"]
    before = await dump(visit.runtime.store)
    for action in ("send", "draft"):
        await sent(web, page, action)
    assert await dump(visit.runtime.store) == before
    refused = await sent(web, page)
    assert "Zet dit vinkje als het zo verstuurd mag worden." in read(refused.text).content

    ticked = await sent(web, page, _sure="yes")
    assert "/thanks/" in ticked.url.path
    assert (await submissions(visit, "T3", "goals"))[0].answers["goal_2"] == "Half af"
    async with visit.runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Draft)) == 0


async def test_an_answer_that_is_asked_for_again_can_be_confirmed_as_it_is(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    invitation = await visit.invitation("P3", "date-poll")
    async with visit.runtime.store.change(now=local("2026-10-09 12:01"), actor="test") as session:
        row = await session.get_one(Invitation, invitation.id)
        row.state, row.reconfirm = InvitationState.SENT, True
    page = await opened(web, visit, "P3", "date-poll")
    assert "Kijk of uw antwoord van donderdag 24 september 2026 nog klopt" in page.content
    before = await dump(visit.runtime.store)
    assert (await sent(web, page)).status_code == 422
    assert await dump(visit.runtime.store) == before
    assert "/thanks/" in (await sent(web, page, _sure="yes")).url.path
    assert [row.number for row in await submissions(visit, "P3", "date-poll")] == [1, 2]


async def test_goals_that_are_asked_for_again_are_confirmed_with_one_tick(web: httpx.AsyncClient, visit: Visit) -> None:
    assert "/thanks/" in (await sent(web, await opened(web, visit, "T3", "goals"), **GOALS)).url.path
    invitation = await visit.invitation("T3", "goals")
    async with visit.runtime.store.change(now=local("2026-10-09 12:01"), actor="test") as session:
        row = await session.get_one(Invitation, invitation.id)
        row.state, row.reconfirm = InvitationState.SENT, True
    page = await opened(web, visit, "T3", "goals")
    assert "Klopt je doel nog?" in page.content
    assert "/thanks/" in (await sent(web, page, _sure="yes")).url.path
    first, second = await submissions(visit, "T3", "goals")
    assert first.answers == second.answers


async def test_a_script_keeps_a_draft_and_never_after_the_answer(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await opened(web, visit, "T3", "goals")
    by_script = {"Accept": "application/json"}
    untouched = await web.post(page.form.action, data=page.form.filled(_action="draft"), headers=by_script)
    assert untouched.json() == {"saved": None}
    data = page.form.filled(**GOALS, _action="draft")
    assert (await web.post(page.form.action, data=data, headers=by_script)).json() == {"saved": "12:00"}
    await sent(web, page, **GOALS)
    assert (await web.post(page.form.action, data=data, headers=by_script)).json() == {"saved": None}
    async with visit.runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Draft)) == 0


async def test_a_late_answer_is_taken_and_told(web: httpx.AsyncClient, visit: Visit) -> None:
    await visit.runtime.clock.set(local("2026-10-30 09:00"))
    page = await opened(web, visit, "T3", "goals")
    assert "Je antwoord is nog steeds welkom." in page.content
    answer = await sent(web, page, **GOALS)
    assert "het telt gewoon mee" in read(answer.text).content
    assert (await visit.invitation("T3", "goals")).is_late


async def test_no_answer_after_cancelling_and_the_reason_is_said(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await opened(web, visit, "T3", "goals")
    async with visit.runtime.store.change(now=local("2026-10-09 12:01"), actor="test") as session:
        (await session.get_one(Activity, visit.activity_id)).status = ActivityStatus.CANCELLED
    answer = await sent(web, page, **GOALS)
    assert answer.status_code == 409
    assert "geannuleerd" in read(answer.text).content
    assert "geannuleerd" in (await opened(web, visit, "T3", "goals")).content
    assert await submissions(visit, "T3", "goals") == []


async def test_a_waived_question_says_that_it_is_not_needed(web: httpx.AsyncClient, visit: Visit) -> None:
    invitation = await visit.invitation("P3", "task-division")
    async with visit.runtime.store.change(now=local("2026-10-09 12:01"), actor="test") as session:
        (await session.get_one(Invitation, invitation.id)).state = InvitationState.WAIVED
    page = await opened(web, visit, "P3", "task-division")
    assert "Deze vraag hoeft u niet meer te beantwoorden." in page.content


async def test_forged_fields_and_answers_of_the_wrong_type(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await opened(web, visit, "T3", "goals")
    forged: dict[str, Any] = {"state": "answered", "person_id": "x", "goal_1.__class__": "y", "purpose.trends": "1"}
    data = {**page.form.filled(**GOALS, _action="send"), **forged}
    answer = await web.post(page.form.action, data=data)
    assert "/thanks/" in answer.url.path
    stored = (await submissions(visit, "T3", "goals"))[0].answers
    assert not set(forged) & set(stored)

    page = await opened(web, visit, "L1", "approval")
    wrong = await sent(web, page, hours_ok="drie", cover="nonsense", travel="misschien")
    assert wrong.status_code == 422
    again = read(wrong.text)
    assert "Dit is geen getal." in again.content
    assert again.form.fields["hours_ok"] == ["drie"]


async def test_control_18_ten_megabytes_of_text_get_a_page_and_change_nothing(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    page = await opened(web, visit, "T3", "goals")
    before = await dump(visit.runtime.store)
    answer = await sent(web, page, **{**GOALS, "goal_why": "x" * 10_000_000})
    assert answer.status_code == 413
    assert "Ga terug: wat er getypt is staat er nog." in read(answer.text).content
    many = await web.post(page.form.action, data={f"f{n}": "x" for n in range(500)})
    assert many.status_code == 400
    assert await dump(visit.runtime.store) == before


async def test_control_12_posts_from_elsewhere_are_refused(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await opened(web, visit, "T3", "goals")
    before = await dump(visit.runtime.store)
    data = page.form.filled(**GOALS, _action="send")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = await web.post(page.form.action, data=data, headers=headers)
        assert answer.status_code == 403
        assert "niets veranderd" in answer.text
    assert await dump(visit.runtime.store) == before
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    assert "/thanks/" in (await web.post(page.form.action, data=data, headers=own)).url.path


async def test_without_the_pages_own_key_nothing_is_sent_but_all_is_kept(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await opened(web, visit, "T3", "goals")
    other = await opened(web, visit, "T2", "goals")
    before = await dump(visit.runtime.store)
    for key in ("", "forged", other.form.fields["_key"][0]):
        answer = await sent(web, page, **{**GOALS, "_key": key})
        assert answer.status_code == 403
        again = read(answer.text)
        assert "Alles staat er nog." in again.content
        assert again.form.fields["goal_1"] == [GOALS["goal_1"]]
    assert await dump(visit.runtime.store) == before
    assert "/thanks/" in (await sent(web, again, **GOALS)).url.path


async def test_a_forgotten_cookie_loses_nothing(app: FastAPI, visit: Visit) -> None:
    async with browser_of(app) as web, browser_of(app) as restarted, browser_of(app) as stranger:
        page = await opened(web, visit, "T3", "goals")
        answer = await sent(restarted, page, **GOALS)
        assert "/thanks/" in answer.url.path
        assert (await stranger.post(page.form.action, data={"goal_1": "x", "_action": "send"})).status_code == 404


async def test_a_store_that_is_locked_keeps_what_was_typed(web: httpx.AsyncClient, visit: Visit) -> None:
    store = visit.runtime.store
    if store.path is None:
        pytest.skip("one writer at a time is SQLite's own limit")
    page = await opened(web, visit, "T3", "goals")
    await store.close()
    event.listen(store.engine.sync_engine, "connect", impatient)
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = await sent(web, page, **GOALS)
    holder.execute("ROLLBACK")
    holder.close()
    assert answer.status_code == 503
    again = read(answer.text)
    assert "Alles staat er nog." in again.content
    assert again.form.fields["goal_1"] == [GOALS["goal_1"]]
    assert "/thanks/" in (await sent(web, again, **GOALS)).url.path


def impatient(connection: Any, _entry: Any) -> None:
    """Let SQLite wait a twentieth of a second for another writer, not fifteen seconds."""
    connection.execute("PRAGMA busy_timeout=50")


async def test_a_shared_mailbox_asks_who_answers(web: httpx.AsyncClient, visit: Visit) -> None:
    async with visit.runtime.store.change(now=local("2026-10-09 12:01"), actor="test") as session:
        contact = await session.get_one(Contact, visit.cast.contacts["P3", ContactKind.MAIL].id)
        contact.is_shared = True
    page = await opened(web, visit, "P3", "date-poll")
    assert "Wie bent u?" in page.content
    assert "Koen Korteweg" in page.content
    assert "_who" not in page.form.fields
    missing = await sent(web, page, ask_again="2027-01-05")
    assert missing.status_code == 422
    assert "Kies wie u bent." in read(missing.text).content
    no_name = await sent(web, read(missing.text), ask_again="2027-01-05", _who="other")
    assert "Schrijf uw naam." in read(no_name.text).content
    named = await sent(web, read(no_name.text), ask_again="2027-01-05", _who="other", _who_name=" Ria  van Dam ")
    assert "/thanks/" in named.url.path
    assert [row.answered_by for row in await submissions(visit, "P3", "date-poll")] == [None, "Ria van Dam"]


async def test_the_personal_page_shows_what_is_open_and_whom_to_call(web: httpx.AsyncClient, visit: Visit) -> None:
    page = read((await web.get(f"/f/{await visit.personal_token('T3')}")).text)
    assert "Dag Erik" in page.content
    for words in ("Doe je mee?", "Wat wil jij leren?", "Fabrieksweg 12, Rivierdam", "06-00000001"):
        assert words in page.content
    for address in [link for link in page.links if "/ask/" in link]:
        form = read((await web.get(address)).text)
        assert form.form.action == address


async def test_a_change_and_a_privacy_request_can_always_be_sent(web: httpx.AsyncClient, visit: Visit) -> None:
    home = (await web.get(f"/f/{await visit.token('T3', 'goals')}")).url.path
    for what, changes, said in (
        (
            "change",
            {"what": "replaced", "replacement": "Daan Rietveld", "replacement_email": "d.rietveld@s1.example"},
            "Je bericht staat bij Jolanda Meerdink.",
        ),
        ("privacy", {"kind": "access", "reply": "mail"}, "binnen een maand"),
    ):
        page = read((await web.get(f"{home}/{what}")).text)
        before = await dump(visit.runtime.store)
        assert (await sent(web, page)).status_code == 422
        assert await dump(visit.runtime.store) == before
        first = read((await web.get(f"{home}/{what}")).text)
        wrong = await sent(web, first, remark="Alleen dit", text="Alleen dit")
        assert wrong.status_code == 422
        answer = await sent(web, read(wrong.text), **changes)
        assert answer.status_code == 200, answer.text
        assert said in read(answer.text).content
        other = await sent(web, read(wrong.text), **changes, remark="Toch niet", text="Toch niet")
        if what == "privacy":
            assert other.status_code == 409
            told = read(other.text)
            assert "Dit hebben we" in told.content
            assert told.form.fields["text"] == ["Toch niet"]
            assert visit.runtime.settings.base_url not in told.links
        async with visit.runtime.store.read() as session:
            form = {"change": "change", "privacy": "privacy-request"}[what]
            rows = list(await session.scalars(select(Submission).where(Submission.form == form)))
        assert [row.person_id for row in rows] == [visit.cast.id("T3")]


async def test_the_host_answers_the_task_division_with_a_counter_proposal(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await opened(web, visit, "P3", "task-division")
    assert page.form.fields["tasks.reception.who"]
    assert "agree" not in page.form.fields
    answer = await sent(
        web,
        page,
        max_group="8",
        hours_plan="6,5",
        host_goal=["", "known"],
        confidential=["", "Niets bijzonders"],
        safety=["", "none"],
        photo_site="ask-first",
        agree="changes",
        counter="Een groep van acht, geen foto's in hal 2.",
        valid_note="yes",
        valid_note_name="Koen Korteweg",
        **{"tasks__new-1__label": "Lunch voor allen", "tasks__new-1__who": "together"},
    )
    assert "/thanks/" in answer.url.path, read(answer.text).content[:600]
    stored = (await submissions(visit, "P3", "task-division"))[0].answers
    assert stored["max_group"] == 8
    assert stored["hours_plan"] == 6.5
    assert {"row": "new-1", "label": "Lunch voor allen", "who": "together"} in stored["tasks"]
    assert (await visit.invitation("P3", "task-division")).state is InvitationState.COUNTERED


async def test_a_pupils_name_is_asked_about_and_may_stay_once_its_writer_has_looked(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    page = await opened(web, visit, "T3", "goals")
    said = {**GOALS, "goal_why": "Leerling Kevin vroeg ernaar."}
    answer = await sent(web, page, **said)
    assert answer.status_code == 422
    asked = read(answer.text)
    assert "Staat hier de naam van een leerling: ‘Kevin’?" in asked.content
    assert "_looked" in asked.form.names
    assert await submissions(visit, "T3", "goals") == []

    answer = await sent(web, asked, goal_why="Een leerling vroeg ernaar.")
    assert "/thanks/" in answer.url.path
    page = await opened(web, visit, "T5", "goals")
    asked = read((await sent(web, page, **said)).text)
    answer = await sent(web, asked, _looked="yes")
    assert "/thanks/" in answer.url.path
    [kept] = await submissions(visit, "T5", "goals")
    assert kept.answers["goal_why"] == "Leerling Kevin vroeg ernaar."


async def test_what_is_typed_where_it_does_not_belong_is_not_dropped_unsaid(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    page = await opened(web, visit, "T5", "registration")
    before = await submissions(visit, "T5", "registration")
    answer = await sent(web, page, attend="yes", reason="Ik moet om vier uur weg.")
    assert answer.status_code == 422
    asked = read(answer.text)
    assert "wat je hier schreef wordt niet bewaard" in asked.content
    assert asked.form.fields["reason"] == ["Ik moet om vier uur weg."], "a page without scripts shows it again"
    assert await submissions(visit, "T5", "registration") == before

    answer = await sent(web, asked, _looked="yes")
    assert "/thanks/" in answer.url.path
    assert [one.answers for one in await submissions(visit, "T5", "registration")][-1] == {"attend": True}


async def test_a_form_is_opened_in_few_trips_to_the_database(web: httpx.AsyncClient, visit: Visit) -> None:
    token = await visit.token("T5", "registration")
    await web.get(f"/f/{token}")  # forms and playbooks are read once in a process
    asked: list[str] = []

    def note(_line: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert (await web.get(f"/f/{token}")).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    # The link, once by its token and once by its address; on PostgreSQL whose rows are seen; six for the page.
    assert 6 < len(asked) <= 9, asked
