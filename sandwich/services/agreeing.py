"""What happens in an agreement: versions are written, somebody says yes or no, and who is next is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.negotiates import Negotiates
from models.roles import HOST_ROLES, Role
from models.steps import Step
from models.tables.activities import Participation
from models.tables.agreements import Agreement, AgreementState, AgreementVersion, Party, PartyWord
from models.tables.asking import OPEN, Invitation, InvitationState, Via
from sandwich.definitions.library import Library
from sandwich.rules.agreeing import whose_turn
from sandwich.rules.differences import digest_of
from sandwich.rules.slots import leaves_at, pace_of
from sandwich.services.agreement_asks import ask_party, close_ask, close_asks, newest_ask
from sandwich.services.agreement_calls import close_calls, drop_open_calls
from sandwich.services.agreements import party_of, standing_of, view_of, with_note
from sandwich.services.calls import open_call, person_or_none
from sandwich.services.duties import remember_duties, takers_of
from sandwich.services.loaded import Loaded
from sandwich.services.outbox import NeededIf, queue

ROUNDS = 2
"""After this many counter-proposals the parties talk on the phone (field rule 12)."""

AGREED = "agreed"
REFUSED = "refused"


@dataclass(frozen=True)
class Speaker:
    """Who speaks: one party of the agreement that a step makes, and the person who speaks for it.

    A coordinator who speaks as a party has no ``participation``; one who types for somebody else is ``entered_by``.
    """

    loaded: Loaded
    step: Step
    talk: Negotiates
    role: Role
    person_id: str | None
    participation: Participation | None = None
    invitation: Invitation | None = None
    via: Via = Via.WEB
    entered_by: str | None = None
    submission_id: str | None = None

    @property
    def activity_id(self) -> str:
        """The activity that it is about."""
        return self.loaded.activity.id


async def begin(session: AsyncSession, speaker: Speaker) -> Agreement:
    """Begin an agreement; it has no version yet."""
    agreement = Agreement(activity_id=speaker.activity_id, subject=speaker.talk.about)
    session.add(agreement)
    await session.flush()
    return agreement


async def add_version(
    session: AsyncSession,
    agreement: Agreement,
    speaker: Speaker,
    terms: dict[str, Any],
    note: str | None,
    now: datetime,
) -> AgreementVersion:
    """Write the next version; that its author wants it goes without saying."""
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
        proposed_by=Party.HOST if speaker.role in HOST_ROLES else Party.SCHOOL,
        role=speaker.role,
        author_id=await person_or_none(session, speaker.person_id),
        terms=terms,
        digest=digest_of(with_note(terms, note)),
        note=note,
        proposed_at=now,
    )
    session.add(version)
    await session.flush()
    return version


async def say(
    session: AsyncSession,
    agreement: Agreement,
    version: AgreementVersion,
    speaker: Speaker,
    now: datetime,
    *,
    is_yes: bool = True,
    terms: Sequence[str] | None = None,
    note: str | None = None,
    implied_for: Role | None = None,
) -> PartyWord:
    """Write down a yes of a party to a version, or to single terms of it, or a no; ``implied_for``: for another one."""
    word = PartyWord(
        agreement_id=agreement.id,
        activity_id=agreement.activity_id,
        number=version.number,
        digest=version.digest,
        party=implied_for or speaker.role,
        is_yes=is_yes,
        terms=None if terms is None else list(terms),
        note=note,
        is_implied=implied_for is not None,
        person_id=None if implied_for else await person_or_none(session, speaker.person_id),
        entered_by_id=None if implied_for else await person_or_none(session, speaker.entered_by),
        via=speaker.via,
        said_at=now,
    )
    session.add(word)
    await session.flush()
    return word


async def go_on(
    session: AsyncSession,
    library: Library,
    agreement: Agreement,
    speaker: Speaker,
    now: datetime,
    *,
    mails: bool = True,
) -> None:
    """After a word of a party: the agreement is made, or those whose turn it is are asked and the others no more."""
    loaded, step, talk = speaker.loaded, speaker.step, speaker.talk
    view = await view_of(session, loaded.activity.id, agreement.subject)
    assert view is not None  # a word is about a version
    found = await standing_of(session, view, talk)
    if found.is_agreed:
        await _conclude(session, agreement, view.version, speaker, now)
        return
    turn = () if agreement.state is AgreementState.WAIVED else whose_turn(talk, found)
    for ask in step.asks:
        if ask.form != talk.form or ask.to not in talk.parties:
            continue
        for participation in loaded.in_role(ask.to, ask.among):
            newest = await newest_ask(session, step, talk, participation)
            if ask.to not in turn:
                await close_ask(session, newest, now)
            elif mails and (newest is None or newest.state not in (*OPEN, InvitationState.WAIVED)):
                await ask_party(session, library, loaded, step, ask, participation, newest, now)


async def take_counter(
    session: AsyncSession, library: Library, agreement: Agreement, speaker: Speaker, now: datetime
) -> None:
    """A party wants it otherwise: the others are asked; after two rounds they talk, and the coordinator calls them.

    Whoever drafted answers a counter-proposal, and that begins no round; nor does correcting one that nobody answered.
    """
    view = await view_of(session, speaker.activity_id, agreement.subject)
    assert view is not None
    assert speaker.invitation is not None  # a counter-proposal is an answer in somebody's form
    drafts = speaker.role is speaker.talk.drafts
    if agreement.state is AgreementState.ACCEPTED:
        agreement.rounds = 0
    before = view.previous if agreement.state is AgreementState.COUNTERED else None
    if not drafts:
        agreement.rounds += before is None or party_of(before, speaker.talk) is not speaker.role
        speaker.invitation.state = InvitationState.COUNTERED
    agreement.state = AgreementState.PROPOSED if drafts else AgreementState.COUNTERED
    talks = not drafts and agreement.rounds >= ROUNDS
    if talks:
        await _call(session, speaker, "talk-together", view.version, now)
    elif not drafts and speaker.talk.drafts is Role.COORDINATOR:
        await _call(session, speaker, "counter-proposal", view.version, now)
    await go_on(session, library, agreement, speaker, now, mails=not talks)


async def take_refusal(
    session: AsyncSession, agreement: Agreement, speaker: Speaker, note: str | None, now: datetime
) -> None:
    """A party says no: nobody is asked any more, the coordinator calls, and everybody concerned hears of it."""
    view = await view_of(session, speaker.activity_id, agreement.subject)
    assert view is not None
    assert speaker.invitation is not None  # a no is an answer in somebody's form
    word = await say(session, agreement, view.version, speaker, now, is_yes=False, note=note)
    agreement.state = AgreementState.REFUSED
    speaker.invitation.state = InvitationState.REFUSED
    await close_asks(session, speaker.loaded, speaker.step, speaker.talk, now)
    await _call(session, speaker, REFUSED, view.version, now)
    for participation in _others(speaker):
        about = {"word_id": word.id}
        await _tell(session, speaker, REFUSED, word.id, about, participation.person_id, participation, now)


async def _conclude(
    session: AsyncSession, agreement: Agreement, version: AgreementVersion, speaker: Speaker, now: datetime
) -> None:
    """Everybody wants this version: it holds from now on, and what people took on in it is remembered."""
    if agreement.state is AgreementState.ACCEPTED and agreement.accepted_version == version.number:
        return
    before = agreement.accepted_version
    agreement.state, agreement.accepted_version, agreement.accepted_at = AgreementState.ACCEPTED, version.number, now
    await close_asks(session, speaker.loaded, speaker.step, speaker.talk, now)
    if speaker.role is Role.COORDINATOR and speaker.person_id is not None:
        await close_calls(session, speaker.activity_id, speaker.step.key, speaker.person_id, now)
    await drop_open_calls(session, speaker.activity_id, speaker.step.key, now)
    takers = await takers_of(session, speaker.loaded, speaker.step, speaker.talk, version, before)
    told = {item.person_id: item for item in _others(speaker)}
    for person_id, participation in {**takers, **told}.items():
        about = {"agreement_version": version.number, "version_before": before}
        await _tell(session, speaker, AGREED, str(version.number), about, person_id, participation, now)
    await remember_duties(session, speaker.loaded, speaker.step, speaker.talk, version, now)


def _others(speaker: Speaker) -> list[Participation]:
    """Return everybody who speaks for a party, but for the one who spoke now."""
    return [
        participation
        for role in speaker.talk.parties
        for participation in speaker.loaded.in_role(role)
        if participation.person_id != speaker.person_id
    ]


async def _tell(
    session: AsyncSession,
    speaker: Speaker,
    mail: str,
    what: str,
    about: Mapping[str, Any],
    person_id: str,
    participation: Participation | None,
    now: datetime,
) -> None:
    whom = participation.id if participation else person_id
    calendar = speaker.loaded.calendar_of(participation) if participation else speaker.loaded.calendars.schools
    await queue(
        session,
        key=f"{speaker.activity_id}:{speaker.talk.about}:{mail}:{what}:{whom}",
        mail=mail,
        person_id=person_id,
        activity_id=speaker.activity_id,
        participation_id=participation.id if participation else None,
        about={"agreement": speaker.talk.about, **about},
        needed_if=NeededIf.ACTIVE,
        due_at=leaves_at(pace_of(mail), now, calendar, person_id),
        now=now,
    )


async def _call(session: AsyncSession, speaker: Speaker, what: str, version: AgreementVersion, now: datetime) -> None:
    activity = speaker.loaded.activity
    key = f"{activity.id}:{speaker.talk.about}:{speaker.submission_id or version.number}"
    call = await open_call(
        session,
        activity,
        what,
        key=key,
        now=now,
        step=speaker.step.key,
        invitation_id=speaker.invitation.id if speaker.invitation else None,
        submission_id=speaker.submission_id,
        person_id=await person_or_none(session, speaker.person_id),
        mail=None if what == "counter-proposal" else "call",
    )
    if what == "counter-proposal" and call is not None and activity.coordinator_id is not None:
        await queue(
            session,
            key=f"{key}:mail",
            mail="counter-proposal",
            person_id=activity.coordinator_id,
            activity_id=activity.id,
            about={"call_id": call.id, "agreement": speaker.talk.about, "agreement_version": version.number},
            due_at=now,
            now=now,
        )
