"""A form that is being opened for one person: what its rows and the answers that stand in it are taken from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.choices import Option
from models.form import Form
from models.tables.activities import Participation
from models.tables.network import Person
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.rules.names import full_name
from sandwich.services.agreements import NOT_TERMS, AgreementView, agreement_of_step, views_of
from sandwich.services.answers_of import Answered, Answers
from sandwich.services.loaded import Gathered
from sandwich.services.recent import recent_answers


@dataclass(frozen=True)
class Opening:
    """What is needed to fill in a form for one person; ``step`` is the one that asks it, if any."""

    session: AsyncSession
    loaded: Gathered
    participation: Participation
    form: Form
    library: Library
    answers: Answers
    step: str | None = None
    _views: list[tuple[AgreementView, ...]] = field(default_factory=list)
    _recent: list[Mapping[str, Any]] = field(default_factory=list)

    async def agreements(self) -> tuple[AgreementView, ...]:
        """Return every agreement as it stands; read once for all questions that they fill in."""
        if not self._views:
            self._views.append(await views_of(self.session, self.loaded.activity.id))
        return self._views[0]

    async def agreement(self) -> AgreementView | None:
        """Return the agreement that this form is a version of, as it stands."""
        found = agreement_of_step(self.loaded.playbook, self.step) if self.step else None
        if found is None or found[1].form != self.form.key:
            return None
        return next((view for view in await self.agreements() if view.agreement.subject == found[1].about), None)

    async def recent(self) -> Mapping[str, Any]:
        """Return what this person answered to the same form in another activity a short while ago; read once."""
        if not self._recent:
            activity_id, person_id = self.loaded.activity.id, self.participation.person_id
            found = await recent_answers(self.session, self.form, activity_id, person_id)
            self._recent.append((found[0].answers or {}) if found else {})
        return self._recent[0]

    async def agreed(self, question: str) -> Any:
        """Return the answer to a question in the newest version of whichever agreement has it."""
        if question in NOT_TERMS:
            return None
        said = (view.terms.get(question) for view in await self.agreements())
        return next((value for value in said if value not in (None, "", [])), None)

    @property
    def own(self) -> dict[str, dict[str, Any]]:
        """This person's answers in this activity, by form."""
        return {item.invitation.form: item.answers for item in self.answers.answered if self.is_own(item)}

    def is_own(self, item: Answered) -> bool:
        """Whether this person gave an answer, in whatever role."""
        return item.participation.person_id == self.participation.person_id

    async def contacts(self) -> list[Option]:
        """Return the people of the company."""
        company = self.loaded.activity.company_id
        if company is None:
            return []
        known = select(Person).where(Person.company_id == company, Person.erased_on.is_(None))
        people = await self.session.scalars(known.order_by(Person.id))
        return [Option(key=person.id, label=same(full_name(person))) for person in people if full_name(person)]


def same(text: str) -> Text:
    """Return a text that reads the same in both languages."""
    return Text(nl=text, en=text)
