"""The words by which walls are searched: written when a card is published, and gone with it.

Each view of a card has its own: of a school that took part or wrote in it, and, where authors let the region read,
of everybody else. Which companies and kinds a word stands for is looked up when somebody searches, so nothing of them
is kept here but their ids. What is found here is still looked at on the card itself before it is shown.
"""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.base import new_id
from models.tables.network import School
from models.tables.results import CardState, ImpressionCard, ShareScope
from models.tables.wall import CardView, CardWord
from sandwich.labels import RECEIVER
from sandwich.rules.search import words_in
from sandwich.runtime import Runtime
from sandwich.services.answers_of import read_answers_of
from sandwich.services.card import Card, read_card
from sandwich.services.card_content import card_of, impressions_on, schools_there

ACTOR = "wall"
KIND, COMPANY, SUBJECT = "kind", "company", "subject"
"""What a card is marked with besides its words."""

ELSEWHERE = ""
"""Stands for a school of which nobody took part or wrote anything."""

AT_ONCE = 20
"""So many cards are indexed at one look that came onto a wall before there was an index."""


def marked(what: str, key: str) -> str:
    """Return how a kind, a company or a subject stands among the words of a card; no word begins with a colon."""
    return f":{what}:{key}"


def words_of(card: Card) -> frozenset[str]:
    """Return the words that a reader of this card finds on it: all that people wrote, and who received."""
    who = RECEIVER[card.receiver.what]
    texts = [card.title, card.receiver.name or "", *who.nl, who.en]
    texts += [part.text for part in card.composed.parts if not part.upload_id]
    texts += [part.text for part in card.materials] + [one.name for one in card.on_request]
    return words_in(texts)


async def subjects_of(session: AsyncSession, activity_id: str) -> frozenset[str]:
    """Return the subjects and profiles that participants said an activity is for."""
    answers = await read_answers_of(session, activity_id)
    given = (item.answers["goal_link"] for item in answers.saying("goal_link"))
    return frozenset(str(key) for keys in given if isinstance(keys, list) for key in keys)


async def index_card(session: AsyncSession, activity_id: str) -> None:
    """Make the words of a card anew, in the transaction that changes it; of one that is on no wall nothing is left."""
    row = await card_of(session, activity_id)
    if row is None:
        return
    await session.flush()
    views = select(CardView.id).where(CardView.activity_id == activity_id)
    await session.execute(delete(CardWord).where(CardWord.view_id.in_(views)))
    await session.execute(delete(CardView).where(CardView.activity_id == activity_id))
    if row.state is not CardState.PUBLISHED or row.published_at is None:
        return
    activity = await session.get_one(Activity, activity_id)
    marks = {marked(KIND, activity.kind)}
    marks |= {marked(COMPANY, activity.company_id)} if activity.company_id else set()
    marks |= {marked(SUBJECT, key) for key in await subjects_of(session, activity_id)}
    there = await schools_there(session, activity_id)
    wrote = {one.school_id for one in await impressions_on(session, row) if one.school_id}
    is_for_region = row.share_scope is ShareScope.REGION
    rows = await session.scalars(select(School).where(School.id.in_(there | wrote)).order_by(School.id))
    for school in rows:
        if school.id in there or (is_for_region and school.region_id == activity.region_id):
            await _add(session, row, school.region_id, school.id, marks)
    # Always there, so that it can be seen that a card was indexed; without a word nobody finds it.
    await _add(session, row, activity.region_id, None, marks if is_for_region else ())


async def _add(
    session: AsyncSession, row: ImpressionCard, region_id: str, school_id: str | None, marks: Iterable[str]
) -> None:
    view = {
        "id": new_id(),
        "activity_id": row.activity_id,
        "region_id": region_id,
        "school_id": school_id,
        "published_at": row.published_at,
    }
    await session.execute(insert(CardView), [view])
    card = await read_card(session, row.activity_id, school_id=school_id or ELSEWHERE) if marks else None
    if card is None or card.is_empty:
        return
    words = {*words_of(card), *marks}
    own = {"scope": school_id or region_id, "view_id": view["id"]}
    await session.execute(insert(CardWord), [{**own, "word": word} for word in sorted(words)])


async def index_those_naming(session: AsyncSession, names: Iterable[str]) -> None:
    """Make the words anew of every card on which a name stands: whoever was erased is in no index either."""
    words = words_in(names)
    if words:
        found = select(CardView.activity_id).join(CardWord, CardWord.view_id == CardView.id)
        rows = await session.scalars(found.where(CardWord.word.in_(words)).distinct().order_by(CardView.activity_id))
        for activity_id in list(rows):
            await index_card(session, activity_id)


async def index_missing(runtime: Runtime) -> int:
    """Index cards that stood on a wall before there was an index; returns how many, a few at a time."""
    missing = (
        select(ImpressionCard.activity_id)
        .where(
            ImpressionCard.state == CardState.PUBLISHED,
            ~select(CardView.id).where(CardView.activity_id == ImpressionCard.activity_id).exists(),
        )
        .order_by(ImpressionCard.published_at.desc())
        .limit(AT_ONCE)
    )
    async with runtime.store.read() as session:
        found = list(await session.scalars(missing))
    for activity_id in found:
        now = await runtime.clock.now()
        async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id) as session:
            await index_card(session, activity_id)
    return len(found)
