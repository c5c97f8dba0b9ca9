"""What a coordinator does with the mails of an activity: those that wait, many at once or one with a look at its words,
and reminders out of turn.
"""

from starlette.exceptions import HTTPException

from models.text import Text
from sandwich import labels
from sandwich.errors import SandwichError
from sandwich.mail.look import Look, look_at_mail
from sandwich.services.by_hand import (
    LONGEST_WORD,
    STUCK,
    WAITS,
    WORDLESS,
    add_word,
    hold_back,
    let_leave,
    send_now,
    throw_away,
)
from sandwich.services.detail_views import ActivityDetail, AskLine, MessageLine
from sandwich.services.prompt import can_be_reminded, remind_now
from sandwich.web.board.showing import capital
from sandwich.web.board.small import Action, Doing, Small, Unclear, text_of
from sandwich.web.posted import ACTION
from sandwich.web.session import Visitor

DOINGS = {"hold": hold_back, "leave": let_leave, "now": send_now, "discard": throw_away}
"""What the buttons do, by their value."""

CHOSEN = "mails"
"""The boxes in front of the mails."""


def waiting(detail: ActivityDetail) -> list[MessageLine]:
    """Return the mails that a coordinator can do something with, the first to leave first."""
    return sorted(
        (line for line in detail.messages if line.state in WAITS | STUCK), key=lambda line: (line.at, line.id)
    )


async def _page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    lines = waiting(detail)
    if not target:
        return Small(
            title=Text(nl="Mails die wachten", en="Mails that wait"),
            button=Text(nl="Houd vast", en="Hold"),
            context={"lines": lines, "one": None, "problem_at": CHOSEN},
        )
    line = next((one for one in lines if one.id == target), None)
    if line is None:
        return None
    look = await _look(visitor, detail, target)
    return Small(
        title=Text(nl=capital(line.title.nl), en=capital(line.title.en)),
        button=Text(nl="Bewaar", en="Keep"),
        typed={"word": [line.word or ""]},
        context={
            "lines": [line],
            "one": line,
            "look": look if isinstance(look, Look) else None,
            "trouble": look.to(visitor.who.language) if isinstance(look, SandwichError) else "",
            "is_open": line.mail not in WORDLESS and line.state in WAITS,
            "longest": LONGEST_WORD,
            "skipped": _why(look.skipped).to(visitor.who.language) if isinstance(look, Look) and look.skipped else "",
        },
    )


async def _look(visitor: Visitor, detail: ActivityDetail, message_id: str) -> Look | SandwichError:
    now = await visitor.runtime.clock.now()
    try:
        return await look_at_mail(visitor.runtime, detail.line.id, message_id, now)
    except SandwichError as error:
        return error


def _why(reason: str) -> Text:
    return labels.REASON.get(reason, Text(nl=reason, en=reason))


async def _do(doing: Doing) -> None:
    runtime, pressed = doing.visitor.runtime, doing.posted.one(ACTION)
    if doing.target and pressed == "word":
        word = text_of(doing.posted, "word", LONGEST_WORD * 2)
        try:
            await add_word(runtime, doing.target, word, now=doing.now, actor=doing.actor)
        except SandwichError as error:
            raise Unclear({"word": error.to(doing.language)}) from None
        return
    if pressed not in DOINGS:
        raise HTTPException(400)
    mine = {line.id for line in waiting(doing.detail)}
    chosen = [doing.target] if doing.target else [key for key in doing.posted.fields.get(CHOSEN, []) if key in mine]
    if not chosen:
        raise Unclear({CHOSEN: _CHOOSE.to(doing.language)})
    done = await DOINGS[pressed](runtime, chosen, now=doing.now, actor=doing.actor)
    if not done:
        raise Unclear({CHOSEN: _LEFT.to(doing.language)})


async def _remind_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    lines = [] if target else open_questions(detail)
    if not lines:
        return None
    return Small(
        title=Text(nl="Herinner nu", en="Remind now"),
        button=Text(nl="Stuur een herinnering", en="Send a reminder"),
        lead=Text(
            nl="Sandwich herinnert vanzelf. Dit is voor als je niet wilt wachten: wie je aanvinkt, krijgt een mail "
            "op de eerstvolgende ochtend dat het mag. Meer vragen aan één persoon gaan samen.",
            en="Sandwich reminds by itself. This is for when you do not want to wait: whoever you tick gets a "
            "mail on the next morning that it may. Several questions to one person go together.",
        ),
        typed={CHOSEN: [ask.invitation_id for _, ask in lines if ask.is_late]},
        context={"questions": lines, "problem_at": CHOSEN},
    )


def open_questions(detail: ActivityDetail) -> list[tuple[str, AskLine]]:
    """Return who was asked what and has not answered."""
    people = [person for person in detail.people if person.is_active]
    return [(person.name, ask) for person in people for ask in person.asks if can_be_reminded(ask.state)]


async def _remind(doing: Doing) -> None:
    chosen = doing.posted.fields.get(CHOSEN, [])
    if not chosen:
        raise Unclear({CHOSEN: _CHOOSE_WHOM.to(doing.language)})
    if not await remind_now(doing.visitor.runtime, doing.activity_id, chosen, now=doing.now, actor=doing.actor):
        raise Unclear({CHOSEN: _TODAY.to(doing.language)})


_CHOOSE_WHOM = Text(nl="Kies eerst wie je wilt herinneren.", en="Choose first whom you want to remind.")
_TODAY = Text(
    nl="Daarover staat vandaag al een herinnering klaar, of er is intussen geantwoord.",
    en="A reminder of that waits since today already, or it was answered meanwhile.",
)
_CHOOSE = Text(nl="Kies eerst een of meer mails.", en="Choose one or more mails first.")
_LEFT = Text(
    nl="Dat kon niet (meer): de mail is al onderweg of verstuurd, of staat al zo.",
    en="That could not be done (any more): the mail is on its way or sent, or like that already.",
)

MAILING = {
    "outbox": Action(_page, _do, "mailing.html", "/outbox"),
    "remind": Action(_remind_page, _remind, "remind.html"),
}
"""What can be done with mails, by the first part of its address behind the activity's."""
