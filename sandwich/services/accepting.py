"""Say yes to an agreement as it stands, without filling in its form anew: to all of it, or to single terms."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from models.tables.asking import Via
from sandwich.rules.answers import as_fields, read_answers
from sandwich.runtime import Runtime
from sandwich.services.agreements import NOT_TERMS, terms_only
from sandwich.services.asking import AskedForm
from sandwich.services.collect import Outcome, submit

YES = "agreed"
"""The answer that is a yes, in every form that people agree with."""


def can_accept_all(asked: AskedForm) -> bool:
    """Whether the newest version answers everything that this person's form asks; else the form must be filled in."""
    if asked.agreement is None or not asked.agreement.is_open:
        return False
    fields = as_fields(terms_only(asked.form), asked.terms, asked.rows, asked.frame.language)
    return not read_answers(terms_only(asked.form), fields, asked.rows, asked.frame.language).problems


async def accept_all(
    runtime: Runtime,
    asked: AskedForm,
    posted: Mapping[str, Sequence[str]],
    *,
    shown: str,
    now: datetime,
    key: str,
    via: Via = Via.WEB,
    entered_by: str | None = None,
    answered_by: str | None = None,
) -> Outcome:
    """Take a yes to the version with the fingerprint ``shown`` as the answer to the form, and keep it like any other.

    ``posted`` has what the form asks about saying yes, such as the name. By phone the coordinator enters it.
    """
    fields = as_fields(asked.form, {**asked.terms, "agree": YES}, asked.rows, asked.frame.language)
    fields |= {name: list(values) for name, values in posted.items() if name in NOT_TERMS - {"agree"}}
    return await submit(
        runtime,
        asked.invitation_id,
        fields,
        now=now,
        key=key,
        via=via,
        entered_by=entered_by,
        answered_by=answered_by,
        shown=shown,
        looked=True,
    )
