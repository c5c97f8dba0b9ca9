"""What a mail offers to answer it with: buttons for a question of one choice, and questions that a reply can answer."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from models.form import Form, Question, QuestionType
from models.tables.asking import OPEN, Invitation
from models.text import Text
from sandwich.mail import clean
from sandwich.mail.case import Case, meaning
from sandwich.mail.contexts.parts import MailContext, ReplyPart, ReplyQuestion, Tap, TapChoice
from sandwich.mail.replies.layout import END, Asked, Item, block_of, fit, items_of
from sandwich.rules.conditions import is_required
from sandwich.services.reply_forms import forms_to_reply_to

MOST_CHOICES = 3
"""Options of a question that can stand as buttons."""

MOST_TAPS = 4
"""Questions with buttons in one mail; dates are a question each."""

_INTRO = Text(
    nl="Antwoorden kan ook zo: beantwoord deze mail en schrijf bij elke vraag je antwoord achter de dubbele punt. Laat "
    "de codes tussen haken staan. Wat niet zeker te lezen is, leest de coördinator.",
    nl_u="Antwoorden kan ook zo: beantwoord deze mail en schrijf bij elke vraag uw antwoord achter de dubbele punt. "
    "Laat de codes tussen haken staan. Wat niet zeker te lezen is, leest de coördinator.",
    en="You can also answer like this: reply to this mail and write your answer to each question behind its colon. "
    "Leave the codes in brackets as they are. What cannot be read with certainty, the coordinator reads.",
)


def answerable(cases: Sequence[Case], context: MailContext) -> MailContext:
    """Return what a mail is worded from, with what it offers to answer it with."""
    asked = _asked(cases)
    if not asked:
        return context
    case, forms = cases[0], _forms(cases[0], asked)
    return context.model_copy(update={"taps": _taps(case, forms), "reply": _reply(case, asked, forms)})


def _asked(cases: Iterable[Case]) -> list[tuple[Invitation, Form]]:
    """Return the open questions of a mail with their forms, each once."""
    found = {
        invitation.id: (invitation, case.form(invitation))
        for case in cases
        if case.activity is not None and case.participation is not None and case.person.group_name is None
        for invitation in case.invitations()
        if invitation.state in OPEN
    }
    return list(found.values())


def _forms(case: Case, asked: Iterable[tuple[Invitation, Form]]) -> list[Asked]:
    activity = case.own_activity()
    playbook = case.reading.playbooks[activity.playbook_digest]
    return forms_to_reply_to(activity, ZoneInfo(case.settings.timezone), playbook, asked)


def _reply(case: Case, asked: Iterable[tuple[Invitation, Form]], forms: Iterable[Asked]) -> ReplyPart | None:
    """Return the questions for a reply; none where others read the mailbox, and nothing that was begun or answered."""
    box = case.mailbox()
    if not case.settings.reply_address or box is None or box.is_shared:
        return None
    untouched = {one.id for one, _ in asked if one.answered_at is None and not case.is_begun(one)}
    items = items_of((one for one in forms if one.invitation_id in untouched), case.language, formal=case.formal)
    if not fit(items):
        return None
    blocks = [block_of(item, number, case.language) for number, item in enumerate(items, start=1)]
    questions = tuple(
        ReplyQuestion(heading=one.heading, options=one.options or None, hint=one.hint or None, answer=one.answer)
        for one in blocks
    )
    return ReplyPart(intro=case.words(_INTRO), questions=questions, end=END.to(case.language))


def _taps(case: Case, forms: Iterable[Asked]) -> tuple[Tap, ...]:
    """Return the questions with buttons: of each form the first, where it must be answered and takes one of a few."""
    found: list[Tap] = []
    for one in forms:
        first = _first(one.form)
        items = items_of([_only(one, first)], case.language, formal=case.formal) if first is not None else ()
        found += [_tap(case, item) for item in items if 0 < len(item.picks) <= MOST_CHOICES]
    return tuple(found) if len(found) <= MOST_TAPS else ()


def _first(form: Form) -> Question | None:
    """Return the first question that must be answered as long as nothing else is."""
    question = next((one for one in form.questions if is_required(one, {})), None)
    if question is None or question.type not in _TAPPED:
        return None
    return None if question.shown_when is not None or question.other or question.must_be_yes else question


_TAPPED = frozenset({QuestionType.YESNO, QuestionType.SINGLE, QuestionType.GRID})


def _only(asked: Asked, question: Question) -> Asked:
    form = asked.form.model_copy(update={"questions": (question,)})
    return Asked(asked.invitation_id, asked.digest, form, asked.rows)


def _tap(case: Case, item: Item) -> Tap:
    link = case.link(item.invitation_id)
    choices = tuple(TapChoice(label=pick.label, link=meaning(link, item.name, pick.value)) for pick in item.picks)
    return Tap(label=clean.one_line(item.label), choices=choices)
