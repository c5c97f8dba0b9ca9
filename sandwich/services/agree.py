"""Agree: a proposal, the replies of the parties, and one version that all of them said yes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.negotiates import Negotiates
from models.roles import Role
from models.steps import Step
from models.tables.agreements import Agreement, AgreementState, AgreementVersion
from models.tables.asking import Invitation, InvitationState, Via
from sandwich.errors import BadInput, NotFound
from sandwich.rules.differences import adds_only, differences_between, digest_of, name_of
from sandwich.runtime import Runtime
from sandwich.services.agreeing import (
    Speaker,
    add_version,
    begin,
    go_on,
    say,
    take_counter,
    take_refusal,
)
from sandwich.services.agreement_calls import close_calls, drop_open_calls
from sandwich.services.agreements import (
    NOT_TERMS,
    AgreementView,
    agreement_of_step,
    party_of,
    standing_of,
    view_of,
)
from sandwich.services.loaded import Loaded, load
from sandwich.services.outdated import refuse_outdated
from sandwich.services.settle import settle
from sandwich.services.steering import refuse_ended


@dataclass(frozen=True)
class Reply:
    """What somebody answered to the form of an agreement, and who typed it where that was another."""

    invitation: Invitation
    form: Form
    answers: Mapping[str, Any]
    submission_id: str | None = None
    via: Via = Via.WEB
    entered_by: str | None = None


async def propose(session: AsyncSession, loaded: Loaded, step: Step, now: datetime) -> None:
    """Make the first version, the coordinator's proposal, unless there is one, or somebody else drafts it."""
    talk = step.agreement
    if talk is None or talk.drafts is not Role.COORDINATOR:
        return
    if await view_of(session, loaded.activity.id, talk.about) is not None:
        return
    speaker = Speaker(loaded, step, talk, Role.COORDINATOR, loaded.activity.coordinator_id)
    terms: dict[str, Any] = {"tasks": [{"row": task, "who": who} for task, who in step.proposal.items()]}
    if loaded.activity.group_size:
        terms["max_group"] = loaded.activity.group_size
    await add_version(session, await begin(session, speaker), speaker, terms, None, now)


async def answer(session: AsyncSession, runtime: Runtime, loaded: Loaded, reply: Reply, now: datetime) -> None:
    """Take what a party answered: a first version, a yes, a counter-proposal, or a no.

    It is compared with what another party proposed last, never with one's own earlier words. Somebody who may not
    agree on behalf of their organisation changes nothing; the coordinator finds out who may. Nothing happens for a form
    that is no agreement.
    """
    speaker = _speaker(loaded, reply.invitation, reply.via, reply.entered_by, reply.submission_id)
    decision = reply.answers.get("agree")
    if speaker is None or (decision == "agreed" and reply.answers.get("valid_note") is False):
        return
    view = await view_of(session, loaded.activity.id, speaker.talk.about)
    if view is None and speaker.role is not speaker.talk.drafts:
        raise NotFound(what="agreement of activity", name=loaded.activity.id)
    agreement = view.agreement if view else await begin(session, speaker)
    terms = _merged(view, reply)
    note = reply.answers.get("counter")
    await drop_open_calls(session, loaded.activity.id, speaker.step.key, now)
    if decision == "refused" and view is not None:
        await take_refusal(session, agreement, speaker, note, now)
        return
    proposed = view.newest_not_by(speaker.role, speaker.talk) if view else None
    if proposed is None or (decision == "agreed" and adds_only(proposed.terms or {}, terms)):
        await _take_yes(session, agreement, speaker, view, proposed, terms, now)
        await go_on(session, runtime.library, agreement, speaker, now)
        return
    await add_version(session, agreement, speaker, terms, note, now)
    await take_counter(session, runtime.library, agreement, speaker, now)


