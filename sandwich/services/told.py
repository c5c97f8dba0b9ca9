"""The answers of an activity with what decides who may read them: released or not, objected or not. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form, Question, Visibility
from models.tables.activities import ACTIVE
from models.tables.asking import FormVersion, Submission
from models.tables.network import Person
from models.text import Text
from sandwich.rules.answer_values import options_of
from sandwich.rules.names import full_name
from sandwich.services.answers_of import Answered, Answers, read_answers

PRIVACY = "privacy-request"


@dataclass(frozen=True)
class Said:
    """Words of somebody; ``name`` only where that was released too."""

    text: str
    name: str | None = None


@dataclass(frozen=True)
class Told:
    """The answers of an activity with what is needed to judge who may read them."""

    answers: Answers
    forms: Mapping[str, Form]
    people: Mapping[str, Person]
    silent: frozenset[str]

    def of(self, form: str, *, active: bool = False) -> list[Answered]:
        """Return the answers to a form, without those of people who objected to reports."""
        return [
            item
            for item in self.answers.of_form(form)
            if item.participation.person_id not in self.silent and (not active or item.participation.standing in ACTIVE)
        ]

    def saying(self, *questions: str) -> list[Answered]:
        """Return the answers to one of these questions, in whatever form, without those of people who objected."""
        return [item for item in self.answers.saying(*questions) if item.participation.person_id not in self.silent]

    def asked(self, form: str) -> int:
        """Return how many invitations to a form there are, without those of people who objected to reports."""
        return sum(
            invitation.form == form and participation.person_id not in self.silent
            for invitation, participation in self.answers.invitations
        )

    def form(self, item: Answered) -> Form:
        """Return the form as it was asked."""
        return self.forms[item.submission.form_digest]

    def name(self, item: Answered) -> str | None:
        """Return the whole name of the person who answered; ``None`` where it was erased."""
        person = self.people.get(item.participation.person_id)
        return (full_name(person) or None) if person is not None and person.erased_on is None else None


async def read_told(session: AsyncSession, activity_id: str, *, everybody: bool = False, outside: bool = False) -> Told:
    """Read the answers of an activity; ``everybody``: also of those who objected, for their own eyes.

    ``outside``: of those who take no part, and of nobody else.
    """
    answers = (await read_answers(session, [activity_id], outside=outside))[activity_id]
    digests = {item.submission.form_digest for item in answers.answered}
    ids = {item.participation.person_id for item in answers.answered}
    asked = {participation.person_id for _, participation in answers.invitations}
    stored = await session.scalars(select(FormVersion).where(FormVersion.digest.in_(digests)))
    people = await session.scalars(select(Person).where(Person.id.in_(ids)))
    return Told(
        answers=answers,
        forms={row.digest: Form.model_validate(row.definition) for row in stored},
        people={row.id: row for row in people},
        silent=frozenset() if everybody else await objectors(session, asked),
    )


async def objectors(session: AsyncSession, people: Iterable[str] | None = None) -> frozenset[str]:
    """Return who of these people, or of all, objected to the use of their results in reports."""
    query = select(Submission).where(Submission.form == PRIVACY)
    rows = await session.scalars(query if people is None else query.where(Submission.person_id.in_(set(people))))
    return frozenset(
        row.person_id for row in rows if row.person_id and (row.answers or {}).get("kind") == "object-reports"
    )


def released(told: Told, answers: Sequence[Answered]) -> tuple[Said, ...]:
    """Return the words that their writers released, with the name where that was released too."""
    found = []
    for item in answers:
        for question in told.form(item).questions:
            text = plain(item.answers.get(question.key))
            if question.visibility is not Visibility.RELEASED or question.released_by is None or not text:
                continue
            word = item.answers.get(question.released_by)
            if word in {"with-name", "without-name", True}:
                found.append(Said(text, told.name(item) if word == "with-name" else None))
    return tuple(found)


def counted(told: Told, answers: Sequence[Answered], key: str) -> tuple[tuple[Text, int], ...]:
    """Return what was chosen and how often, most often first; "I do not know yet" does not count."""
    found: dict[str, tuple[Text, int]] = {}
    for item in answers:
        chosen = item.answers.get(key) or []
        for choice in [chosen] if isinstance(chosen, str) else chosen:
            label, count = found.get(choice, (option(told.form(item).question(key), choice), 0))
            found[choice] = (label, count + 1)
    found.pop("unknown", None)
    return tuple(sorted(found.values(), key=lambda pair: -pair[1]))


def option(question: Question, key: str) -> Text:
    """Return the words of an option; its key where the form has none."""
    return next(
        (option.label for option in options_of(question) if option.key == key), Text(nl=key or "–", en=key or "–")
    )


def plain(value: Any) -> str:
    """Return a text on one line; empty for anything else."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def plain_lines(value: Any) -> list[str]:
    """Return the lines of a text that are not empty."""
    return [text for line in (value.splitlines() if isinstance(value, str) else []) if (text := plain(line))]
