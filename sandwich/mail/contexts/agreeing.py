"""What the mails about an agreement say: somebody wants it otherwise, it is agreed, it is refused, it is due."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from models.form import Form
from models.negotiates import Negotiates
from models.steps import Step
from models.tables.agreements import AgreementVersion, PartyWord
from models.tables.asking import Invitation
from models.tables.mail import Call
from models.tables.network import Person
from models.text import Text
from sandwich.mail.case import Case, asked, common
from sandwich.mail.contexts.parts import ActivityContext, AskContext, Change, Part, Row
from sandwich.rules.duties import Duty
from sandwich.rules.names import full_name
from sandwich.services.agreements import AgreementView, agreement_of_step, form_of_agreement, view_of
from sandwich.services.contacts import phone_of
from sandwich.services.duties import duties_of, standing_duty, takers
from sandwich.services.loaded import Loaded, load
from sandwich.services.terms import NONE, TermRow, compare

BOARD = "/board"
FIRST = "task-division"
"""The agreement that a message is about which was queued when an activity had only one."""


class Given(Part):
    """A change or something filled in, and the name of who wrote it: what differs from one version to the next."""

    who: str
    note: str | None
    changes: tuple[Change, ...]
    added: tuple[Row, ...]
    struck: tuple[Row, ...]


class CounterProposalContext(ActivityContext):
    """M06: what another party wants otherwise, for the coordinator who drafted."""

    link: str
    phone: str | None
    given: Given


class NewVersionContext(AskContext):
    """M06 between the parties themselves: there is another version, and the reader is asked whether it is right."""

    what: str
    version: int = Field(ge=1)
    given: Given


class DutyRow(Part):
    """Something that the reader took on; without hours it is for the whole day, or to be ready on it."""

    what: str
    on: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """Begin and end, as the filter ``span`` takes them."""
        return (self.starts_at, self.ends_at) if self.starts_at and self.ends_at else None


class AgreedContext(ActivityContext):
    """M06: everybody said yes to this version. ``own`` is what the reader took on in it, with a day."""

    link: str
    what: str
    version: int
    rows: tuple[Row, ...]
    own: tuple[DutyRow, ...]


class RefusedContext(ActivityContext):
    """M06: somebody said no, and what happens now."""

    link: str
    what: str
    who: str
    note: str | None


class DutyContext(ActivityContext):
    """What the reader took on is due on the next working day."""

    link: str
    duty: DutyRow


class _Matter:
    """The agreement that a message is about."""

    def __init__(self, loaded: Loaded, step: Step, talk: Negotiates, view: AgreementView, form: Form) -> None:
        self.loaded, self.step, self.talk, self.view, self.form = loaded, step, talk, view, form


async def matter_of(case: Case, step: str | None = None) -> _Matter:
    """Read the agreement that a message is about; raises ``MessageIncomplete``."""
    activity = case.own_activity()
    loaded = await load(case.session, case.settings.timezone, activity.id)
    subject = str(case.about.get("agreement") or FIRST)
    found = (
        agreement_of_step(loaded.playbook, step)
        if step
        else next(((one, talk) for one, talk in loaded.playbook.agreements() if talk.about == subject), None)
    )
    view = await view_of(case.session, activity.id, found[1].about) if found else None
    form = await form_of_agreement(case.session, activity.id, found[0].key, found[1]) if found else None
    if found is None or view is None or form is None:
        raise case.lacks("agreement")
    return _Matter(loaded, *found, view, form)


def _version(case: Case, matter: _Matter) -> AgreementVersion:
    version = matter.view.numbered(int(case.about.get("agreement_version") or 0))
    if version is None:
        raise case.lacks("version of the agreement")
    return version


async def _given(case: Case, matter: _Matter, version: AgreementVersion) -> Given:
    before = matter.view.numbered(version.number - 1)
    rows = compare(matter.form, before.terms or {} if before else None, version.terms or {})
    differing = [row for row in rows if row.differs]
    author = await case.session.get(Person, version.author_id) if version.author_id else None
    return Given(
        who=(full_name(author) if author else "") or case.words(_SOMEBODY),
        note=version.note,
        changes=tuple(
            Change(label=_label(case, row), before=case.words(row.before), after=case.words(row.after))
            for row in differing
            if NONE not in (row.before, row.after)
        ),
        added=_rows(case, [row for row in differing if row.before == NONE]),
        struck=tuple(
            Row(label=_label(case, row), value=case.words(row.before)) for row in differing if row.after == NONE
        ),
    )


async def counter_proposal(case: Case) -> CounterProposalContext:
    """Word M06 for the coordinator: what this version has differently from the one before."""
    matter = await matter_of(case)
    version = _version(case, matter)
    call = await case.session.get(Call, str(case.about.get("call_id")))
    asked_by = await case.session.get(Invitation, call.invitation_id) if call and call.invitation_id else None
    if asked_by is None:
        raise case.lacks("counter-proposal")
    return CounterProposalContext(
        **common(case),
        link=_board(case),
        phone=await phone_of(case.session, version.author_id),
        given=await _given(case, matter, version),
    )


async def new_version(case: Case) -> NewVersionContext:
    """Word M06 for a party: the newest version beside the one before."""
    invitations = case.invitations()
    if not invitations:
        raise case.lacks("invitation")
    matter = await matter_of(case, invitations[0].step)
    return NewVersionContext(
        **asked(case),
        what=_inside(case.words(case.form(invitations[0]).title)),
        version=matter.view.version.number,
        given=await _given(case, matter, matter.view.version),
    )


async def agreed(case: Case) -> AgreedContext:
    """Word the mail that everybody said yes: the version that was accepted, term by term."""
    matter = await matter_of(case)
    version = _version(case, matter)
    return AgreedContext(
        **common(case),
        link=_link(case),
        what=_what(case, matter),
        version=version.number,
        rows=_rows(case, compare(matter.form, None, version.terms or {})),
        own=tuple(
            duty_row(case, one, matter.loaded) for one in await own_duties(case, matter, version) if one.on is not None
        ),
    )


async def own_duties(case: Case, matter: _Matter, version: AgreementVersion | None) -> tuple[Duty, ...]:
    """Return what the reader took on in a version."""
    duties = await duties_of(case.session, case.own_activity().id, matter.step.key, matter.talk, version)
    return tuple(duty for duty in duties if case.person.id in takers(matter.loaded, matter.talk, duty))


async def refused(case: Case) -> RefusedContext:
    """Word the mail that somebody said no."""
    matter = await matter_of(case)
    word = await case.session.get(PartyWord, str(case.about.get("word_id")))
    if word is None:
        raise case.lacks("word")
    author = await case.session.get(Person, word.person_id) if word.person_id else None
    return RefusedContext(
        **common(case),
        link=_link(case),
        what=_what(case, matter),
        who=(full_name(author) if author else "") or case.words(_SOMEBODY),
        note=word.note,
    )


async def duty(case: Case) -> DutyContext:
    """Word the reminder of what somebody took on."""
    loaded = await load(case.session, case.settings.timezone, case.own_activity().id)
    found = await duty_of(case, loaded)
    if found is None:
        raise case.lacks("what was taken on")
    return DutyContext(**common(case), link=_link(case), duty=duty_row(case, found, loaded))


async def duty_of(case: Case, loaded: Loaded) -> Duty | None:
    """Return what the reader took on and is reminded of; ``None`` where it was agreed otherwise since."""
    about: dict[str, Any] = case.about
    subject, term, print_ = (str(about.get(key)) for key in ("agreement", "term", "print"))
    return await standing_duty(case.session, loaded, subject, term, print_, case.person.id)


def duty_row(case: Case, one: Duty, loaded: Loaded) -> DutyRow:
    """Return a duty in words."""
    assert one.on is not None  # without a day nobody is told of it
    starts_at, ends_at = one.span(loaded.zone) or (None, None)
    return DutyRow(what=case.words(one.what), on=one.on, starts_at=starts_at, ends_at=ends_at)


def _rows(case: Case, rows: tuple[TermRow, ...] | list[TermRow]) -> tuple[Row, ...]:
    return tuple(Row(label=_label(case, row), value=case.words(row.after)) for row in rows)


def _label(case: Case, row: TermRow) -> str:
    return case.words(row.label).rstrip("?")


def _what(case: Case, matter: _Matter) -> str:
    return _inside(case.words(matter.step.title))


def _inside(words: str) -> str:
    """Return words as they stand inside a sentence."""
    return words[:1].lower() + words[1:] if not words[1:2].isupper() else words


def _link(case: Case) -> str:
    """Return the personal page of who takes part, else the activity on the board."""
    return case.link() if case.participation is not None else _board(case)


def _board(case: Case) -> str:
    return case.address(f"{BOARD}/{case.own_activity().id}")


_SOMEBODY = Text(nl="iemand", en="somebody")
