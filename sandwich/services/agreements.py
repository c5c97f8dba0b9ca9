"""The agreements of an activity as they stand: versions, what differs, who said yes to what. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.negotiates import Negotiates
from models.playbook import Playbook
from models.roles import Role
from models.steps import Step
from models.tables.agreements import Agreement, AgreementVersion, Party, PartyWord
from models.tables.asking import FormVersion, Invitation
from sandwich.rules.agreeing import NOTHING, Standing, Word, standing
from sandwich.rules.differences import Difference, differences_between, prints_of
from sandwich.store.rows import rows_by

NOTE = "counter"
"""The question of a form for what somebody wants otherwise, in their own words."""

NOT_TERMS = frozenset({"agree", NOTE, "valid_note", "valid_note_name", "remark"})
"""Questions of a form that are about saying yes, not about what is agreed."""

FORMER = "/"
"""What stands behind the subject of an agreement with a host that another one has replaced."""

IS_OF_NOW = ~Agreement.subject.contains(FORMER)
"""What is so of the agreements with those who take part now."""


@dataclass(frozen=True)
class AgreementView:
    """An agreement as people see it: its newest version, the one before, and what differs."""

    agreement: Agreement
    versions: tuple[AgreementVersion, ...]

    @property
    def version(self) -> AgreementVersion:
        """The newest version."""
        return self.versions[-1]

    @property
    def previous(self) -> AgreementVersion | None:
        """The version before the newest."""
        return self.versions[-2] if len(self.versions) > 1 else None

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What the newest version has differently from the one before."""
        return differences_between(self.previous.terms or {}, self.terms) if self.previous else ()

    @property
    def terms(self) -> dict[str, Any]:
        """What the newest version says."""
        return self.version.terms or {}

    @property
    def accepted(self) -> AgreementVersion | None:
        """The version that holds."""
        return self.numbered(self.agreement.accepted_version)

    def numbered(self, number: int | None) -> AgreementVersion | None:
        """Return the version with a number."""
        return next((one for one in self.versions if one.number == number), None)

    def shown(self, digest: str) -> AgreementVersion | None:
        """Return the newest version with a fingerprint."""
        return next((one for one in reversed(self.versions) if one.digest == digest), None)

    def newest_not_by(self, party: Role, talk: Negotiates) -> AgreementVersion | None:
        """Return what another party than this one proposed last."""
        return next((one for one in reversed(self.versions) if party_of(one, talk) is not party), None)


def content_of(version: AgreementVersion) -> dict[str, Any]:
    """Return everything that a yes to a version is a yes to: its terms, and what its author wrote with them."""
    return with_note(version.terms or {}, version.note)


def with_note(terms: Mapping[str, Any], note: str | None) -> dict[str, Any]:
    """Return terms with the words that go with them, as the form has them."""
    return {**terms, NOTE: note} if note else dict(terms)


def party_of(version: AgreementVersion, talk: Negotiates) -> Role:
    """Return the party that wrote a version."""
    if version.role is not None:
        return version.role
    return talk.drafts if version.proposed_by is Party.SCHOOL else talk.answers


def agreement_of_step(playbook: Playbook, step: str) -> tuple[Step, Negotiates] | None:
    """Return the agreement that a step makes, with the step itself; ``None`` for one that makes none."""
    return next(((one, talk) for one, talk in playbook.agreements() if one.key == step), None)


async def view_of(session: AsyncSession, activity_id: str, subject: str) -> AgreementView | None:
    """Return an agreement as it stands; ``None`` before it was proposed."""
    return next((view for view in await views_of(session, activity_id) if view.agreement.subject == subject), None)


async def views_of(session: AsyncSession, activity_id: str) -> tuple[AgreementView, ...]:
    """Return every agreement of an activity that was proposed, by its subject; none with a host of before."""
    agreements = list(
        await session.scalars(
            select(Agreement).where(Agreement.activity_id == activity_id, IS_OF_NOW).order_by(Agreement.subject)
        )
    )
    found = await rows_by(session, AgreementVersion, AgreementVersion.agreement_id, [one.id for one in agreements])
    versions: dict[str, list[AgreementVersion]] = {}
    for version in sorted(found, key=lambda one: one.number):
        versions.setdefault(version.agreement_id, []).append(version)
    return tuple(AgreementView(one, tuple(versions[one.id])) for one in agreements if one.id in versions)


async def standing_of(session: AsyncSession, view: AgreementView, talk: Negotiates) -> Standing:
    """Return who stands behind each term of the newest version."""
    said = list(
        await session.scalars(
            select(PartyWord)
            .where(PartyWord.agreement_id == view.agreement.id)
            .order_by(PartyWord.said_at, PartyWord.id)
        )
    )
    words: list[Word] = []
    for version in view.versions:
        prints = prints_of(content_of(version))
        words.append(Word(party_of(version, talk), prints))
        if version.number == view.agreement.accepted_version:
            words += [Word(party, prints) for party in talk.parties]
        words += [_word(one, prints) for one in said if one.number == version.number]
    return standing(prints_of(content_of(view.version)), words, talk.parties)


def _word(said: PartyWord, prints: Mapping[str, str]) -> Word:
    """Return what a party said of a version; a no is a yes to none of its terms."""
    if not said.is_yes:
        return Word(said.party, {})
    if said.terms is None:
        return Word(said.party, prints)
    return Word(said.party, {term: prints.get(term, NOTHING) for term in said.terms}, whole=False)


async def accepted_terms(session: AsyncSession, activity_id: str) -> dict[str, Any]:
    """Return what everybody said yes to, or what was last proposed where nothing is accepted yet.

    With several agreements it is what they say together: a question means the same in each.
    """
    terms: dict[str, Any] = {}
    for view in await views_of(session, activity_id):
        terms |= (view.accepted or view.version).terms or {}
    return terms


async def form_of_agreement(session: AsyncSession, activity_id: str, step: str, talk: Negotiates) -> Form | None:
    """Return the form of an agreement with the questions of all its parties, as they were asked last."""
    asked = await session.scalars(
        select(Invitation)
        .where(Invitation.activity_id == activity_id, Invitation.step == step, Invitation.form == talk.form)
        .order_by(Invitation.occurrence.desc(), Invitation.asked_at, Invitation.id)
    )
    forms = [
        Form.model_validate((await session.get_one(FormVersion, digest)).definition)
        for digest in dict.fromkeys(invitation.form_digest for invitation in asked)
    ]
    return together(forms)


def together(forms: Sequence[Form]) -> Form | None:
    """Return several cuts of one form as one, without what is about saying yes; ``None`` where there is none."""
    if not forms:
        return None
    longest = max(forms, key=lambda form: len(form.questions))
    questions = {question.key: question for form in (longest, *forms) for question in form.questions}
    return terms_only(longest.model_copy(update={"questions": tuple(questions.values())}))


def terms_only(form: Form) -> Form:
    """Return the form without the questions that are about saying yes."""
    kept = tuple(question for question in form.questions if question.key not in NOT_TERMS)
    return form.model_copy(update={"questions": kept})
