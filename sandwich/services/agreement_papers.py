"""The version of an agreement that everybody said yes to, as a paper: who agreed what, and when each said yes."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.negotiates import Negotiates
from models.roles import Role
from models.steps import Step
from models.tables.agreements import PartyWord
from models.tables.asking import Invitation, Via
from models.tables.network import Person
from models.text import Language, Text
from sandwich import labels
from sandwich.errors import NotFound
from sandwich.paper import Paper, print_paper
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.agreements import AgreementView, agreement_of_step, form_of_agreement, party_of, view_of
from sandwich.services.loaded import Loaded, load
from sandwich.services.terms import compare

TEMPLATE = "agreement.typ"


async def paper_of(runtime: Runtime, activity_id: str, subject: str, language: Language) -> Paper:
    """Return an accepted agreement as a PDF; raises ``NotFound`` as long as nothing was accepted."""
    async with runtime.store.read() as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        found = next(((step, talk) for step, talk in loaded.playbook.agreements() if talk.about == subject), None)
        if found is None:
            raise NotFound(what="agreement", name=subject)
        said = await _said(session, loaded, *found, language)
    return await print_paper(TEMPLATE, _NAME.filled(number=said["number"]).to(language), said)


async def paper_of_invitation(runtime: Runtime, invitation_id: str, language: Language) -> Paper:
    """Return the same for the agreement that somebody was asked about."""
    async with runtime.store.read() as session:
        invitation = await session.get(Invitation, invitation_id)
        if invitation is None:
            raise NotFound(what="invitation", name=invitation_id)
        loaded = await load(session, runtime.settings.timezone, invitation.activity_id)
        found = agreement_of_step(loaded.playbook, invitation.step)
    if found is None:
        raise NotFound(what="agreement", name=invitation_id)
    return await paper_of(runtime, loaded.activity.id, found[1].about, language)


async def _said(
    session: AsyncSession, loaded: Loaded, step: Step, talk: Negotiates, language: Language
) -> dict[str, object]:
    view = await view_of(session, loaded.activity.id, talk.about)
    form = await form_of_agreement(session, loaded.activity.id, step.key, talk) if view else None
    accepted = view.accepted if view else None
    if view is None or form is None or accepted is None or view.agreement.accepted_at is None:
        raise NotFound(what="accepted agreement", name=talk.about)
    at = _at(view.agreement.accepted_at, loaded.zone, language)
    return {
        "lang": language.value,
        "number": accepted.number,
        "activity": " · ".join(part for part in (loaded.activity.title, loaded.host) if part),
        "heading": step.title.to(language),
        "lead": _LEAD.filled(number=accepted.number, at=at).to(language),
        "groups": _groups(form, accepted.terms or {}, language),
        "said": _SAID.to(language),
        "yes": [
            {"label": labels.ROLE[role].to(language).capitalize(), "value": words}
            for role, words in await _yes(session, loaded, talk, view, language)
        ],
        "foot": _FOOT.filled(digest=accepted.digest).to(language),
    }


def _groups(form: Form, terms: dict[str, object], language: Language) -> list[dict[str, object]]:
    """Return what was agreed, in groups: the rows of each table, and the single answers under their question."""
    rows = compare(form, None, terms)
    groups: list[dict[str, object]] = []
    for question in form.questions:
        own = [row for row in rows if row.question == question.key]
        if own:
            lines = [
                {
                    "label": "" if row.label == question.label else row.label.to(language, formal=True),
                    "value": row.after.to(language),
                }
                for row in own
            ]
            groups.append({"label": question.label.to(language, formal=True), "rows": lines})
    return groups


async def _yes(
    session: AsyncSession, loaded: Loaded, talk: Negotiates, view: AgreementView, language: Language
) -> Sequence[tuple[Role, str]]:
    """Return who said yes for each party, when, and whether by phone: the last word up to the accepted version."""
    accepted = view.agreement.accepted_version or 0
    said = list(
        await session.scalars(
            select(PartyWord)
            .where(
                PartyWord.agreement_id == view.agreement.id,
                PartyWord.number <= accepted,
                PartyWord.is_implied.is_(False),
                PartyWord.is_yes,
            )
            .order_by(PartyWord.said_at)
        )
    )
    found = []
    for role in talk.parties:
        words = [
            (one.proposed_at, one.number, one.author_id, Via.WEB)
            for one in view.versions
            if one.number <= accepted and party_of(one, talk) is role
        ]
        words += [(one.said_at, one.number, one.person_id, one.via) for one in said if one.party is role]
        if not words:
            continue
        at, number, person_id, via = max(words, key=lambda word: (word[1], word[0]))
        person = await session.get(Person, person_id) if person_id else None
        sentence = _BY_PHONE if via is Via.PHONE else _BY
        who = (full_name(person) if person else "") or "–"
        found.append((role, sentence.filled(who=who, at=_at(at, loaded.zone, language), number=number).to(language)))
    return found


def _at(moment: datetime, zone: ZoneInfo, language: Language) -> str:
    return str(format_datetime(moment.astimezone(zone), "d MMMM y, HH:mm", locale=language.locale))


_NAME = Text(nl="afspraken-versie-{number}.pdf", en="agreement-version-{number}.pdf")
_LEAD = Text(
    nl="Versie {number}. Iedereen zei ja tegen deze versie; akkoord op {at}.",
    en="Version {number}. Everybody said yes to this version; agreed on {at}.",
)
_SAID = Text(nl="Wie ja zei", en="Who said yes")
_BY = Text(nl="{who}, {at} (versie {number})", en="{who}, {at} (version {number})")
_BY_PHONE = Text(nl="{who}, aan de telefoon, {at} (versie {number})", en="{who}, by phone, {at} (version {number})")
_FOOT = Text(
    nl="Vingerafdruk van deze versie: {digest}. Een versie met een andere vingerafdruk is een andere versie.",
    en="Fingerprint of this version: {digest}. A version with another fingerprint is another version.",
)
