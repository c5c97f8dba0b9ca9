"""What a form is: the questions that a person is asked, as plain data (files in ``forms/``)."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from models.question import Column, Question, QuestionVariant
from models.question_types import Condition, Format, QuestionType, Visibility
from models.text import Definition, Key, Misfit, Text

__all__ = [
    "Audience",
    "Column",
    "Condition",
    "Form",
    "FormVariant",
    "Format",
    "Question",
    "QuestionType",
    "QuestionVariant",
    "Visibility",
]


class Audience(StrEnum):
    """Whom a form addresses; decides *je* or *u* and the longest time that it may take."""

    TEACHER = "teacher"
    HOST = "host"
    SCHOOL_LEADER = "school_leader"
    COORDINATOR = "coordinator"
    COLLEAGUES = "colleagues"
    ANYONE = "anyone"


class FormVariant(Definition):
    """What a variant of a form says differently around its questions; what is left out stays as it is."""

    audience: Audience | None = None
    minutes: float | None = Field(default=None, gt=0, le=15)
    title: Text | None = None
    intro: Text | None = None


class Form(Definition):
    """A form with its version: an answer always shows the questions that it was given to.

    ``code`` is the form's number in the field (``F01``); ``minutes`` the time promised at the top. ``variants`` are
    other cuts of it, for another kind or another reader, ``differs`` what one of them says differently at the top.
    """

    key: Key
    code: str
    version: int = Field(ge=1)
    audience: Audience
    minutes: float = Field(gt=0, le=15)
    title: Text
    intro: Text | None = None
    variants: tuple[Key, ...] = ()
    differs: dict[Key, FormVariant] = Field(default_factory=dict)
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        seen: set[str] = set()
        for question in self.questions:
            if question.key in seen:
                raise Misfit(
                    "Vraag {key!r} staat er twee keer. Geef er een een andere naam, of haal er een weg.",
                    "Question {key!r} stands twice. Rename or remove one.",
                    key=question.key,
                )
            seen.add(question.key)
        for variant in self.differs:
            if variant not in self.variants:
                raise Misfit(
                    "Onder differs staat {key!r}, en die variant heeft dit formulier niet. Voeg hem toe bij variants.",
                    "{key!r} stands under differs, and this form has no such variant. Add it to variants.",
                    key=variant,
                )
        return self

    def question(self, key: str) -> Question:
        """Return the question with ``key``; raises ``KeyError``."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(key)

    def in_variant(self, variant: str | None) -> Self:
        """Return the form as the variant (``None``: the form as it is) asks it, with its own questions only."""
        differs = self.differs.get(variant) if variant is not None else None
        changed = {
            name: value for name in FormVariant.model_fields if (value := getattr(differs, name, None)) is not None
        }
        kept = tuple(question.in_variant(variant) for question in self.questions if question.belongs_to(variant))
        return self.model_copy(update={**changed, "variants": (), "differs": {}, "questions": kept})
