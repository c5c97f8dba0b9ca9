"""Look for cards on the wall of one school: by words, kind, profile, technique and company. Reads only.

The index proposes and the card decides: every card that is found is read as the wall reads it, and shown only where the
words and marks that were looked for are really on it for this school.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Self

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.tables.activities import Activity
from models.tables.network import Company, School
from models.tables.results import CardState, ImpressionCard
from models.tables.wall import CardView, CardWord
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.rules.search import BEGINNING, Sought, sought, words_in
from sandwich.rules.tags import folded
from sandwich.services.agreements import accepted_terms
from sandwich.services.card import Card
from sandwich.services.card_index import COMPANY, KIND, SUBJECT, marked, subjects_of, words_of
from sandwich.services.discretion import confidential_terms, mentions

SUBJECTS = "subjects"
"""The list with the profiles and subjects of a school."""

COMPANIES = 200
"""From more companies than this nobody chooses in a list; their names are found by words."""

_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for on a wall, each part as it stands in the address."""

    q: str = ""
    kind: str = ""
    profile: str = ""
    technique: str = ""
    company: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The parts that say something."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name))}

    @cached_property
    def sought(self) -> Sought:
        """The words; they are looked for on every card that is found."""
        return sought(self.q)

    @property
    def is_anything(self) -> bool:
        """Whether every card is meant: nothing was chosen, and no word was typed."""
        return not self.sought.words and set(self.given) <= {"q"}


@dataclass(frozen=True)
class Choices:
    """What can be chosen on a wall: keys and labels. Without ``companies`` there are none, or too many for a list."""

    kinds: tuple[tuple[str, Text], ...] = ()
    profiles: tuple[tuple[str, Text], ...] = ()
    techniques: tuple[tuple[str, Text], ...] = ()
    companies: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True)
class Marks:
    """What a card is found by besides its words; ``techniques`` less those that its host calls confidential."""

    kind: str
    profiles: frozenset[str]
    techniques: tuple[str, ...]
    company_id: str | None

    @classmethod
    async def of(cls, session: AsyncSession, activity: Activity) -> Self:
        """Read those of an activity, but for its profiles, which stand in everybody's answers."""
        company = await session.get(Company, activity.company_id) if activity.company_id else None
        tags = tuple(str(tag) for tag in company.tags) if company else ()
        if tags:
            secret = confidential_terms(str((await accepted_terms(session, activity.id)).get("confidential") or ""))
            tags = tuple(tag for tag in tags if not mentions(tag.replace("-", " "), secret))
        return cls(activity.kind, frozenset(), tags, activity.company_id)

    def has(self, library: Library, card: Card, wanted: Wanted) -> bool:
        """Whether everything that is looked for is on this card."""
        return (
            wanted.kind in {"", self.kind}
            and wanted.company in {"", self.company_id}
            and wanted.profile in {"", *self.profiles}
            and (not wanted.technique or folded(wanted.technique) in {folded(tag) for tag in self.techniques})
            and wanted.sought.is_in(words_of(card) | words_in(self._names(library)))
        )

    def _names(self, library: Library) -> Iterable[str]:
        """Yield every name of what the card is marked with, as somebody may look for it."""
        yield from _titles(library).get(self.kind, ())
        for tag in self.techniques:
            yield from library.tags.called(tag)
        labels = _labels(library)
        for key in self.profiles:
            yield from _both(labels.get(key))


async def fits(session: AsyncSession, library: Library, activity: Activity, card: Card, wanted: Wanted) -> bool:
    """Whether everything that is looked for is on this card; what takes longest to read is read where it decides."""
    marks = await Marks.of(session, activity)
    if marks.has(library, card, wanted):
        return True
    return replace(marks, profiles=await subjects_of(session, activity.id)).has(library, card, wanted)


