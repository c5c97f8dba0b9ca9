"""What a coordinator does about words: mask what had better not be shared, publish a card in the group's name."""

from models.tables.results import CardState
from models.text import Text
from sandwich.services import doubts, for_group
from sandwich.services.detail_views import ActivityDetail
from sandwich.web.board.small import Action, Doing, Small
from sandwich.web.session import Visitor


async def _words_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    async with visitor.runtime.store.read() as session:
        lines = await doubts.checklist(session, detail.line.id)
    if target or not lines:
        return None
    return Small(
        title=Text(nl="Bekijk wat er beter niet staat", en="Look at what had better not stand there"),
        button=Text(nl="Maskeer wat aangekruist is", en="Mask what is ticked"),
        happens=(
            Text(
                nl="Wat je aankruist, verdwijnt uit het antwoord en uit het logboek. Dat is niet terug te draaien.",
                en="What you tick is gone from the answer and from the log. That cannot be undone.",
            ),
            Text(
                nl="Kruis je niets aan, dan mag alles blijven staan, en gaat de kaart verder.",
                en="If you tick nothing, all of it may stay, and the card goes on.",
            ),
        ),
        context={"lines": lines, "problem_at": "page"},
    )


async def _words(doing: Doing) -> None:
    chosen = doing.posted.fields.get("mask", [])
    await doubts.mask(doing.visitor.runtime, doing.activity_id, chosen, now=doing.now, actor=doing.actor)


async def _group_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or (detail.card is not None and detail.card.state is not CardState.DRAFT):
        return None
    draft = await for_group.draft_card(visitor.runtime, detail.line.id)
    if draft is None:
        return None
    return Small(
        title=Text(nl="Publiceer namens de groep", en="Publish in the name of the group"),
        button=Text(nl="Publiceer namens de groep", en="Publish in the name of the group"),
        lead=Text(
            nl="Dit schreven de deelnemers, en dit mag van hen gedeeld worden. Er staat geen naam bij.",
            en="This is what the participants wrote, and what they let be shared. No name stands with it.",
        ),
        happens=(
            *(Text(nl=f"{line.label.nl}: {line.text}", en=f"{line.label.en}: {line.text}") for line in draft.lines),
            Text(
                nl="De kaart gaat eerst langs {receiver}, zoals altijd.",
                en="The card goes past {receiver} first, as always.",
            ).filled(receiver=detail.receiver),
        ),
    )


async def _group(doing: Doing) -> None:
    await for_group.publish_for_group(doing.visitor.runtime, doing.activity_id, now=doing.now, actor=doing.actor)


WORDING = {
    "words": Action(_words_page, _words, "words.html"),
    "for-group": Action(_group_page, _group),
}
"""What can be done about words, by the first part of its address behind the activity's."""
