"""What mails say whose words stand in the playbook."""

import re

from models.steps import SAYING, Say
from models.text import Text
from sandwich.mail.case import Case, asked, common
from sandwich.mail.contexts.parts import ActivityContext, AskContext, Group
from sandwich.mail.words import Words
from sandwich.rules.series import unrolled
from sandwich.services.shown import answers_shown

_EMPTY_LINE = re.compile(r"\n\s*\n")


class SaidContext(ActivityContext):
    """A mail that tells what the playbook says."""

    subject: str
    paragraphs: tuple[str, ...]
    shown: tuple[Group, ...]


class SaidAskContext(AskContext):
    """A mail that asks what the playbook says."""

    subject: str
    paragraphs: tuple[str, ...]
    shown: tuple[Group, ...]
    button_says: str


async def ask_said(case: Case) -> SaidAskContext:
    """Word a mail of the playbook that asks."""
    say, number = _say(case)
    button = case.words(say.button or _ANSWER)
    return SaidAskContext(**asked(case), **await _filled(case, say, number), button_says=button)


async def tell_said(case: Case) -> SaidContext:
    """Word a mail of the playbook that tells."""
    return SaidContext(**common(case), **await _filled(case, *_say(case)))


def _say(case: Case) -> tuple[Say, int]:
    """Return the words of the step that a message came from, and the number of its own contact moment, or 1.

    A reminder comes from what was asked before.
    """
    step_key, mail = case.about.get("step"), case.message.mail
    if mail not in SAYING:
        invitation = case.invitations()[0]
        step_key, mail = invitation.step, invitation.mail
    activity = case.own_activity()
    playbook = unrolled(case.reading.playbooks[activity.playbook_digest], len(case.moments()) or 1)
    for step in playbook.steps:
        if step.key != step_key:
            continue
        for ask in step.asks:
            if ask.mail == mail and ask.to is case.role and ask.say is not None:
                return ask.say, step.moment or 1
        for tell in step.tells:
            if tell.mail == mail and case.role in tell.to and tell.say is not None:
                return tell.say, step.moment or 1
    raise case.lacks("words in the playbook")


async def _filled(case: Case, say: Say, number: int) -> dict[str, object]:
    """Return subject and paragraphs with what stands in braces filled in, and what others answered."""
    values = common(case)
    words = Words(case.language, case.settings.timezone)
    moments = values["moments"]
    known = {
        "title": values["title"],
        "host": values["company"] or case.words(_HOST),
        "day": words.weekday(moments[0].starts_at),
        "moment": words.weekday(moments[min(number, len(moments)) - 1].starts_at),
        "people": words.count(len(case.teachers())),
    }
    subject = case.words(say.subject).format_map(known)
    text = case.words(say.text).format_map(known)
    paragraphs = [" ".join(part.split()) for part in _EMPTY_LINE.split(text)]
    answers = (
        await answers_shown(case.session, case.own_activity().id, say.shows, case.role, case.language)
        if say.shows
        else ()
    )
    return {
        "subject": subject,
        "paragraphs": tuple(paragraph for paragraph in paragraphs if paragraph),
        "shown": tuple(Group(label=one.label, lines=one.lines) for one in answers),
    }


_ANSWER = Text(nl="Geef antwoord", en="Answer")
_HOST = Text(nl="de gastheer", en="the host")