async def accept_terms(
    runtime: Runtime,
    invitation_id: str,
    terms: Sequence[str],
    *,
    shown: str,
    now: datetime,
    via: Via = Via.WEB,
    entered_by: str | None = None,
) -> None:
    """Say yes to single terms of the version with the fingerprint ``shown``; what is not named stays open.

    Raises ``BadInput`` where that version is not the newest any more, and for a term that nobody waits for. By phone
    the coordinator enters it on somebody's behalf.
    """
    async with runtime.store.read() as session:
        asked = await session.get(Invitation, invitation_id)
        if asked is None:
            raise NotFound(what="invitation", name=invitation_id)
        loaded = await load(session, runtime.settings.timezone, asked.activity_id)
        person_id = loaded.participation(asked.participation_id).person_id
    async with runtime.store.change(now=now, actor=entered_by or person_id, stream=asked.activity_id) as session:
        invitation = await session.get_one(Invitation, invitation_id)
        loaded = await load(session, runtime.settings.timezone, invitation.activity_id)
        refuse_ended(loaded)
        speaker = _speaker(loaded, invitation, via, entered_by)
        view = await view_of(session, invitation.activity_id, speaker.talk.about) if speaker else None
        if speaker is None or view is None or invitation.state in _OVER:
            raise BadInput("There is nothing to agree to here.", "Hier valt niets af te spreken.")
        await refuse_outdated(session, view, speaker.step, speaker.talk, shown)
        await _accept_some(session, runtime, view, speaker, terms, now)
        await settle(session, loaded, now)


async def decide(
    runtime: Runtime,
    activity_id: str,
    decision: str,
    terms: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    actor: str,
    subject: str | None = None,
    shown: str | None = None,
    only: Sequence[str] | None = None,
) -> None:
    """Decide as the coordinator who drafted an agreement: ``accept`` a counter-proposal, or ``amend`` the terms.

    ``only`` names the terms to accept; the others stay open. ``terms`` take the place of what stood under the same
    questions; the other parties then get that version as a new request, and accept the same one, or counter again. What
    was agreed can be amended too: that opens again what it touches. ``subject`` is needed where the coordinator drafted
    more than one. Raises ``BadInput`` where ``shown`` is not the newest version any more.
    """
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        step, talk, view = await _drafted(session, loaded, subject)
        countered = view is not None and view.agreement.state is AgreementState.COUNTERED
        if decision not in {"accept", "amend"} and countered:
            raise BadInput("Choose accept or amend.", "Kies overnemen of aanpassen.")
        if view is None or (decision != "amend" and not countered):
            raise BadInput(
                "There is no counter-proposal to answer: it may have been answered already.",
                "Er is geen tegenvoorstel om op te antwoorden: misschien is dat al gedaan.",
            )
        await refuse_outdated(session, view, step, talk, shown)
        speaker = Speaker(loaded, step, talk, Role.COORDINATOR, actor)
        if decision == "accept":
            open_terms = (await standing_of(session, view, talk)).open_for(Role.COORDINATOR)
            await _accept_some(session, runtime, view, speaker, open_terms if only is None else only, now)
        else:
            await _amend(session, runtime, view, speaker, terms or {}, now)
        if view.agreement.state is not AgreementState.COUNTERED:
            await close_calls(session, activity_id, step.key, actor, now)
        await settle(session, loaded, now)


_OVER = (InvitationState.WAIVED, InvitationState.WITHDRAWN, InvitationState.REPLACED)


def _speaker(
    loaded: Loaded, invitation: Invitation, via: Via, entered_by: str | None, submission_id: str | None = None
) -> Speaker | None:
    """Return who speaks with an invitation; ``None`` where it is no agreement, or the person no party of it."""
    found = agreement_of_step(loaded.playbook, invitation.step)
    participation = loaded.participation(invitation.participation_id)
    if found is None or invitation.form != found[1].form or participation.role not in found[1].parties:
        return None
    return Speaker(
        loaded,
        *found,
        participation.role,
        participation.person_id,
        participation,
        invitation,
        via,
        entered_by,
        submission_id,
    )


def _merged(view: AgreementView | None, reply: Reply) -> dict[str, Any]:
    """Return the newest version with what was answered in it; what this form does not ask stays as it is."""
    asked = {question.key for question in reply.form.questions}
    kept = {key: value for key, value in (view.terms if view else {}).items() if key.partition(".")[0] not in asked}
    said = {key: value for key, value in reply.answers.items() if key.partition(".")[0] not in NOT_TERMS}
    return {**kept, **said}