async def look_for(
    session: AsyncSession, library: Library, school: School, wanted: Wanted, after: int, limit: int
) -> Sequence[Activity]:
    """Return the activities whose cards may have what is looked for, newest first."""
    view, own = aliased(CardView), aliased(CardView)
    has_own = select(own.id).where(own.activity_id == view.activity_id, own.school_id == school.id).exists()
    query = (
        select(Activity)
        .join(view, view.activity_id == Activity.id)
        .join(ImpressionCard, ImpressionCard.activity_id == Activity.id)
        .where(
            view.region_id == school.region_id,
            or_(view.school_id == school.id, and_(view.school_id.is_(None), ~has_own)),
            ImpressionCard.state == CardState.PUBLISHED,
            *(view.id.in_(found) for found in await _conditions(session, library, school, wanted)),
        )
        .order_by(view.published_at.desc(), Activity.id)
        .offset(after)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def choices_on(session: AsyncSession, library: Library, school: School) -> Choices:
    """Return what can be chosen on the wall of a school."""
    keys: dict[str, set[str]] = {KIND: set(), COMPANY: set(), SUBJECT: set()}
    for mark in await _marks_on(session, school):
        what, _, key = mark[1:].partition(":")
        keys[what].add(key)
    rows = await session.scalars(select(Company).where(Company.region_id == school.region_id))
    companies = [row for row in rows if row.id in keys[COMPANY]]
    tags = library.tags.kept(str(tag) for company in companies for tag in company.tags)
    labels = _labels(library)
    listed = companies if len(companies) <= COMPANIES else []
    return Choices(
        kinds=_sorted((key, library.playbooks[key].title) for key in keys[KIND] if key in library.playbooks),
        profiles=tuple((key, label) for key, label in labels.items() if key in keys[SUBJECT] and key != "other"),
        techniques=_sorted((tag, library.tags.shown(tag)) for tag in tags),
        companies=_sorted((one.id, Text(nl=one.name or "–", en=one.name or "–")) for one in listed),
    )


async def _conditions(session: AsyncSession, library: Library, school: School, wanted: Wanted) -> list[Select[str]]:
    """Return, for each part that is looked for, the views that have it."""
    words = wanted.sought.words
    companies: Sequence[Company] = ()
    if words or wanted.technique:
        companies = list(await session.scalars(select(Company).where(Company.region_id == school.region_id)))
    among = CardWord.scope.in_([school.region_id, school.id])
    conditions: list[ColumnElement[bool]] = [
        CardWord.word.in_(_standing_for(library, companies, word)) | _is(word) for word in words
    ]
    for what, key in ((KIND, wanted.kind), (SUBJECT, wanted.profile), (COMPANY, wanted.company)):
        conditions += [CardWord.word == marked(what, key[:40])] if key else []
    if wanted.technique:
        tag = folded(wanted.technique)
        with_it = [one.id for one in companies if tag in {folded(str(own)) for own in one.tags}]
        conditions.append(CardWord.word.in_([marked(COMPANY, key) for key in with_it]))
    return [select(CardWord.view_id).where(among, condition) for condition in conditions]


def _is(word: str) -> ColumnElement[bool]:
    if len(word) < BEGINNING:
        return CardWord.word == word
    return and_(CardWord.word >= word, CardWord.word < word + _LAST)


def _standing_for(library: Library, companies: Iterable[Company], word: str) -> list[str]:
    """Return the marks that a word stands for: kinds, profiles and companies that are called so, or show such."""
    one = Sought((word,))
    found = [marked(KIND, key) for key, titles in _titles(library).items() if one.is_in(words_in(titles))]
    found += [marked(SUBJECT, key) for key, label in _labels(library).items() if one.is_in(words_in(_both(label)))]
    for company in companies:
        names = [company.name, *(name for tag in company.tags for name in library.tags.called(str(tag)))]
        if one.is_in(words_in(names)):
            found.append(marked(COMPANY, company.id))
    return found


async def _marks_on(session: AsyncSession, school: School) -> Collection[str]:
    """Return the marks of all cards that a school may look for: from each to the next, however many cards have it."""
    parts = []
    for number, scope in enumerate((school.region_id, school.id)):

        def least(above: ColumnElement[str] | str, scope: str = scope) -> Select[str]:
            smallest = select(func.min(CardWord.word).label("word"))
            return smallest.where(CardWord.scope == scope, CardWord.word > above, CardWord.word < ";")

        mark = least(":").cte(f"mark_{number}", recursive=True)
        mark = mark.union_all(select(least(mark.c.word).scalar_subquery()).where(mark.c.word.is_not(None)))
        parts.append(select(mark.c.word).where(mark.c.word.is_not(None)))
    return set(await session.scalars(union_all(*parts)))


def _titles(library: Library) -> dict[str, tuple[str, str]]:
    return {key: (playbook.title.nl, playbook.title.en) for key, playbook in library.playbooks.items()}


def _labels(library: Library) -> dict[str, Text]:
    listed = library.lists.get(SUBJECTS)
    return {option.key: option.label for option in listed.options} if listed else {}


def _both(label: Text | None) -> tuple[str, ...]:
    return (label.nl, label.en) if label else ()


def _sorted(labelled: Iterable[tuple[str, Text]]) -> tuple[tuple[str, Text], ...]:
    return tuple(sorted(labelled, key=lambda one: (one[1].nl.casefold(), one[0])))
