"""What follows from the answers of the first slice: date, people, goals, task division, practical information."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from models.channels import ConsentChannel
from models.roles import Role
from models.tables.activities import ACTIVE, Approval, Standing, StepState
from models.tables.results import Consent, HoursKind
from sandwich.services.agreements import agreement_of_step
from sandwich.services.appointments import BRINGS, Why
from sandwich.services.catch_up import catch_up
from sandwich.services.consequences.hours import estimate
from sandwich.services.consequences.received import Received
from sandwich.services.dates import fix, fixed_number, suiting
from sandwich.services.facts import gather
from sandwich.services.invite import ask_of, registration_closes_at, remind_from_now, tell_people
from sandwich.services.leave import leave
from sandwich.services.moving import taking_part
from sandwich.services.people import add_school_people
from sandwich.services.polls import date_is_known

_AGREED = "agreed"
_COMING, _LATER = "coming", "later"


async def date_poll(received: Received) -> None:
    """The first date that suits is fixed; where none does, the coordinator decides.

    So it is where the date was fixed before and does not suit any more: a date is moved by a person.
    """
    loaded = received.loaded
    declined = bool(received.answers.get("not_possible"))
    if loaded.company is not None:
        again = received.answers.get("ask_again") if declined else None
        loaded.company.ask_again_on = date.fromisoformat(again) if again else None
    if declined:
        await received.call("host-declined")
        return
    if received.answers.get("other_person"):
        await received.call("other-person")
    answers = {row["row"]: row.get("answer") for row in received.answers.get("dates") or []}
    if loaded.activity.date_fixed_at is not None:
        fixed = fixed_number(loaded)
        if fixed is not None and answers.get(f"date-{fixed + 1}") == "impossible":
            await received.call("change-other-date")
        return
    number = suiting(loaded, answers, received.now)
    if number is None:
        await received.call("other-date" if received.answers.get("other") else "choose-date")
        return
    fix(loaded, number, received.now)
    await date_is_known(received.session, loaded, received.now)


async def attends(received: Received) -> None:
    """Who comes is registered; a no ends everything that was asked. Who changes their mind catches up.

    Who does not know yet stays invited until registration closes.
    """
    said = received.answers.get("attend")
    if said == _LATER:
        _look_when_it_closes(received)
    elif said in {True, _COMING}:
        await comes(received)
    else:
        await stays_away(received)


def _look_when_it_closes(received: Received) -> None:
    invitation, loaded = received.invitation, received.loaded
    assert invitation is not None  # this is only asked, never sent unasked
    found = ask_of(loaded.playbook, invitation, received.participation.role)
    if found is not None and received.participation.standing is Standing.INVITED:
        calendar = loaded.calendar_of(received.participation)
        closes_at = registration_closes_at(invitation, found[1], loaded, calendar)
        invitation.next_at = max(closes_at or received.now, received.now)


async def stays_away(received: Received) -> None:
    """Let somebody leave who says that they do not come."""
    await leave(received.session, received.loaded, received.participation, Standing.DECLINED, received.now, why=Why.OWN)


async def comes(received: Received) -> None:
    """Register somebody who says yes; who had left, or never answered in time, comes back and catches up."""
    participation = received.participation
    comes_back, schools = participation.standing not in ACTIVE, taking_part(received.loaded)
    was_unsure = participation.standing is Standing.INVITED
    participation.standing, participation.left_at = Standing.REGISTERED, None
    if was_unsure:
        await remind_from_now(received.session, received.loaded, participation, received.now)
    if comes_back:
        received.loaded.refresh_calendars()
        is_new = bool(taking_part(received.loaded) - schools)
        beside = await add_school_people(received.session, received.loaded, received.now) if is_new else ()
        for item in (*beside, participation):
            await catch_up(received.session, received.runtime.library, received.loaded, item, received.now)


async def approval(received: Received) -> None:
    """Per person: released, or not; somebody who is not released leaves. What it takes is for the coordinator."""
    people = {item.id: item for item in received.loaded.in_role(Role.TEACHER)}
    for row in received.answers.get("decision") or []:
        person = people.get(row["row"])
        if person is None:
            continue
        if row.get("decision") == "approved":
            person.approval = Approval.APPROVED
            continue
        person.approval = Approval.REFUSED
        if row.get("decision") == "declined":
            await leave(received.session, received.loaded, person, Standing.WITHDRAWN, received.now, why=Why.SCHOOL)
    if any(row.get("decision") != "approved" for row in received.answers.get("decision") or []):
        await received.call("release-refused")
    if received.answers.get("cover") == "arrange":
        await received.call("cover-needed")
    if received.answers.get("travel") is False:
        await received.call("travel-refused")


async def goals(received: Received) -> None:
    """Keep the consent to photos, each channel apart."""
    await keep_consents(received, received.answers.get("photo_self") or [])


async def task_division(received: Received) -> None:
    """The hours that the host expects are an estimate from now on; who may agree to it, if not this person?"""
    hours = received.answers.get("hours_plan")
    if hours is not None:
        await estimate(received, HoursKind.COMPANY_BEFORE, float(hours))
    if received.answers.get("valid_note") is False:
        await received.call("other-person")


async def agreement(received: Received) -> None:
    """Where nothing is negotiated, whoever does not simply agree is phoned."""
    step = received.invitation.step if received.invitation else ""
    if agreement_of_step(received.loaded.playbook, step) is None and received.answers.get("agree") != _AGREED:
        await received.call("not-agreed")


async def practical_information(received: Received) -> None:
    """Where to report becomes the place of the activity; other times than were agreed are for the coordinator."""
    address = str(received.answers.get("address") or "").strip()
    if address:
        received.loaded.activity.place = address
    if received.loaded.activity.is_online and received.answers.get("online_link"):
        await _tell_link(received)
    if _other_times(received):
        await received.call("other-times")
    if received.answers.get("ready") is False:
        await received.call("not-arranged")


async def _tell_link(received: Received) -> None:
    """Everybody who has had the practical information gets it once more, now with the link instead of an address."""
    loaded = received.loaded
    facts = await gather(received.session, loaded, received.now)
    for step in loaded.playbook.steps:
        for tell in step.tells if loaded.states.get(step.key) is StepState.DONE else ():
            if tell.mail in BRINGS:
                await tell_people(received.session, loaded, step, tell, facts, received.now)


def _other_times(received: Received) -> bool:
    """Whether the host has another end in mind, or lets people in later than the activity begins."""
    zone = received.loaded.zone
    arrive, end = (
        datetime.fromisoformat(said).replace(tzinfo=zone) if isinstance(said, str) and said else None
        for said in (received.answers.get("arrive"), received.answers.get("end"))
    )
    starts_at, ends_at = received.loaded.starts_at, received.loaded.ends_at
    too_late = arrive is not None and (arrive > starts_at or arrive.date() != starts_at.astimezone(zone).date())
    return too_late or (end is not None and end != ends_at)


async def keep_consents(received: Received, rows: list[dict[str, Any]]) -> None:
    """Write one consent per channel; a later answer stands beside the earlier one and counts instead."""
    for row in rows:
        session = received.session
        channel = ConsentChannel(row["row"])
        known = await session.scalar(
            select(Consent.id).where(Consent.submission_id == received.submission.id, Consent.channel == channel)
        )
        if known is None and row.get("allowed") is not None:
            session.add(
                Consent(
                    person_id=received.participation.person_id,
                    activity_id=received.loaded.activity.id,
                    submission_id=received.submission.id,
                    channel=channel,
                    is_given=bool(row["allowed"]),
                    said_at=received.now,
                )
            )
