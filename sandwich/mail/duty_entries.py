"""The calendar files of an agreement: what the reader took on, and what fell away since it was agreed before."""

from datetime import timedelta

from sandwich.mail import ics
from sandwich.mail.case import Case
from sandwich.mail.compose import own_domain
from sandwich.mail.contexts.agreeing import matter_of, own_duties
from sandwich.mail.entry_details import details_of
from sandwich.rules.duties import Duty


async def duty_entries(case: Case) -> tuple[ics.Invite, ...]:
    """Return one calendar file for each duty of the reader that has a day; a term keeps its entry for life."""
    matter = await matter_of(case)
    number = int(case.about["agreement_version"])
    before = case.about.get("version_before")
    now = {duty.term: duty for duty in await own_duties(case, matter, matter.view.numbered(number)) if duty.on}
    was = {duty.term: duty for duty in await own_duties(case, matter, matter.view.numbered(before)) if duty.on}
    wanted = [(ics.Method.REQUEST, duty) for term, duty in now.items() if was.get(term) != duty]
    wanted += [(ics.Method.CANCEL, duty) for term, duty in was.items() if term not in now]

    async def written(method: ics.Method, duty: Duty) -> ics.Invite:
        assert duty.on is not None  # only those with a day are wanted
        begins, ends = duty.span(matter.loaded.zone) or (duty.on, duty.on + timedelta(days=1))
        identity = f"{matter.view.agreement.id}:{duty.term}:{case.person.id}"
        title = f"{case.words(duty.what)}: {case.own_activity().title}"
        return ics.entry(
            method,
            ics.Entry(identity, begins, ends),
            await details_of(case, title, None, number),
            domain=own_domain(case.settings),
            timezone=case.settings.timezone,
            now=case.now,
        )

    return tuple([await written(method, duty) for method, duty in wanted])
