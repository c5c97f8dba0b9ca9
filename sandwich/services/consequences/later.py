"""What follows from the answers of the day itself and afterwards."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from models.roles import Role, Stage
from models.steps import Among
from models.tables.activities import Presence
from models.tables.results import CompanyValue, HoursKind
from sandwich.services.answers_of import read_answers_of
from sandwich.services.catch_up import ask_no_more, catch_up
from sandwich.services.certificates import make_late_certificates
from sandwich.services.consequences.hours import confirm, estimate
from sandwich.services.consequences.network import host_again
from sandwich.services.consequences.received import Received
from sandwich.services.next_meeting import agree_next
from sandwich.services.presence import record
from sandwich.services.share import take_impressions, take_release

_PRESENCE = {
    "present": Presence.PRESENT,
    "partly": Presence.PARTLY,
    "absent": Presence.ABSENT,
    "replaced": Presence.ABSENT,
}
_TEACHER_HOURS = {
    "before": HoursKind.TEACHER_BEFORE,
    "during": HoursKind.TEACHER_DURING,
    "after": HoursKind.TEACHER_AFTER,
}
_COMPANY_HOURS = {
    "hours_prep": HoursKind.COMPANY_BEFORE,
    "hours_day": HoursKind.COMPANY_DURING,
    "hours_after": HoursKind.COMPANY_AFTER,
}
LOWEST = 1
"""A total satisfaction this low reaches the coordinator the same day (field rule 14)."""


async def attendance(received: Received) -> None:
    """Who was there, and what the coordinator must know. A correction also corrects who is asked afterwards."""
    loaded = received.loaded
    people = {item.id: item for item in loaded.in_role(Role.TEACHER)}
    said = dict.fromkeys(people, Presence.PRESENT) if received.answers.get("everybody") else {}
    for row in received.answers.get("present") or []:
        if row["row"] in people and row.get("status") in _PRESENCE:
            said[row["row"]] = _PRESENCE[row["status"]]
    record(loaded, received.moment, said, received.now)
    there = loaded.in_role(Role.TEACHER, Among.PRESENT)
    asked = any(step.done_at is not None for step in loaded.steps.values() if step.stage is not Stage.BEFORE)
    for participation in people.values() if asked else ():
        await ask_no_more(received.session, loaded, participation, Among.PRESENT, received.now)
        if participation in there:
            await catch_up(received.session, received.runtime.library, loaded, participation, received.now)
    await _keep_hours(received, [item.person_id for item in there])
    if received.answers.get("incident"):
        await received.call("incident")
    if received.answers.get("extra"):
        await received.call("extra-people")
    if any(row.get("status") == "replaced" for row in received.answers.get("present") or []):
        await received.call("replaced-on-the-day")


async def session_log(received: Received) -> None:
    """Who was there at this meeting: everybody whom the log names."""
    present = received.answers.get("present") or []
    teachers = [item.id for item in received.loaded.in_role(Role.TEACHER)]
    said = {key: Presence.PRESENT if key in present else Presence.ABSENT for key in teachers}
    record(received.loaded, received.moment, said, received.now)


async def _keep_hours(received: Received, people: Sequence[str]) -> None:
    """Write how long everybody was there, by the real end; what somebody says of the own hours counts instead."""
    said = received.answers.get("end_time")
    if not said:
        return
    ended = datetime.fromisoformat(said).replace(tzinfo=received.loaded.zone)
    hours = round((ended - received.loaded.starts_at).total_seconds() / 3600, 1)
    if hours <= 0:
        return
    answers = await read_answers_of(received.session, received.loaded.activity.id)
    own = {item.participation.person_id for item in answers.of_form("teacher-evaluation")}
    for person_id in people:
        if person_id not in own:
            await estimate(received, HoursKind.TEACHER_DURING, hours, person_id)


async def impact_check(received: Received) -> None:
    """Whoever would like contact with the company is helped by the coordinator."""
    if received.answers.get("contact") == "wanted":
        await received.call("contact-wanted")


async def teacher_evaluation(received: Received) -> None:
    """The hours of the teacher; a very low score reaches the coordinator."""
    for row in received.answers.get("hours_teacher") or []:
        if row.get("hours") is not None:
            await estimate(received, _TEACHER_HOURS[row["row"]], float(row["hours"]))
    if received.answers.get("overall") == LOWEST:
        await received.call("low-score")
    await make_late_certificates(received.session, received.loaded, received.now)


async def host_evaluation(received: Received) -> None:
    """A very low score reaches the coordinator, and so does a host who wants to be phoned; the register learns."""
    await host_again(received)
    if received.answers.get("overall") == LOWEST:
        await received.call("low-score")
    if received.answers.get("feedback_want") == "phone":
        await received.call("feedback-by-phone")


async def host_hours(received: Received) -> None:
    """Hours of the company, confirmed when it says so on its own behalf, else estimated."""
    answers = received.answers
    confirmed = answers.get("on_behalf") is True and answers.get("confirm") in {"correct", "adjusted"}
    for question, kind in _COMPANY_HOURS.items():
        if answers.get(question) is None:
            continue
        if confirmed:
            await confirm(received, kind, float(answers[question]), answers.get("name_function"))
        else:
            await estimate(received, kind, float(answers[question]))
    if answers.get("material") is not None or answers.get("rate") is not None:
        await _keep_value(received, confirmed)


async def own_hours(received: Received) -> None:
    """Hours that somebody from outside says they gave themselves, all together."""
    await confirm(received, HoursKind.COMPANY_DURING, float(received.answers["host_hours"]), None)


async def next_meeting(received: Received) -> None:
    """A pair that names the day of its next meeting has it on that day."""
    person_id = received.participation.person_id
    await agree_next(received.session, received.loaded, received.answers, received.now, person_id)


async def card_release(received: Received) -> None:
    """The host's word on the impression card."""
    assert received.invitation is not None  # this form is only asked, never sent unasked
    await take_release(
        received.session,
        received.loaded,
        received.invitation,
        received.participation.person_id,
        dict(received.answers),
        received.now,
        received.submission.id,
    )


async def impressions(received: Received) -> None:
    """What the host has not seen waits for it."""
    await take_impressions(received.session, received.loaded, received.now)


async def _keep_value(received: Received, confirmed: bool) -> None:
    """Keep what one company gave beside its hours; of several each has its own."""
    session, activity_id = received.session, received.loaded.activity.id
    person_id = received.participation.person_id
    value = await session.scalar(
        select(CompanyValue).where(CompanyValue.activity_id == activity_id, CompanyValue.person_id == person_id)
    )
    if value is None:
        value = CompanyValue(activity_id=activity_id, person_id=person_id, stated_at=received.now)
        session.add(value)
    value.material = float(received.answers.get("material") or 0)
    value.rate = received.answers.get("rate")
    value.is_confirmed = confirmed
    value.source = received.submission.id
    value.stated_at = received.now
