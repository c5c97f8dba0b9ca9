"""What a program does to an activity is what the board does: the same look first, refusals and outcome."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from models.tables.activities import Activity, ActivityStatus, ContactMoment, Participation, Standing
from models.tables.api import ApiOnce
from models.tables.asking import Invitation, InvitationState, Submission, Via
from models.tables.mail import Call, CallState
from models.tables.truth import AuditEntry
from sandwich.runtime import Runtime
from sandwich.web.board.doing import ACTIONS
from sandwich.web.limits import FORM_BYTES
from tests.api.conftest import Program
from tests.support.chapters import play
from tests.support.driver import Play
from tests.web.visit import Visit, local

__all__ = ["play"]

pytestmark = pytest.mark.asyncio

LATER = [{"start": "2026-11-19T13:30", "end": "2026-11-19T16:30"}]


def draft(visit: Visit, **changes: Any) -> dict[str, Any]:
    """Return an activity to be started."""
    return {
        "kind": "company-visit",
        "title": "Lassen bij Verhoeven",
        "purpose": "knowledge",
        "host": visit.cast.id("P1"),
        "dates": [{"start": "2026-12-03T12:30Z", "end": "2026-12-03T16:30+01:00"}],
        "teachers": [visit.cast.id("T1"), visit.cast.id("T9")],
        **changes,
    }


async def test_start_shows_the_whole_plan_and_begins_once(jolanda: Program, runtime: Runtime, visit: Visit) -> None:
    seen = await jolanda.post("/activities", draft(visit, dry_run=True), accept_language="en")
    assert (seen["done"], seen["activity_id"]) == (False, None)
    assert "Request to the company" in {line["title"]["en"] for line in seen["plan"]}
    assert await count(runtime, Activity) == 1

    made = await jolanda.ask("POST", "/activities", draft(visit), idempotency_key="a-1")
    again = await jolanda.ask("POST", "/activities", draft(visit), idempotency_key="a-1")

    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json()["activity_id"] == again.json()["activity_id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert await count(runtime, Activity) == 2
    shown = await jolanda.get(f"/activities/{made.json()['activity_id']}")
    assert shown["line"]["title"] == "Lassen bij Verhoeven"
    assert shown["line"]["moments"][0][0] == "2026-12-03T12:30:00Z"
    other = await jolanda.post("/activities", draft(visit, title="Anders"), expects=422, idempotency_key="a-1")
    assert other["type"] == "urn:sandwich:problem:key-reused"
    same = await jolanda.post("/activities", draft(visit), expects=422)
    assert same["type"] == "urn:sandwich:problem:refused"
    assert await count(runtime, Activity) == 2


async def test_start_says_field_by_field_what_is_wrong(jolanda: Program, runtime: Runtime, visit: Visit) -> None:
    unknown = await jolanda.post("/activities", draft(visit, teachers=["0" * 24], kind="picnic"), expects=422)
    assert {one["field"] for one in unknown["errors"]} == {"teachers", "kind"}
    backwards = [{"start": "2026-12-03T16:30", "end": "2026-12-03T13:30"}]
    assert (await jolanda.post("/activities", draft(visit, dates=backwards), expects=422))["errors"][0]["field"] == (
        "dates/0/start"
    )
    over_night = [{"start": "2026-12-03T13:30", "end": "2026-12-04T16:30"}]
    assert (await jolanda.ask("POST", "/activities", draft(visit, dates=over_night))).status_code == 422
    extra = await jolanda.post("/activities", draft(visit, colour="red"), expects=422)
    assert [one["field"] for one in extra["errors"]] == ["colour"]
    assert "red" not in str(extra), "what was sent is not repeated"
    assert await count(runtime, Activity) == 1


async def test_move_is_seen_before_it_is_done(jolanda: Program, runtime: Runtime, visit: Visit) -> None:
    await visit.date_agreed()
    move = {"dates": LATER, "reason": "De bus rijdt niet."}
    at = f"/activities/{visit.activity_id}/move"

    refused = await jolanda.post(at, move, expects=409, accept_language="en")
    seen = await jolanda.post(at, {**move, "dry_run": True}, accept_language="nl")

    assert refused["type"] == "urn:sandwich:problem:unseen"
    assert refused["seen"] == seen["seen"]
    assert any("Herinnering voor de dag: was wo 4 nov, wordt wo 18 nov." in line for line in seen["happens"])
    other = {**move, "dates": [{"start": "2026-11-26T13:30", "end": "2026-11-26T16:30"}], "seen": seen["seen"]}
    await jolanda.post(at, other, expects=409)
    await jolanda.post(at, {**move, "dates": LATER * 4}, expects=422)
    assert (await moment(runtime, visit)) == local("2026-11-05 13:30")

    done = await jolanda.post(at, {**move, "seen": seen["seen"]})

    assert done["done"]
    assert (await moment(runtime, visit)) == local("2026-11-19 13:30")


async def test_course_hold_resume_cancel(jolanda: Program, runtime: Runtime, visit: Visit) -> None:
    at = f"/activities/{visit.activity_id}"
    looked = await jolanda.post(f"{at}/cancel", {"reason": "x", "dry_run": True}, accept_language="nl")
    assert "1 persoon krijgt een mail: geannuleerd." in looked["happens"]
    await jolanda.post(f"{at}/hold", {}, expects=422)
    await jolanda.post(f"{at}/hold", {"reason": "Storing in de fabriek"})
    assert (await status(runtime, visit)) is ActivityStatus.ON_HOLD
    await jolanda.post(f"{at}/resume")
    await jolanda.post(f"{at}/resume", expects=404)
    await jolanda.post(f"{at}/cancel", {"reason": "Het bedrijf sluit"})
    assert (await status(runtime, visit)) is ActivityStatus.CANCELLED
    again = await jolanda.post(f"{at}/cancel", {"reason": "Nog eens"}, expects=422, accept_language="nl")
    assert "Deze activiteit is geannuleerd." in again["detail"]
    assert [one["id"] for one in (await jolanda.get("/activities?ended=true"))["items"]] == [visit.activity_id]
    assert (await jolanda.get("/activities"))["found"] == 0


async def test_what_is_done_stands_in_the_log_under_the_holder(
    jolanda: Program, runtime: Runtime, visit: Visit
) -> None:
    await jolanda.post(f"/activities/{visit.activity_id}/fix-date", {"number": 1})
    async with runtime.store.read() as session:
        last = (
            await session.scalars(
                select(AuditEntry).where(AuditEntry.stream == visit.activity_id).order_by(AuditEntry.number.desc())
            )
        ).first()
    assert last is not None
    assert last.actor == visit.cast.id("C1")
    assert (await moment(runtime, visit)) == local("2026-11-12 13:30")


async def test_an_answer_taken_on_the_phone(jolanda: Program, runtime: Runtime, visit: Visit) -> None:
    invitation = await visit.invitation("P3", "date-poll")
    at = f"/activities/{visit.activity_id}/invitations/{invitation.id}"
    asked = await jolanda.get(at)
    days = [row["key"] for row in asked["rows"]["dates"]]
    answers = {f"dates.{day}.answer": ["suits"] for day in days}
    missing = await jolanda.post(f"{at}/answers", {"answers": {}, "shown": asked["shown"]}, expects=422)
    assert missing["errors"]

    for _ in range(2):
        await jolanda.post(
            f"{at}/answers",
            {"answers": answers, "spoken_to": "Koen", "shown": asked["shown"]},
            idempotency_key="phone-1",
        )

    async with runtime.store.read() as session:
        [given] = await session.scalars(select(Submission))
    assert (given.via, given.entered_by_id, given.answered_by) == (Via.PHONE, visit.cast.id("C1"), "Koen")
    shown = await jolanda.get(f"/activities/{visit.activity_id}/answers/{given.id}", accept_language="en")
    assert shown["spoken_to"] == "Koen"


@pytest.mark.chapter("asked")
async def test_people_mails_and_calls(jolanda: Program, runtime: Runtime, play: Play) -> None:
    at = f"/activities/{play.activity_id}"
    detail = await jolanda.get(at)
    teacher = next(one for one in detail["people"] if one["person_id"] == play.cast.id("T3"))
    seat = teacher["participation_id"]

    added = await jolanda.post(f"{at}/roles/teacher/people", {"people": [play.cast.id("T9")], "dry_run": True})
    assert added["happens"]
    await jolanda.post(f"{at}/roles/teacher/people", {"people": ["0" * 24]}, expects=422)
    mark = None
    for expects in (409, 200):
        body = {"people": [play.cast.id("T9")], **({"seen": mark} if mark else {})}
        answer = await jolanda.ask("POST", f"{at}/roles/teacher/people", body)
        if answer.status_code == 200:
            break
        assert answer.status_code == expects
        mark = answer.json()["seen"]
    await jolanda.post(f"{at}/participations/{seat}/replace", {"person": play.cast.id("T1")})
    async with runtime.store.read() as session:
        seats = list(await session.scalars(select(Participation).where(Participation.id == seat)))
        people = set(await session.scalars(select(Participation.person_id)))
    assert seats[0].standing is Standing.REPLACED
    assert {play.cast.id("T9"), play.cast.id("T1")} <= people

    questions = [
        ask["invitation_id"]
        for one in (await jolanda.get(at))["people"]
        for ask in one["asks"]
        if ask["is_open"] and one["is_active"]
    ]
    await jolanda.post(f"{at}/invitations/{questions[0]}/waive", {"reason": "Hoeft niet"})
    async with runtime.store.read() as session:
        assert (await session.get_one(Invitation, questions[0])).state is InvitationState.WAIVED
    waiting = [one["id"] for one in (await jolanda.get(at))["messages"] if one["state"] == "queued"]
    assert waiting
    assert (await jolanda.get(f"{at}/mails/{waiting[0]}"))["subject"]
    await jolanda.post(f"{at}/mails/{waiting[0]}/word", {"word": "Tot dan!"})
    for verb, state in (("hold", "held"), ("let-leave", "queued"), ("discard", "discarded")):
        await jolanda.post(f"{at}/mails/{verb}", {"mails": [waiting[0]]})
        found = {one["id"]: one for one in (await jolanda.get(at))["messages"]}
        assert found[waiting[0]]["state"] == state


async def test_calls_are_listed_and_done(jolanda: Program, runtime: Runtime, visit: Visit) -> None:
    now = await runtime.clock.now()
    async with runtime.store.change(now=now, actor="test", stream=visit.activity_id) as session:
        session.add(
            Call(
                key="k",
                activity_id=visit.activity_id,
                what="no-answer",
                state=CallState.OPEN,
                due_at=now,
                opened_at=now,
            )
        )
    [call] = await jolanda.get("/calls")
    await jolanda.post(f"/activities/{visit.activity_id}/calls/{call['id']}/done", {"note": "Gebeld"})
    assert await jolanda.get("/calls") == []


async def test_what_broke_off_is_not_done_twice(jolanda: Program, runtime: Runtime, visit: Visit) -> None:
    """A key whose request never answered says so; one that was refused may come again."""
    at = f"/activities/{visit.activity_id}/hold"
    await jolanda.post(at, {"reason": ""}, expects=422, idempotency_key="h-1")
    await jolanda.post(at, {"reason": "Storing", "dry_run": True}, idempotency_key="h-1")
    await jolanda.post(at, {"reason": "Storing"}, idempotency_key="h-1")
    async with runtime.store.maintain() as session:
        [row] = await session.scalars(select(ApiOnce))
        assert "Storing" not in str(row.response)
        row.status = None
    stuck = await jolanda.post(at, {"reason": "Storing"}, expects=409, idempotency_key="h-1")
    assert stuck["type"] == "urn:sandwich:problem:underway"
    for key in ("", "x" * 65, "é"):
        answer = await jolanda.client.post(
            f"/api/v1{at}",
            json={"reason": "x"},
            headers=[(b"authorization", f"Bearer {jolanda.made.token}".encode()), (b"idempotency-key", key.encode())],  # type: ignore[union-attr]
        )
        assert answer.status_code == 422, key


@pytest.mark.both
async def test_the_same_request_at_the_same_moment_is_done_once(
    jolanda: Program, runtime: Runtime, visit: Visit
) -> None:
    answers = await asyncio.gather(
        *(jolanda.ask("POST", "/activities", draft(visit), idempotency_key="twice") for _ in range(4))
    )
    assert {one.status_code for one in answers} <= {201, 409}
    assert 201 in {one.status_code for one in answers}
    assert await count(runtime, Activity) == 2


async def test_what_is_too_large_or_no_json_is_told_so(jolanda: Program, visit: Visit) -> None:
    at = f"/activities/{visit.activity_id}/cancel"
    assert (await jolanda.ask("POST", at, {"reason": "x" * FORM_BYTES})).status_code == 413
    assert jolanda.made is not None
    for content, kind in ((b"{", "application/json"), (b"reason=x", "application/x-www-form-urlencoded")):
        headers = {"authorization": f"Bearer {jolanda.made.token}", "content-type": kind}
        answer = await jolanda.client.post(f"/api/v1{at}", content=content, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    wrong = await jolanda.ask("PUT", at, {})
    assert (wrong.status_code, wrong.headers["content-type"]) == (405, "application/problem+json")


async def test_pages_of_the_list_and_its_search(jolanda: Program, visit: Visit) -> None:
    for title in ("Een", "Twee"):
        await jolanda.post("/activities", draft(visit, title=title, although="Ja", owner_agrees=True), expects=201)
    first = await jolanda.get("/activities?limit=2")
    rest = await jolanda.get(f"/activities?limit=2&offset={first['next']}")
    assert (first["found"], rest["next"]) == (3, None)
    titles = Counter(one["title"] for one in (*first["items"], *rest["items"]))
    assert titles == Counter({"Een": 1, "Twee": 1, "Prefab bouwen bij Korteweg": 1})
    assert [one["title"] for one in (await jolanda.get("/activities?q=prefab korteweg"))["items"]] == [
        "Prefab bouwen bij Korteweg"
    ]
    assert (await jolanda.get("/activities?place=after"))["items"] == []
    for query in ("limit=0", "limit=x", "place=nowhere", "offset=-1", "needs_hand=perhaps"):
        assert (await jolanda.ask("GET", f"/activities?{query}")).status_code == 422, query


async def test_companies_and_texts(jolanda: Program, visit: Visit) -> None:
    company = visit.cast.id("B3")
    assert company in {one["id"] for one in (await jolanda.get("/companies?q=korteweg"))["lines"]}
    at = f"/companies/{company}"
    seen = await jolanda.get(at)
    await jolanda.post(f"{at}/owner", {"owner": visit.cast.id("C1")})
    await jolanda.post(f"{at}/owner", {"owner": visit.cast.id("T1")}, expects=422)
    assert (await jolanda.get(at))["owner"]["id"] == visit.cast.id("C1")
    await jolanda.post(f"{at}/closed-days", {"name": "Bouwvak", "first": "2027-07-26", "last": "2027-08-13"})
    [days] = (await jolanda.get(at))["closed"]
    assert (await jolanda.ask("DELETE", f"{at}/closed-days/{days['id']}")).status_code == 200
    changes = {"values": {"company.note": ["Belt liever"]}, "seen": seen["seen"]}
    assert (await jolanda.ask("PATCH", at, changes)).status_code == 200
    assert (await jolanda.get(at))["values"]["company.note"] == ["Belt liever"]
    assert (await jolanda.ask("PATCH", at, {**changes, "values": {"company.note": ["Anders"]}})).status_code == 409
    assert (await jolanda.ask("PATCH", at, {**changes, "values": {"company.secret": ["x"]}})).status_code == 422

    mail = (await jolanda.get("/texts"))["mails"][0]
    wording = {"language": "nl", "pieces": {"opening": "Dag allemaal."}}
    assert (await jolanda.ask("PUT", f"/texts/{mail}", wording)).status_code == 200
    assert [one["words"] for one in await jolanda.get("/texts/own")] == ["Dag allemaal."]
    assert (await jolanda.ask("PUT", "/texts/no-such-mail", wording)).status_code == 404


async def test_figures_and_their_files(jolanda: Program, visit: Visit) -> None:
    choices = await jolanda.get("/figures")
    assert "school-2026" in choices["years"]
    school = choices["schools"][0]["id"]
    assert (await jolanda.get(f"/figures/report?of={school}&year=school-2026"))["report"]["sections"]
    await jolanda.get("/figures/now")
    await jolanda.get(f"/schools/{school}/wall")
    for ending, kind in (("csv", "text/csv"), ("xlsx", "openxmlformats"), ("pdf", "application/pdf")):
        answer = await jolanda.ask("GET", f"/figures/report.{ending}")
        assert (answer.status_code, kind in answer.headers["content-type"]) == (200, True)
    assert (await jolanda.ask("GET", f"/figures/report?of={'0' * 24}")).status_code == 404


async def test_every_action_of_the_board_is_reached() -> None:
    """What the board can do to an activity, programs can: nobody adds an action and forgets them."""
    from pathlib import Path

    code = (Path(__file__).parents[2] / "sandwich/web/api/doing.py").read_text(encoding="utf-8")
    assert [verb for verb in ACTIONS if f'activity_id, "{verb}"' not in code] == []


async def count(runtime: Runtime, table: type[Any]) -> int:
    """Return how many rows a table has."""
    async with runtime.store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def moment(runtime: Runtime, visit: Visit) -> Any:
    """Return when the activity begins."""
    async with runtime.store.read() as session:
        return await session.scalar(
            select(ContactMoment.starts_at).where(ContactMoment.activity_id == visit.activity_id)
        )


async def status(runtime: Runtime, visit: Visit) -> ActivityStatus:
    """Return how far the activity is."""
    async with runtime.store.read() as session:
        return (await session.get_one(Activity, visit.activity_id)).status
