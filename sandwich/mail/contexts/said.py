"""What mails say whose words stand in the playbook."""

import re

from sqlalchemy import func, select

from models.playbook import Playbook
from models.roles import Role
from models.steps import Say
from models.tables.activities import ContactMoment, PlaybookVersion
from models.text import Text
from sandwich.mail.case import Case, asked, common
from sandwich.mail.contexts.parts import ActivityContext, AskContext
from sandwich.mail.words import Words
from sandwich.rules.series import unrolled

_EMPTY_LINE = re.compile(r"\n\s*\n")
_OWN_MOMENT = re.compile(r".*-(\d+)")


class SaidContext(ActivityContext):
    """A mail that tells what the playbook says."""

    subject: str
    paragraphs: tuple[str, ...]


class SaidAskContext(AskContext):
    """A mail that asks what the playbook says."""

    subject: str
    paragraphs: tuple[str, ...]
    button_says: str


async def ask_said(case: Case) -> SaidAskContext:
    """Word a mail of the playbook that asks."""
    say = await _say(case)
    button = case.words(say.button or _ANSWER)
    return SaidAskContext(**await asked(case), **await _filled(case, say), button_says=button)


async def tell_said(case: Case) -> SaidContext:
    """Word a mail of the playbook that tells."""
    return SaidContext(**await common(case), **await _filled(case, await _say(case)))


async def _say(case: Case) -> Say:
    """Return the words of the step that a message came from."""
    activity = case.own_activity()
    stored = await case.session.get_one(PlaybookVersion, activity.playbook_digest)
    moments = await case.session.scalar(
        select(func.count()).select_from(ContactMoment).where(ContactMoment.activity_id == activity.id)
    )
    playbook = unrolled(Playbook.model_validate(stored.definition), moments or 1)
    for step in playbook.steps:
        if step.key != case.about.get("step"):
            continue
        for ask in step.asks:
            if ask.mail == case.message.mail and ask.to is case.role and ask.say is not None:
                return ask.say
        for tell in step.tells:
            if tell.mail == case.message.mail and case.role in tell.to and tell.say is not None:
                return tell.say
    raise case.lacks("words in the playbook")


async def _filled(case: Case, say: Say) -> dict[str, object]:
    """Return subject and paragraphs with what stands in braces filled in."""
    values = await common(case)
    words = Words(case.language, case.settings.timezone)
    moments = values["moments"]
    own = _OWN_MOMENT.fullmatch(str(case.about.get("step")))
    number = min(int(own[1]), len(moments)) if own else 1
    known = {
        "title": values["title"],
        "host": values["company"] or case.words(_HOST),
        "day": words.weekday(moments[0].starts_at),
        "moment": words.weekday(moments[number - 1].starts_at),
        "people": words.count(await case.active(Role.TEACHER)),
    }
    subject = case.words(say.subject).format_map(known)
    text = case.words(say.text).format_map(known)
    paragraphs = [" ".join(part.split()) for part in _EMPTY_LINE.split(text)]
    return {"subject": subject, "paragraphs": tuple(paragraph for paragraph in paragraphs if paragraph)}


_ANSWER = Text(nl="Geef antwoord", en="Answer")
_HOST = Text(nl="de gastheer", en="the host")
