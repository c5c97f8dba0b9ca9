"""The task division as a negotiation: a proposal, counter-proposals, and one version that both sides accepted."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.agreements import Agreement, AgreementState, AgreementVersion, Party
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Call, CallState
from sandwich.definitions.library import Library
from sandwich.errors import BadInput, NotFound
from sandwich.rules.differences import Difference, adds_only, differences_between
from sandwich.rules.facts import Facts
from sandwich.runtime import Runtime
from sandwich.services.calls import drop_calls, finish, open_call, person_or_none
from sandwich.services.invite import ask_person
from sandwich.services.loaded import Loaded, load
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.settle import settle
from sandwich.store.chain import canonical

ROUNDS = 2
"""After this many counter-proposals the two sides talk on the phone (field rule 12)."""

NOT_TERMS = frozenset({"agree", "counter", "valid_note", "valid_note_name", "remark"})
"""Questions of the form that are about accepting, not about what is agreed."""


@dataclass(frozen=True)
class AgreementView:
    """An agreement as people see it: its newest version, the one before, and what differs."""

    agreement: Agreement
    version: AgreementVersion
    previous: AgreementVersion | None
    differences: tuple[Difference, ...]


async def propose(session: AsyncSession, loaded: Loaded, proposal: dict[str, str], now: datetime) -> Agreement:
    """Make the first version, the school's proposal, unless there is one; returns the agreement."""
    found = await session.scalar(select(Agreement).where(Agreement.activity_id == loaded.activity.id))
    if found is not None:
        return found
    agreement = Agreement(activity_id=loaded.activity.id)
    session.add(agreement)
    await session.flush()
    terms: dict[str, Any] = {"tasks": [{"row": task, "who": who} for task, who in proposal.items()]}
    if loaded.activity.group_size:
        terms["max_group"] = loaded.activity.group_size
    await _add_version(session, agreement, Party.SCHOOL, loaded.activity.coordinator_id, terms, None, now)
    return agreement


async def answer(
    session: AsyncSession,
    loaded: Loaded,
    invitation: Invitation,
    answers: dict[str, Any],
    now: datetime,
    submission_id: str | None = None,
) -> None:
    """Take the host's answer: accepted as proposed, a counter-proposal, or a refusal.

    It is compared with what the school proposed last, never with the host's own earlier words. Somebody who may not
    agree on behalf of the host changes nothing; the coordinator finds out who may.
    """
    view = await current(session, loaded.activity.id)
    if view is None:
        raise NotFound(what="task division of activity", name=loaded.activity.id)
    agreement = view.agreement
    decision = answers.get("agree")
    if decision == "agreed" and answers.get("valid_note") is False:
        return
    proposed = await _newest_by(session, agreement, Party.SCHOOL)
    person = loaded.participation(invitation.participation_id).person_id
    terms = {key: value for key, value in answers.items() if key not in NOT_TERMS}
    version = await _add_version(session, agreement, Party.HOST, person, terms, answers.get("counter"), now)
    version.host_accepted_at = now
    if decision == "agreed" and adds_only(proposed.terms if proposed else {}, terms):
        version.school_accepted_at = now
        await _accept(session, loaded, agreement, version, now)
        return
    await _close_asks(session, loaded, now, only_of=invitation.participation_id)
    await _take_back_calls(session, loaded.activity.id, now)
    if decision == "refused":
        agreement.state = AgreementState.REFUSED
        invitation.state = InvitationState.REFUSED
        await _call(session, loaded.activity, "refused", invitation, submission_id, version, now)
        return
    # Whoever corrects a counter-proposal before it was answered is still in the same round.
    agreement.rounds += agreement.state is not AgreementState.COUNTERED
    agreement.state = AgreementState.COUNTERED
    invitation.state = InvitationState.COUNTERED
    what = "counter-proposal" if agreement.rounds < ROUNDS else "talk-together"
    await _call(session, loaded.activity, what, invitation, submission_id, version, now)


