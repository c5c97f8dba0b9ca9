"""What people said that a report may tell: released words alone, without what their hosts keep to themselves."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.asking import Submission
from models.tables.network import Company, Region, School
from models.tables.results import CardState, ImpressionCard, ShareScope
from sandwich.rules.doubts import doubts_in
from sandwich.services.agreements import accepted_terms
from sandwich.services.card import Card, read_card
from sandwich.services.discretion import confidential_terms, host_names, mentions, without_names
from sandwich.services.results import IMPACT
from sandwich.services.told import Told, read_told, released

MOST = 3
"""So many stories, and so many lessons, stand in a report; each of another activity."""

_LOOKED_AT = 12
"""The newest activities with words are looked at, until there are enough."""

_NO_SCHOOL = ""
"""Reads a card as a school does that took no part: what its authors share with the whole region."""


@dataclass(frozen=True)
class Story:
    """Somebody's words about an activity; ``name`` only where that was released too."""

    text: str
    title: str
    name: str | None = None


@dataclass(frozen=True)
class Stories:
    """What is told in a report."""

    stories: tuple[Story, ...] = ()
    lessons: tuple[Story, ...] = ()


async def stories_of(session: AsyncSession, region: Region, school: School | None, held: Collection[str]) -> Stories:
    """Return the newest stories and lessons of what was held: examples that teachers released, and published cards."""
    cards = await _cards(session, region, school, held)
    stories = await _examples(session, region, school, held)
    told = {story.title for story in stories}
    stories += [Story(card.use_lesson[0], card.title) for card in cards if card.use_lesson and card.title not in told]
    lessons = [Story(card.insights[0], card.title) for card in cards if card.insights]
    return Stories(tuple(stories[:MOST]), tuple(lessons[:MOST]))


async def _cards(session: AsyncSession, region: Region, school: School | None, held: Collection[str]) -> list[Card]:
    """Return the newest cards as the school reads them, or as any school of the region does."""
    query = (
        select(ImpressionCard.activity_id)
        .join(Activity, Activity.id == ImpressionCard.activity_id)
        .where(ImpressionCard.state == CardState.PUBLISHED, Activity.region_id == region.id)
        .order_by(ImpressionCard.published_at.desc(), ImpressionCard.activity_id)
    )
    if school is None:
        query = query.where(ImpressionCard.share_scope == ShareScope.REGION)
    found: list[Card] = []
    for key in [key for key in await session.scalars(query) if key in held][:_LOOKED_AT]:
        card = await read_card(session, key, school_id=school.id if school else _NO_SCHOOL)
        if card is not None and not card.is_empty:
            found.append(card)
        if len(found) == 2 * MOST:
            break
    return found


async def _examples(session: AsyncSession, region: Region, school: School | None, held: Collection[str]) -> list[Story]:
    """Return what teachers did with it, in their words, where they said that it may be used as an example."""
    rows = await session.execute(
        select(Submission.activity_id, Submission.submitted_at)
        .join(Activity, Activity.id == Submission.activity_id)
        .where(
            Activity.region_id == region.id,
            Submission.form == IMPACT,
            Submission.answers["story"].as_string().in_(("with-name", "without-name")),
        )
        .order_by(Submission.submitted_at.desc(), Submission.id)
    )
    found: list[Story] = []
    for key in [key for key in dict.fromkeys(row.activity_id for row in rows) if key in held][:_LOOKED_AT]:
        story = await _example(session, key, school)
        if story is not None:
            found.append(story)
        if len(found) == MOST:
            break
    return found


async def _example(session: AsyncSession, activity_id: str, school: School | None) -> Story | None:
    """Return the first example of an activity that names nothing confidential, nor seems to name a pupil."""
    told: Told = await read_told(session, activity_id)
    activity = await session.get_one(Activity, activity_id)
    company = await session.get(Company, activity.company_id) if activity.company_id else None
    terms = await accepted_terms(session, activity_id)
    marked = confidential_terms(str(terms.get("confidential") or ""))
    names = await host_names(session, activity, company, terms)
    for item in told.of(IMPACT):
        person = told.people.get(item.participation.person_id)
        is_own = school is None or (person is not None and person.school_id == school.id)
        if not is_own or doubts_in(told.form(item), item.answers):
            continue
        for said in released(told, [item]):
            if not mentions(said.text, marked):
                return Story(without_names(said.text, names), activity.title, said.name)
    return None
