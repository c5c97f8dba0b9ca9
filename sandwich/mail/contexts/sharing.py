"""What the mails about the impression card say: the host looks first, a card is new, colleagues ask for more."""

from datetime import datetime

from pydantic import Field

from models.roles import Role
from models.tables.network import School
from models.tables.results import CardState
from models.text import Text
from sandwich.mail.case import Case, asked, common, reader_of
from sandwich.mail.contexts.parts import ActivityContext, AskContext, Foot, MailContext, Part, Row
from sandwich.services.card import read_card
from sandwich.services.card_content import MATERIALS, PHOTOS, CardPart, card_of, current_impressions
from sandwich.services.digests import news_for
from sandwich.services.release_preview import Aside, AsideLine, look
from sandwich.services.wall import wishes_of

MOST = 12
"""How many new cards one mail names."""

_ON_THE_CARD = {
    "headline": Text(nl="Titel", en="Headline"),
    "insight_1": Text(nl="Wat collega's moeten weten", en="What colleagues should know"),
    "insight_2": Text(nl="Wat collega's moeten weten", en="What colleagues should know"),
    "insight_3": Text(nl="Wat collega's moeten weten", en="What colleagues should know"),
    PHOTOS: Text(nl="Foto, alleen als u daar ja op zegt", en="Photo, only if you say yes to that"),
    MATERIALS: Text(nl="Bestand", en="File"),
}
_ON_REQUEST = Text(nl="alleen de naam; wie het wil hebben, vraagt het aan de maker", en="only its name; ask the maker")
_WHY = {
    Aside.ONE_SCHOOL: Text(nl="alleen voor {school}", en="for {school} only"),
    Aside.NO_ROOM: Text(nl="niet op de kaart, er is geen plaats", en="not on the card, there is no room"),
    Aside.LEFT_OUT: Text(nl="weggelaten, zoals u vroeg", en="left out, as you asked"),
}


class HostPreviewContext(AskContext):
    """M15: the card as the wall will show it; ``beside``: what is not on it, and why.

    ``school``: the only one that reads it; without one it goes to all schools of the region. ``is_addition``: the host
    is asked again, about what was added. ``is_pressing``: an author says that the host must look at something in it.
    """

    school: str | None
    parts: tuple[Row, ...]
    beside: tuple[Row, ...]
    has_photos: bool
    is_addition: bool
    is_pressing: bool


class CardContext(ActivityContext):
    """M16: the card, and where it stands."""

    link: str
    school: str
    headline: str | None
    insights: tuple[str, ...]
    use_lesson: str | None
    is_restricted: bool
    has_materials: bool


class NewCard(Part):
    """A card among others that are new: its headline, where that was and when, what is known first, and where it is."""

    headline: str
    company: str | None
    starts_at: datetime | None
    insight: str | None
    link: str


class NewCardsContext(MailContext):
    """M16 for colleagues who hear of all new cards at once; ``more``: how many are not named here."""

    link: str
    cards: tuple[NewCard, ...] = Field(min_length=1)
    more: int


class CardWithdrawnContext(ActivityContext):
    """M16 for the participants: the card is off the wall; ``by_host``: because the company took its word back."""

    by_host: bool


class WishContext(ActivityContext):
    """F21 for an author of the card: what colleagues would still like to know."""

    wall: str | None
    wishes: tuple[str, ...]


async def host_preview(case: Case) -> HostPreviewContext:
    """Word M15."""
    activity_id = case.own_activity().id
    shown = await look(case.session, activity_id)
    card = await card_of(case.session, activity_id)
    beside = [one.part for one in shown.beside]
    return HostPreviewContext(
        **asked(case),
        school=shown.school,
        parts=tuple(Row(label=_card_label(case, part), value=part.text) for part in shown.card.parts),
        beside=tuple(Row(label=_beside_label(case, one), value=one.part.text) for one in shown.beside),
        has_photos=any(part.question == PHOTOS for part in (*shown.card.parts, *beside)),
        is_addition=card is not None and card.published_at is not None,
        is_pressing=any(row.answers.get("host_check") for row in await current_impressions(case.session, activity_id)),
    )


def _card_label(case: Case, part: CardPart) -> str:
    words = _ON_THE_CARD.get(part.question, part.label)
    return case.words(words) if not part.on_request else f"{case.words(words)} ({case.words(_ON_REQUEST)})"


def _beside_label(case: Case, line: AsideLine) -> str:
    return f"{_card_label(case, line.part)} – {case.words(_WHY[line.why].filled(school=line.school))}"


async def new_card(case: Case) -> CardContext:
    """Word M16 for the colleagues of one school."""
    card = await read_card(case.session, case.own_activity().id, school_id=case.person.school_id)
    school = await case.session.get(School, case.person.school_id) if case.person.school_id else None
    wall = await wall_of(case)
    if card is None or school is None or wall is None:
        raise case.lacks("impression card of a school")
    return CardContext(
        **common(case),
        link=wall,
        school=school.name,
        headline=card.headline,
        insights=card.insights,
        use_lesson=next(iter(card.use_lesson), None),
        is_restricted=card.is_restricted,
        has_materials=bool(card.materials),
    )


async def new_cards(case: Case) -> NewCardsContext:
    """Word M16 about all cards that are new for the colleagues of one school."""
    found = await news_for(case.session, case.person, case.message.queued_at)
    if found is None:
        raise case.lacks("new cards")
    wall = case.address(f"/wall/{found.school.wall_key}")
    return NewCardsContext(
        title=found.school.name,
        reader=reader_of(case),
        role=Role.COLLEAGUES,
        foot=Foot(years=case.settings.keep_answers_years),
        link=wall,
        cards=tuple(
            NewCard(
                headline=card.headline or card.title,
                company=card.receiver.name,
                starts_at=card.held_at,
                insight=next(iter(card.insights), None),
                link=f"{wall}/{activity.id}",
            )
            for activity, card in found.cards[:MOST]
        ),
        more=max(0, len(found.cards) - MOST),
    )


async def card_withdrawn(case: Case) -> CardWithdrawnContext:
    """Word what a participant hears when the card is taken off the wall."""
    return CardWithdrawnContext(**common(case), by_host=bool(case.about.get("by_host")))


async def colleague_wish(case: Case) -> WishContext:
    """Word what colleagues of one day would like to know."""
    since, until = (datetime.fromisoformat(str(case.about[name])) for name in ("since", "until"))
    return WishContext(
        **common(case),
        wall=await wall_of(case),
        wishes=await wishes_of(case.session, case.own_activity().id, since, until),
    )


async def wall_of(case: Case) -> str | None:
    """Return where the card stands for the reader's school; ``None`` where it has nothing to read there."""
    school = await case.session.get(School, case.person.school_id) if case.person.school_id else None
    card = await read_card(case.session, case.own_activity().id, school_id=school.id) if school else None
    if school is None or card is None or card.is_empty or card.state is not CardState.PUBLISHED:
        return None
    return case.address(f"/wall/{school.wall_key}/{case.own_activity().id}")
