"""Somebody looks at a version of an agreement that is not the newest any more: it is said what has changed since."""

from sqlalchemy.ext.asyncio import AsyncSession

from models.negotiates import Negotiates
from models.steps import Step
from models.text import Text
from sandwich.errors import BadInput
from sandwich.services.agreements import AgreementView, form_of_agreement
from sandwich.services.terms import compare


async def refuse_outdated(
    session: AsyncSession, view: AgreementView, step: Step, talk: Negotiates, shown: str | None
) -> None:
    """Raise ``BadInput``, with what has changed since, where ``shown`` is not the newest version any more."""
    sentence = await said_of_outdated(session, view, step, talk, shown)
    if sentence is not None:
        raise BadInput(sentence.en, sentence.nl)


async def said_of_outdated(
    session: AsyncSession, view: AgreementView, step: Step, talk: Negotiates, shown: str | None
) -> Text | None:
    """Return the sentence for somebody who looks at an older version: what the newest has differently."""
    if shown is None or shown == view.version.digest:
        return None
    seen = view.shown(shown)
    form = await form_of_agreement(session, view.agreement.activity_id, step.key, talk)
    differing = (
        [row.label for row in compare(form, seen.terms or {}, view.terms) if row.differs] if form and seen else []
    )
    if not differing:
        return _OUTDATED.filled(number=view.version.number)
    what = Text(nl=", ".join(one.nl for one in differing), en=", ".join(one.en for one in differing))
    return _OUTDATED_IN.filled(number=view.version.number, what=what)


_OUTDATED = Text(
    nl="De afspraken zijn veranderd terwijl dit openstond: het is nu versie {number}. Kijk wat er anders is, en zeg "
    "dan of het akkoord is.",
    en="The agreement was changed while this was open: it is version {number} now. See what differs, and then say "
    "whether you agree.",
)
_OUTDATED_IN = Text(
    nl="De afspraken zijn veranderd terwijl dit openstond: het is nu versie {number}. Anders is: {what}. Kijk het na, "
    "en zeg dan of het akkoord is.",
    en="The agreement was changed while this was open: it is version {number} now. This differs: {what}. Look at it, "
    "and then say whether you agree.",
)