async def decide(
    runtime: Runtime,
    activity_id: str,
    decision: str,
    terms: dict[str, Any] | None = None,
    *,
    now: datetime,
    actor: str,
) -> None:
    """Answer a counter-proposal for the school: ``accept`` it, or ``amend`` it with other ``terms``.

    An amended version goes to the host as a new request; the host then accepts the same version, or counters again.
    """
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        view = await current(session, activity_id)
        if view is None or view.agreement.state is not AgreementState.COUNTERED:
            raise BadInput(
                "There is no counter-proposal to answer: it may have been answered already.",
                "Er is geen tegenvoorstel om op te antwoorden: misschien is dat al gedaan.",
            )
        await _close_calls(session, activity_id, actor, now)
        if decision == "accept":
            view.version.school_accepted_at = now
            await _accept(session, loaded, view.agreement, view.version, now)
            await _tell_host(session, loaded, view.version, now)
        elif decision == "amend":
            await _amend(session, runtime.library, loaded, view, terms or {}, actor, now)
        else:
            raise BadInput("Choose accept or amend.", "Kies overnemen of aanpassen.")
        await settle(session, loaded, now)


async def current(session: AsyncSession, activity_id: str) -> AgreementView | None:
    """Return the task division of an activity as it stands; ``None`` before it was proposed."""
    agreement = await session.scalar(select(Agreement).where(Agreement.activity_id == activity_id))
    if agreement is None:
        return None
    versions = list(
        await session.scalars(
            select(AgreementVersion)
            .where(AgreementVersion.agreement_id == agreement.id)
            .order_by(AgreementVersion.number.desc())
            .limit(2)
        )
    )
    previous = versions[1] if len(versions) > 1 else None
    differences = differences_between(previous.terms, versions[0].terms) if previous else ()
    return AgreementView(agreement, versions[0], previous, differences)


async def accepted_terms(session: AsyncSession, activity_id: str) -> dict[str, Any]:
    """Return what both sides accepted, or what was last proposed where nothing is accepted yet."""
    view = await current(session, activity_id)
    if view is None:
        return {}
    number = view.agreement.accepted_version
    if number is None or number == view.version.number:
        return view.version.terms or {}
    found = await session.scalar(
        select(AgreementVersion).where(
            AgreementVersion.agreement_id == view.agreement.id, AgreementVersion.number == number
        )
    )
    return (found.terms if found else view.version.terms) or {}


async def _add_version(
    session: AsyncSession,
    agreement: Agreement,
    party: Party,
    author: str | None,
    terms: dict[str, Any],
    note: str | None,
    now: datetime,
) -> AgreementVersion:
    newest = await session.scalar(
        select(AgreementVersion.number)
        .where(AgreementVersion.agreement_id == agreement.id)
        .order_by(AgreementVersion.number.desc())
        .limit(1)
    )
    version = AgreementVersion(
        agreement_id=agreement.id,
        activity_id=agreement.activity_id,
        number=(newest or 0) + 1,
        proposed_by=party,
        author_id=await person_or_none(session, author),
        terms=terms,
        digest=hashlib.sha256(canonical(terms).encode()).hexdigest(),
        note=note,
        proposed_at=now,
    )
    session.add(version)
    await session.flush()
    return version


async def _newest_by(session: AsyncSession, agreement: Agreement, party: Party) -> AgreementVersion | None:
    found: AgreementVersion | None = await session.scalar(
        select(AgreementVersion)
        .where(AgreementVersion.agreement_id == agreement.id, AgreementVersion.proposed_by == party)
        .order_by(AgreementVersion.number.desc())
        .limit(1)
    )
    return found


async def _accept(
    session: AsyncSession, loaded: Loaded, agreement: Agreement, version: AgreementVersion, now: datetime
) -> None:
    agreement.state = AgreementState.ACCEPTED
    agreement.accepted_version = version.number
    agreement.accepted_at = now
    await _close_asks(session, loaded, now)
    await _take_back_calls(session, loaded.activity.id, now)


