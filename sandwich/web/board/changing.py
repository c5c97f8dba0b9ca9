"""What a coordinator does when things go otherwise: on the day itself, another host, somebody who is not there."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from models.changes import Change
from models.text import Text
from sandwich.services.absent import COMES, report_absent
from sandwich.services.call_lines import CANNOT
from sandwich.services.cool_down import cooling
from sandwich.services.detail_views import ActivityDetail, PersonLine
from sandwich.services.effects_words import in_words
from sandwich.services.foreseen import foresee_day, foresee_new_host
from sandwich.services.new_host import NewHost, change_host
from sandwich.services.on_the_day import change_one
from sandwich.services.overview import ENDED
from sandwich.web.board.members import AWAKE, asking_of, read_candidates, resting
from sandwich.web.board.small import Action, Doing, Small, Unclear, read_spans, show_first, text_of
from sandwich.web.session import Visitor

PROPOSALS = 3
"""How many days can be proposed to another host."""

_SEE = Text(nl="Bekijk wat er verandert", en="See what changes")
_FIRST = Text(
    nl="Eerst zie je wie een mail krijgt en wat er verandert. Daarna pas gebeurt het.",
    en="First you see who gets a mail and what changes. Only then does it happen.",
)
_WHAT = Text(nl="Kies wat er gebeurt.", en="Choose what happens.")
_MINUTES = Text(nl="Vul in hoeveel minuten, zoals 60.", en="Fill in how many minutes, such as 60.")
_WHOM = Text(nl="Kies een contactpersoon uit de lijst.", en="Choose a contact person from the list.")
_DATE = Text(nl="Stel ten minste één dag voor.", en="Propose at least one day.")


async def _day_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or detail.line.status in ENDED or not detail.line.is_date_fixed:
        return None
    return Small(
        title=Text(nl="Weer, staking, code rood", en="Weather, a strike, code red"),
        button=_SEE,
        happens=(
            _FIRST,
            Text(
                nl="Iedereen krijgt meteen een mail met de reden; de afspraak in de agenda verandert mee.",
                en="Everybody gets a mail with the reason at once; the appointment in the calendar changes along.",
            ),
            Text(
                nl="Is de dag dichtbij, dan krijg jij de lijst met nummers om te bellen.",
                en="If the day is near, you get the list of numbers to phone.",
            ),
        ),
        asks_reason=True,
        context={"problem_at": "what"},
    )


async def _day(doing: Doing) -> None:
    what, minutes = doing.posted.one("what"), text_of(doing.posted, "minutes", 4)
    if what not in set(Change):
        raise Unclear({"what": _WHAT.to(doing.language)})
    if what == Change.LATER and not minutes.isdecimal():
        raise Unclear({"minutes": _MINUTES.to(doing.language)})
    runtime, reason, change = doing.visitor.runtime, doing.reason(), Change(what)
    later = int(minutes) if minutes.isdecimal() else 0
    effects = await foresee_day(runtime, doing.activity_id, change, now=doing.now, minutes=later)
    button = Text(nl="Verander en laat het iedereen weten", en="Change it and tell everybody")
    show_first(doing, in_words(effects, ZoneInfo(runtime.settings.timezone)), (change, later), button)
    await change_one(runtime, doing.activity_id, change, reason, minutes=later, now=doing.now, actor=doing.actor)


async def _host_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or detail.line.status in ENDED or detail.line.company is None:
        return None
    found = await read_candidates(visitor)
    alike = [other for call in detail.calls if call.what in CANNOT for other in call.others]
    return Small(
        title=Text(nl="Een ander bedrijf", en="Another company"),
        button=_SEE,
        happens=(
            _FIRST,
            Text(
                nl="Leerdoelen en aanmeldingen blijven staan; taakverdeling en praktische zaken beginnen opnieuw.",
                en="Goals and registrations stay; task division and practical things begin anew.",
            ),
            Text(
                nl="De docenten horen het zodra het nieuwe bedrijf een dag koos; de schoolleiders krijgen opnieuw de "
                "vraag om akkoord.",
                en="The teachers hear of it once the new company has chosen a day; the school leaders are asked for "
                "their approval again.",
            ),
        ),
        asks_reason=True,
        context={
            "groups": [group for group in found.companies if group.people and group.name != detail.line.company],
            "inside": set(),
            "numbers": list(range(1, PROPOSALS + 1)),
            "alike": alike,
            **AWAKE,
            "problem_at": "person",
        },
    )


async def _host(doing: Doing) -> None:
    runtime, chosen = doing.visitor.runtime, doing.posted.one("person")
    found = await read_candidates(doing.visitor)
    company = next((group.id for group in found.companies if chosen in {one.id for one in group.people}), None)
    numbers, zone = range(1, PROPOSALS + 1), ZoneInfo(runtime.settings.timezone)
    spans, problems = read_spans(doing.posted, numbers, doing.language, zone)
    if company is None:
        problems["person"] = _WHOM.to(doing.language)
    if not spans and not problems:
        problems["date-1"] = _DATE.to(doing.language)
    if problems or company is None:
        raise Unclear(problems)
    reason = doing.reason()
    host = NewHost(company, [chosen], spans)
    effects = await foresee_new_host(runtime, doing.activity_id, host, now=doing.now)
    async with runtime.store.read() as session:
        rests = await cooling(session, runtime.settings, [company], doing.now, but=doing.activity_id)
    seen = show_first(
        doing,
        in_words(effects, zone),
        (chosen, spans),
        Text(nl="Vraag dit bedrijf", en="Ask this company"),
        cooling=rests,
        owners=asking_of(doing).needs_owner(rests),
    )
    with resting(doing, seen=seen):
        host = replace(host, asking=asking_of(doing))
        await change_host(runtime, doing.activity_id, host, reason, now=doing.now, actor=doing.actor)


async def _absent_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    person = _expected(detail, target)
    if person is None:
        return None
    return Small(
        title=Text(nl=f"{person.name} is er vandaag niet", en=f"{person.name} is not there today"),
        button=Text(nl="Noteer als afwezig", en="Note as absent"),
        happens=(
            Text(
                nl="We bewaren alleen ‘afwezig’, nooit waarom. Over deze dag wordt niets gevraagd.",
                en="We keep ‘absent’ only, never why. Nothing is asked about this day.",
            ),
        ),
        context={"problem_at": "page"},
    )


async def _absent(doing: Doing) -> None:
    await report_absent(doing.visitor.runtime, doing.target, now=doing.now, actor=doing.actor)


def _expected(detail: ActivityDetail, participation_id: str) -> PersonLine | None:
    if detail.line.status in ENDED:
        return None
    people = [one for one in detail.people if one.role in COMES and one.is_active]
    return next((one for one in people if one.participation_id == participation_id), None)


CHANGING = {
    "day": Action(_day_page, _day, "day.html"),
    "new-host": Action(_host_page, _host, "new-host.html"),
    "absent": Action(_absent_page, _absent, back_to="#people"),
}
"""What can be done when things go otherwise, by the first part of its address behind the activity's."""
