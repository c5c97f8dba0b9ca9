"""The calendar files of an agreement: what the reader took on, and what fell away since it was agreed before."""

from datetime import timedelta

from sandwich.mail import ics
from sandwich.mail.case import Case
from sandwich.mail.compose import own_domain
from sandwich.mail.contexts.agreeing import matter_of, own_duties
from sandwich.mail.entry_details import details_of
from sandwich.rules.duties import Duty
from sandwich.services.agreements import view_of
from sandwich.services.duties import duties_of, takers
from sandwich.services.loaded import Loaded, load


async def cancelled_duties(case: Case) -> tuple[ics.Invite, ...]:
    """Return one calendar file for each duty of the reader that falls away with the whole activity."""
    loaded = await load(case.session, case.settings.timezone, case.own_activity().id)
    found: list[ics.Invite] = []
    for step, talk in loaded.playbook.agreements():
        view = await view_of(case.session, loaded.activity.id, talk.about)
        accepted = view.accepted if view else None
        if view is None or accepted is None:
            continue
        for duty in await duties_of(case.session, loaded.activity.id, step.key, talk, accepted):
            if duty.on is not None and case.person.id in takers(loaded, talk, duty):
                identity = view.agreement.id
                found.append(await _written(case, loaded, ics.Method.CANCEL, identity, duty, accepted.number + 1))
    return tuple(found)


async def duty_entries(case: Case) -> tuple[ics.Invite, ...]:
    """Return one calendar file for each duty of the reader that has a day, and that was not agreed like that before."""
    matter = await matter_of(case)
    number = int(case.about["agreement_version"])
    before = case.about.get("version_before")
    now = {duty.term: duty for duty in await own_duties(case, matter, matter.view.numbered(number)) if duty.on}
    was = {duty.term: duty for duty in await own_duties(case, matter, matter.view.numbered(before)) if duty.on}
    wanted = [(ics.Method.REQUEST, duty) for term, duty in now.items() if was.get(term) != duty]
    wanted += [(ics.Method.CANCEL, duty) for term, duty in was.items() if term not in now]

    return tuple(
        [await _written(case, matter.loaded, method, matter.view.agreement.id, duty, number) for method, duty in wanted]
    )


async def _written(
    case: Case, loaded: Loaded, method: ics.Method, agreement_id: str, duty: Duty, sequence: int
) -> ics.Invite:
    """Write one calendar file; a term keeps its entry for life."""
    assert duty.on is not None  # only those with a day are wanted
    begins, ends = duty.span(loaded.zone) or (duty.on, duty.on + timedelta(days=1))
    title = f"{case.words(duty.what)}: {case.own_activity().title}"
    return ics.entry(
        method,
        ics.Entry(f"{agreement_id}:{duty.term}:{case.person.id}", begins, ends),
        details_of(case, title, None, sequence),
        domain=own_domain(case.settings),
        timezone=case.settings.timezone,
        now=case.now,
    )