async def _tell_host(session: AsyncSession, loaded: Loaded, version: AgreementVersion, now: datetime) -> None:
    """Let the host know that the school accepted its version, so that both see the same one."""
    step = next(item for item in loaded.playbook.steps if item.proposal)
    for role in dict.fromkeys(ask.to for ask in step.asks):
        for participation in loaded.in_role(role):
            await queue(
                session,
                key=f"{loaded.activity.id}:agreed:{version.number}:{participation.id}",
                mail="agreed",
                person_id=participation.person_id,
                activity_id=loaded.activity.id,
                participation_id=participation.id,
                about={"agreement_version": version.number, "step": step.key},
                needed_if=NeededIf.ACTIVE,
                due_at=now,
                now=now,
            )


async def _close_asks(session: AsyncSession, loaded: Loaded, now: datetime, only_of: str | None = None) -> None:
    """Stop asking for the task division where an answer to another request has settled it; late words still count."""
    steps = [step.key for step in loaded.playbook.steps if step.proposal]
    rows = await session.scalars(
        select(Invitation).where(
            Invitation.activity_id == loaded.activity.id, Invitation.step.in_(steps), Invitation.state.in_(OPEN)
        )
    )
    for invitation in rows:
        if only_of in {None, invitation.participation_id}:
            invitation.state, invitation.next_at = InvitationState.CLOSED, None
            await drop_calls(session, invitation.id, now)


async def _take_back_calls(session: AsyncSession, activity_id: str, now: datetime) -> None:
    """Drop the calls about an earlier answer of the host: it has given another."""
    for call in await _open_calls(session, activity_id):
        call.state, call.done_at = CallState.DROPPED, now


async def _amend(
    session: AsyncSession,
    library: Library,
    loaded: Loaded,
    view: AgreementView,
    terms: dict[str, Any],
    actor: str,
    now: datetime,
) -> None:
    merged = {**view.version.terms, **terms}
    version = await _add_version(session, view.agreement, Party.SCHOOL, actor, merged, None, now)
    version.school_accepted_at = now
    view.agreement.state = AgreementState.PROPOSED
    step = next(item for item in loaded.playbook.steps if item.proposal)
    for ask in step.asks:
        for participation in loaded.in_role(ask.to):
            await ask_person(
                session, library, loaded, step, ask, participation, Facts(), now, occurrence=version.number
            )


async def _call(
    session: AsyncSession,
    activity: Activity,
    what: str,
    invitation: Invitation,
    submission_id: str | None,
    version: AgreementVersion,
    now: datetime,
) -> None:
    key = f"{activity.id}:agreement:{version.number}"
    call = await open_call(
        session,
        activity,
        what,
        key=key,
        now=now,
        step=invitation.step,
        invitation_id=invitation.id,
        submission_id=submission_id,
        person_id=version.author_id,
        mail=None if what == "counter-proposal" else "call",
    )
    if what == "counter-proposal" and call is not None and activity.coordinator_id is not None:
        await queue(
            session,
            key=f"{key}:mail",
            mail="counter-proposal",
            person_id=activity.coordinator_id,
            activity_id=activity.id,
            about={"call_id": call.id, "agreement_version": version.number},
            due_at=now,
            now=now,
        )


async def _close_calls(session: AsyncSession, activity_id: str, actor: str, now: datetime) -> None:
    for call in await _open_calls(session, activity_id):
        await finish(session, call, actor, now)


async def _open_calls(session: AsyncSession, activity_id: str) -> list[Call]:
    rows = await session.scalars(
        select(Call).where(
            Call.activity_id == activity_id,
            Call.state == CallState.OPEN,
            Call.what.in_(["counter-proposal", "talk-together", "refused"]),
        )
    )
    return list(rows)