async def _take_yes(
    session: AsyncSession,
    agreement: Agreement,
    speaker: Speaker,
    view: AgreementView | None,
    proposed: AgreementVersion | None,
    terms: dict[str, Any],
    now: datetime,
) -> None:
    """Write a yes, and with it what was filled in: whoever drafted had left that to the others."""
    own = view is not None and party_of(view.version, speaker.talk) is speaker.role
    takes_back = own and view is not None and view.version.note is not None
    if view is not None and digest_of(terms) == digest_of(view.terms) and not takes_back:
        await say(session, agreement, view.version, speaker, now)
    else:
        version = await add_version(session, agreement, speaker, terms, None, now)
        await say(session, agreement, version, speaker, now)
        if proposed is not None and await _left_open(session, speaker, proposed, terms):
            await say(session, agreement, version, speaker, now, implied_for=speaker.talk.drafts)
    if agreement.state in {AgreementState.REFUSED, AgreementState.COUNTERED}:
        agreement.state = AgreementState.PROPOSED


async def _left_open(
    session: AsyncSession, speaker: Speaker, proposed: AgreementVersion, terms: dict[str, Any]
) -> bool:
    """Whether whoever drafted wants all of the newest version but what was filled in where nothing stood."""
    drafts = speaker.talk.drafts
    view = await view_of(session, speaker.activity_id, speaker.talk.about)
    if view is None or speaker.role is drafts:
        return False
    waiting = (await standing_of(session, view, speaker.talk)).open_for(drafts)
    filled = {name_of(one.question, one.row) for one in differences_between(proposed.terms or {}, terms)}
    return filled.issuperset(waiting)


async def _accept_some(
    session: AsyncSession,
    runtime: Runtime,
    view: AgreementView,
    speaker: Speaker,
    terms: Sequence[str],
    now: datetime,
) -> None:
    """Write a yes to single terms; with the last of them the party has said yes to the version."""
    waiting = (await standing_of(session, view, speaker.talk)).open_for(speaker.role)
    chosen = [term for term in dict.fromkeys(terms) if term in waiting]
    if not chosen or len(chosen) < len(set(terms)):
        raise BadInput(
            "Choose what you agree to, from what is still open.", "Kies waarmee je akkoord bent, uit wat nog openstaat."
        )
    whole = len(chosen) == len(waiting)
    await say(session, view.agreement, view.version, speaker, now, terms=None if whole else chosen)
    if not whole:
        return
    if speaker.invitation is not None:
        speaker.invitation.state = InvitationState.ANSWERED if speaker.via is Via.WEB else InvitationState.PHONED
        speaker.invitation.answered_at, speaker.invitation.next_at = now, None
    if view.agreement.state is AgreementState.COUNTERED:
        view.agreement.state = AgreementState.PROPOSED
    await go_on(session, runtime.library, view.agreement, speaker, now)


async def _amend(
    session: AsyncSession,
    runtime: Runtime,
    view: AgreementView,
    speaker: Speaker,
    terms: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write a version of the coordinator's; what is ``None`` in ``terms`` is taken out."""
    merged = {key: value for key, value in {**view.terms, **terms}.items() if value is not None}
    if digest_of(merged) == digest_of(view.terms) and view.agreement.state is not AgreementState.COUNTERED:
        raise BadInput("Nothing was changed.", "Er is niets veranderd.")
    await add_version(session, view.agreement, speaker, merged, None, now)
    if view.agreement.state is AgreementState.ACCEPTED:
        view.agreement.rounds = 0
    view.agreement.state = AgreementState.PROPOSED
    await go_on(session, runtime.library, view.agreement, speaker, now)


async def _drafted(
    session: AsyncSession, loaded: Loaded, subject: str | None
) -> tuple[Step, Negotiates, AgreementView | None]:
    """Return the agreement that the coordinator drafted: the one about ``subject``, else the first."""
    for step, talk in loaded.playbook.agreements():
        if talk.drafts is Role.COORDINATOR and subject in {None, talk.about}:
            return step, talk, await view_of(session, loaded.activity.id, talk.about)
    raise NotFound(what="agreement of activity", name=loaded.activity.id)
