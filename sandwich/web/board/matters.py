"""What a coordinator decides: do without an answer, open a gate, finish a call, answer a counter-proposal."""

from models.roles import Stage
from models.tables.agreements import AgreementState
from models.tables.results import CardState
from models.text import Text
from sandwich.services import additions, agree, share, steer
from sandwich.services.agreement_views import AgreementLine
from sandwich.services.detail_views import ActivityDetail, AskLine, PersonLine
from sandwich.services.overview import ENDED
from sandwich.web.board.small import Action, Doing, Small, text_of
from sandwich.web.participant.agreeing import said
from sandwich.web.posted import SHOWN
from sandwich.web.session import Visitor


def find_ask(detail: ActivityDetail, invitation_id: str) -> tuple[PersonLine, AskLine] | None:
    """Return the person and the form behind an invitation of this activity."""
    for person in detail.people:
        for ask in person.asks:
            if ask.invitation_id == invitation_id:
                return person, ask
    return None


def drafted(detail: ActivityDetail, subject: str) -> AgreementLine | None:
    """Return the agreement about ``subject`` that the coordinator drafted; without a subject the first one."""
    return next((one for one in detail.agreements if one.is_drafted and subject in {"", one.subject}), None)


async def _waive_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    found = find_ask(detail, target)
    if found is None or detail.line.status in ENDED:
        return None
    person, ask = found
    return Small(
        title=Text(
            nl=f"{person.name} hoeft niet te antwoorden: {ask.title.nl}",
            en=f"{person.name} need not answer: {ask.title.en}",
        ),
        button=Text(nl="Hoeft niet", en="Not needed"),
        happens=(
            Text(nl="Er komt geen herinnering en geen belletje meer.", en="No reminder and no call follows."),
            Text(
                nl="Ontbreken er leerdoelen of afspraken, dan is de sandwich niet compleet.",
                en="Where goals or agreements are missing, the sandwich is not complete.",
            ),
        ),
        asks_reason=True,
    )


async def _waive(doing: Doing) -> None:
    await steer.waive(doing.visitor.runtime, doing.target, doing.reason(), now=doing.now, actor=doing.actor)


async def _gate_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    gate = next((one for one in detail.gates if one.stage == target), None)
    if gate is None or gate.is_open or detail.line.status in ENDED:
        return None
    return Small(
        title=Text(nl=f"Toch doorgaan: {gate.title.nl}", en=f"Go on all the same: {gate.title.en}"),
        button=Text(nl="Ga toch door", en="Go on all the same"),
        lead=Text(nl="Dit ontbreekt nog:", en="This is still missing:"),
        happens=gate.blocked_by,
        asks_reason=True,
    )


async def _gate(doing: Doing) -> None:
    await steer.override_gate(
        doing.visitor.runtime,
        doing.activity_id,
        Stage(doing.target),
        doing.reason(),
        now=doing.now,
        actor=doing.actor,
    )


async def _call_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    call = next((one for one in detail.calls if one.id == target), None)
    if call is None:
        return None
    return Small(
        title=call.heading,
        button=Text(nl="Gedaan", en="Done"),
        lead=call.reason,
        note_label=Text(nl="Wat kwam eruit?", en="What came of it?"),
        context={"call": call},
    )


async def _call(doing: Doing) -> None:
    note = text_of(doing.posted, "note")
    await steer.finish_call(doing.visitor.runtime, doing.target, note, now=doing.now, actor=doing.actor)


async def _agreement_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    line = drafted(detail, target)
    if line is None or line.state is not AgreementState.COUNTERED:
        return None
    number = line.number
    return Small(
        title=Text(nl="Neem het tegenvoorstel over", en="Accept the counter-proposal"),
        button=Text(nl="Neem het over", en="Accept it"),
        happens=(
            Text(
                nl=f"Versie {number} is dan de afspraak zodra iedereen ja zei; allen zien dezelfde.",
                en=f"Version {number} then is the agreement once everybody has said yes; all see the same.",
            ),
        ),
    )


async def _agreement(doing: Doing) -> None:
    terms, only_some = said(doing.posted)
    await agree.decide(
        doing.visitor.runtime,
        doing.activity_id,
        "accept",
        now=doing.now,
        actor=doing.actor,
        subject=doing.target or None,
        shown=doing.posted.one(SHOWN) or None,
        only=terms if only_some else None,
    )


async def _card_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or detail.card is None or detail.card.state is not CardState.PUBLISHED:
        return None
    return Small(
        title=Text(nl="Haal de indrukkenkaart van de deelmuur", en="Take the impression card off the share wall"),
        button=Text(nl="Haal de kaart weg", en="Take the card off"),
        happens=(
            Text(nl="Niemand kan de kaart nog lezen.", en="Nobody can read the card any more."),
            Text(
                nl="De mail die er al over ging, is niet terug te halen.",
                en="The mail that told of it cannot be taken back.",
            ),
        ),
        is_danger=True,
    )


async def _card(doing: Doing) -> None:
    await share.withdraw_card(doing.visitor.runtime, doing.activity_id, now=doing.now, actor=doing.actor)


async def _ask_host_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or detail.card is None or not detail.card.waits:
        return None
    return Small(
        title=Text(nl="Vraag {receiver} opnieuw", en="Ask {receiver} again").filled(receiver=detail.receiver),
        button=Text(nl="Vraag {receiver}", en="Ask {receiver}").filled(receiver=detail.receiver),
        happens=(
            Text(
                nl="Er gaat een mail heen met de hele kaart, ook met wat erbij kwam.",
                en="A mail goes there with the whole card, with what was added too.",
            ),
            Text(
                nl="Komt er vijf werkdagen geen antwoord, dan komt wat nieuw is erbij: alleen binnen de scholen, "
                "zonder foto's, namen en vertrouwelijke dingen.",
                en="If no answer comes for five working days, what is new is added: inside the schools only, without "
                "photos, names and confidential things.",
            ),
        ),
    )


async def _ask_host(doing: Doing) -> None:
    await additions.ask_host_again(doing.visitor.runtime, doing.activity_id, now=doing.now, actor=doing.actor)


MATTERS = {
    "waive": Action(_waive_page, _waive, back_to="#people"),
    "gate": Action(_gate_page, _gate),
    "call": Action(_call_page, _call, "call.html"),
    "withdraw-card": Action(_card_page, _card),
    "ask-host": Action(_ask_host_page, _ask_host),
    "agreement": Action(_agreement_page, _agreement, back_to="#agreement"),
}
"""What can be decided, by the first part of its address behind the activity's."""
