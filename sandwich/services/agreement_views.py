"""An agreement as it is read on a page: its newest version beside the one that the reader knows, term by term."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.negotiates import Negotiates
from models.roles import Role
from models.steps import Step
from models.tables.agreements import AgreementState, AgreementVersion, PartyWord
from models.tables.asking import FELL_AWAY, Invitation
from models.text import Text
from sandwich import labels
from sandwich.rules.agreeing import Standing, whose_turn
from sandwich.rules.differences import Change, name_of
from sandwich.rules.names import full_name
from sandwich.services.agreements import (
    NOTE,
    AgreementView,
    form_of_agreement,
    party_of,
    standing_of,
    view_of,
)
from sandwich.services.loaded import Gathered
from sandwich.services.terms import NONE, TermRow, compare


@dataclass(frozen=True)
class TermLine:
    """One term with the name that it is accepted by, and the parties that have not said yes to it.

    ``is_open`` says that the reader is one of them.
    """

    term: str
    label: Text
    before: Text
    after: Text
    change: Change
    missing: tuple[Text, ...]
    is_open: bool

    @property
    def was_empty(self) -> bool:
        """Whether nothing stood there before: something filled in is no other opinion."""
        return self.change is Change.ADDED


@dataclass(frozen=True)
class WaitsFor:
    """Somebody whose word is waited for, and where it can be given on their behalf."""

    role: Role
    name: str
    invitation_id: str | None


@dataclass(frozen=True)
class AgreementLine:
    """One agreement: its newest version beside the one that the reader knows, who wrote it, and who is waited for.

    ``is_drafted`` says that the coordinator drafted it and so answers a counter-proposal.
    """

    subject: str
    step: str
    title: Text
    form: str
    state: AgreementState
    number: int
    digest: str
    previous_number: int | None
    author: str | None
    party: Role
    at: datetime
    note: str | None
    accepted_number: int | None
    accepted_at: datetime | None
    parties: tuple[Role, ...]
    rows: tuple[TermLine, ...]
    waits_for: tuple[WaitsFor, ...]
    is_drafted: bool

    def of(self, *changes: Change) -> tuple[TermLine, ...]:
        """Return the terms of which this became."""
        return tuple(row for row in self.rows if row.change in changes)

    @property
    def changed(self) -> tuple[TermLine, ...]:
        """The terms that say something else than before, or that were struck."""
        return self.of(Change.CHANGED, Change.STRUCK)

    @property
    def added(self) -> tuple[TermLine, ...]:
        """The terms that were filled in or added."""
        return self.of(Change.ADDED)

    @property
    def kept(self) -> tuple[TermLine, ...]:
        """The terms that stayed as they were."""
        return self.of(Change.KEPT)

    @property
    def is_open(self) -> bool:
        """Whether there is something that the reader can say yes to."""
        return any(row.is_open for row in self.rows)


async def agreement_lines(
    session: AsyncSession, loaded: Gathered, invitations: Sequence[Invitation]
) -> tuple[AgreementLine, ...]:
    """Return every agreement that was proposed, as the coordinator reads it, in the order of the playbook."""
    lines = [
        await agreement_line(session, loaded, step, talk, invitations, Role.COORDINATOR)
        for step, talk in loaded.playbook.agreements()
    ]
    return tuple(line for line in lines if line is not None)


async def agreement_line(
    session: AsyncSession,
    loaded: Gathered,
    step: Step,
    talk: Negotiates,
    invitations: Sequence[Invitation],
    reader: Role,
    seen: str | None = None,
) -> AgreementLine | None:
    """Return an agreement as one party reads it, or the coordinator; ``None`` before it was proposed.

    It stands beside the version with the fingerprint ``seen``, else beside the one that this party said yes to last.
    """
    view = await view_of(session, loaded.activity.id, talk.about)
    form = await form_of_agreement(session, loaded.activity.id, step.key, talk) if view else None
    if view is None or form is None:
        return None
    found = await standing_of(session, view, talk)
    before = await _known(session, view, talk, reader, seen)
    version, agreement = view.version, view.agreement
    author = loaded.persons.get(version.author_id or "")
    rows = compare(form, before.terms or {} if before else None, view.terms)
    if version.note:
        rows = (*rows, TermRow(NOTE, _NOTE, NONE, Text(nl=version.note, en=version.note), before is not None, True))
    return AgreementLine(
        subject=talk.about,
        step=step.key,
        title=step.title,
        form=talk.form,
        state=agreement.state,
        number=version.number,
        digest=version.digest,
        previous_number=before.number if before else None,
        author=full_name(author) if author else None,
        party=party_of(version, talk),
        at=version.proposed_at,
        note=version.note,
        accepted_number=agreement.accepted_version,
        accepted_at=agreement.accepted_at,
        parties=talk.parties,
        rows=tuple(_line(row, found, reader) for row in rows),
        waits_for=_waits_for(loaded, step, talk, found, invitations, agreement.state),
        is_drafted=talk.drafts is Role.COORDINATOR,
    )


async def _known(
    session: AsyncSession, view: AgreementView, talk: Negotiates, reader: Role, seen: str | None
) -> AgreementVersion | None:
    """Return the version that the newest is put beside."""
    if seen and seen != view.version.digest and (shown := view.shown(seen)) is not None:
        return shown
    if reader not in talk.parties or reader is Role.COORDINATOR:
        return view.previous
    said = set(
        await session.scalars(
            select(PartyWord.number).where(
                PartyWord.agreement_id == view.agreement.id,
                PartyWord.party == reader,
                PartyWord.terms.is_(None),
                PartyWord.is_yes,
            )
        )
    )
    own = [one for one in view.versions[:-1] if party_of(one, talk) is reader or one.number in said]
    return own[-1] if own else view.previous


def _line(row: TermRow, found: Standing, reader: Role) -> TermLine:
    term = name_of(row.question, row.row)
    behind = found.behind.get(term)
    missing = () if behind is None else tuple(party for party in found.parties if party not in behind)
    change = Change.KEPT
    if row.differs:
        change = Change.ADDED if row.was_empty else Change.STRUCK if row.after == NONE else Change.CHANGED
    return TermLine(
        term,
        row.label,
        row.before,
        row.after,
        change,
        tuple(labels.ROLE[party] for party in missing),
        reader in missing,
    )


def _waits_for(
    loaded: Gathered,
    step: Step,
    talk: Negotiates,
    found: Standing,
    invitations: Sequence[Invitation],
    state: AgreementState,
) -> tuple[WaitsFor, ...]:
    if state not in {AgreementState.PROPOSED, AgreementState.COUNTERED}:
        return ()
    waiting: list[WaitsFor] = []
    for role in whose_turn(talk, found):
        for participation in loaded.in_role(role):
            asked = [
                one
                for one in invitations
                if one.participation_id == participation.id
                and one.step == step.key
                and one.form == talk.form
                and one.state not in FELL_AWAY
            ]
            newest = max(asked, key=lambda one: one.occurrence, default=None)
            name = full_name(loaded.persons[participation.person_id])
            waiting.append(WaitsFor(role, name, newest.id if newest else None))
    return tuple(waiting)


_NOTE = Text(nl="Wat erbij geschreven is", en="What was written with it")
