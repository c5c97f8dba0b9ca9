"""Commands for when things go otherwise: the day itself, another host, somebody absent, paper, consent to photos."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from models.changes import Change
from models.text import Text
from sandwich.cli.arguments import Although, DryRun, Id, OwnerAgrees, Who
from sandwich.cli.saying import asking_anyway, confirming, said, say, say_with
from sandwich.cli.state import ACTOR, with_runtime, with_store
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from sandwich.runtime import Runtime
    from sandwich.services.on_the_day import Changed
    from sandwich.services.other_companies import OtherCompany

_CHANGED = Text(nl="{title}: {what}.", en="{title}: {what}.")
_WOULD_CHANGE = Text(
    nl="{title}: {what}. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="{title}: {what}. Nothing has changed yet. This would happen:",
)
_WHAT = {
    Change.OFF: Text(nl="gaat niet door, iedereen krijgt een mail", en="called off, everybody gets a mail"),
    Change.ONLINE: Text(nl="gaat online door, iedereen krijgt een mail", en="goes on online, everybody gets a mail"),
    Change.LATER: Text(nl="begint later, iedereen krijgt een mail", en="begins later, everybody gets a mail"),
}
_NOTHING_ON = Text(nl="Op {day} is er niets.", en="There is nothing on {day}.")
_NOT_A_DAY = Text(nl="{typed} is geen dag. Schrijf 2026-11-05.", en="{typed} is no day. Write 2026-11-05.")
_ASKED = Text(
    nl="{title}: {company} krijgt het verzoek. Leerdoelen en aanmeldingen blijven staan.",
    en="{title}: {company} is asked. Goals and registrations stay.",
)
_WOULD_ASK = Text(
    nl="{title}: {company} zou het verzoek krijgen. Leerdoelen en aanmeldingen blijven staan. Er is nog niets "
    "veranderd. Dit zou er gebeuren:",
    en="{title}: {company} would be asked. Goals and registrations stay. Nothing has changed yet. This would happen:",
)
_ALIKE = Text(nl="Deze bedrijven laten hetzelfde zien:", en="These companies show the same:")
_NOBODY_ALIKE = Text(nl="Geen bedrijf laat hetzelfde zien.", en="No company shows the same.")
_ABSENT = Text(nl="Genoteerd: {name} is afwezig.", en="Noted: {name} is absent.")
_PRINTED = Text(nl="Geschreven: {file}.", en="Written: {file}.")
_NOT_ASKED = Text(
    nl="{name} is {form} niet gevraagd. Gevraagd: {known}.", en="{name} was not asked {form}. Asked: {known}."
)
_REMOVED = Text(
    nl="Verwijderd: {count} foto's. De andere zijn weer te zien.",
    en="Removed: {count} photos. The others can be seen again.",
)


def day(
    change: Annotated[Change, typer.Argument(help="off: look for a new date; online; or later on the day.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody reads it in the mail.")],
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Which; without, all of --on.")] = None,
    on: Annotated[str, typer.Option("--on", help="Everything that meets on this day, such as 2026-11-05.")] = "",
    minutes: Annotated[int, typer.Option("--minutes", help="How much later.")] = 0,
    dry_run: DryRun = False,
) -> None:
    """Call off, put online or begin later: one activity, or everything on a day of snow or strikes."""
    from sandwich.cli.finding import the_activity
    from sandwich.services.effects_words import in_words
    from sandwich.services.foreseen import foresee_days
    from sandwich.services.on_the_day import change_all, happening_on

    if bool(ids) == bool(on):
        raise BadInput("Name activities, or a day with --on.", "Noem activiteiten, of een dag met --on.")

    async def work(runtime: "Runtime") -> "tuple[list[Changed], ZoneInfo]":
        now, zone = await runtime.clock.now(), ZoneInfo(runtime.settings.timezone)
        async with runtime.store.read() as session:
            found = [await the_activity(session, one) for one in ids or ()]
            if on:
                found = await happening_on(session, _day(on), zone)
        if dry_run:
            return await foresee_days(runtime, found, change, reason, minutes=minutes, now=now), zone
        return await change_all(runtime, found, change, reason, minutes=minutes, now=now, actor=ACTOR), zone

    changed, zone = with_runtime(work)
    if not changed:
        say(_NOTHING_ON, day=on)
    for one in changed:
        if one.effects is not None:
            say_with(_WOULD_CHANGE, {"title": one.title, "what": said(_WHAT[change])}, in_words(one.effects, zone))
        else:
            say(_CHANGED, title=one.title, what=said(one.problem or _WHAT[change]))
    if any(one.problem for one in changed):
        raise typer.Exit(1)


def new_host(
    id_: Id,
    company: Annotated[str, typer.Argument(metavar="[COMPANY]", help="Without it: which show the same.")] = "",
    contact: Annotated[str, typer.Argument(metavar="[PERSON]", help="Code, mail address or id.")] = "",
    dates: Annotated[list[str] | None, typer.Argument(metavar="[DATE...]", help="Days to choose from.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with the activity.")] = "",
    in_holiday: Annotated[bool, typer.Option("--in-holiday", help="A date may be a free day.")] = False,
    although: Although = "",
    owner_agrees: OwnerAgrees = False,
    dry_run: DryRun = False,
) -> None:
    """Let another company take the place of one that cannot; goals and registrations stay."""
    from sandwich.cli.finding import the_activity
    from sandwich.cli.reading import read_spans
    from sandwich.services.cool_down import Asking
    from sandwich.services.effects_words import in_words
    from sandwich.services.foreseen import foresee_new_host
    from sandwich.services.loaded import load
    from sandwich.services.new_host import NewHost, change_host
    from sandwich.services.other_companies import others_like

    async def look(runtime: "Runtime") -> "tuple[OtherCompany, ...]":
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            loaded = await load(session, runtime.settings.timezone, (await the_activity(session, id_)).id)
            if loaded.company is None:
                return ()
            return await others_like(session, runtime.settings, loaded.company, now)

    async def work(runtime: "Runtime") -> "tuple[str, tuple[Text, ...]]":
        now, zone = await runtime.clock.now(), ZoneInfo(runtime.settings.timezone)
        async with runtime.store.read() as session:
            loaded = await load(session, zone.key, (await the_activity(session, id_)).id)
        moments = [(moment.starts_at, moment.ends_at) for moment in loaded.moments]
        spans, people = read_spans(dates or (), moments[:1], zone), [contact] if contact else []
        key, asking = loaded.activity.id, Asking(None, although, owner_agrees)
        host = NewHost(company, people, spans, in_holiday, asking)
        with confirming("--in-holiday"), asking_anyway("--although"):
            if dry_run:
                effects = await foresee_new_host(runtime, key, host, now=now)
                return loaded.activity.title, in_words(effects, zone)
            await change_host(runtime, key, host, reason, now=now, actor=ACTOR)
        return loaded.activity.title, ()

    if company:
        if not dates:
            raise BadInput("Give at least one date.", "Geef minstens één datum.")
        title, lines = with_runtime(work)
        say_with(_WOULD_ASK if dry_run else _ASKED, {"title": title, "company": company}, lines)
        return
    found = with_store(look)
    say(_ALIKE if found else _NOBODY_ALIKE)
    for other in found:
        say(f"- {other.line}")


def absent(
    id_: Id,
    who: Who,
    meeting: Annotated[int | None, typer.Option("--meeting", help="Which meeting; without, that of today.")] = None,
) -> None:
    """Note that somebody is not there today; why is never asked."""
    from sandwich.cli.finding import the_activity, the_place
    from sandwich.rules.names import full_name
    from sandwich.services.absent import report_absent
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> str:
        async with runtime.store.read() as session:
            person = await find_person(session, who)
            seat = await the_place(session, await the_activity(session, id_), person, None)
        await report_absent(runtime, seat, now=await runtime.clock.now(), actor=ACTOR, meeting=meeting)
        return full_name(person)

    say(_ABSENT, name=with_runtime(work))


def print_form(
    id_: Id,
    who: Who,
    form: Annotated[str, typer.Argument(metavar="FORM", help="Which form, such as task-division.")],
    to: Annotated[Path, typer.Option("--to", help="The folder to write to.")] = Path("."),
) -> None:
    """Write a form that somebody was asked as one page to print, for whoever has no time for mail."""
    from sqlalchemy import select

    from models.tables.activities import Participation
    from models.tables.asking import Invitation
    from sandwich.cli.finding import the_activity
    from sandwich.rules.names import full_name
    from sandwich.services.form_papers import paper_of_form
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> Path:
        async with runtime.store.read() as session:
            person, activity = await find_person(session, who), await the_activity(session, id_)
            asked = list(
                await session.scalars(
                    select(Invitation)
                    .join(Participation, Participation.id == Invitation.participation_id)
                    .where(Invitation.activity_id == activity.id, Participation.person_id == person.id)
                    .order_by(Invitation.asked_at.desc(), Invitation.id)
                )
            )
        found = next((one for one in asked if one.form == form), None)
        if found is None:
            known = ", ".join(dict.fromkeys(one.form for one in asked)) or "–"
            sentence = _NOT_ASKED.filled(name=full_name(person), form=form, known=known)
            raise BadInput(sentence.en, sentence.nl)
        paper = await paper_of_form(runtime, found.id, now=await runtime.clock.now())
        path = to / paper.name
        path.write_bytes(paper.content)
        return path

    say(_PRINTED, file=with_store(work))


def photos(
    id_: Id,
    who: Annotated[str, typer.Option("--of", metavar="PERSON", help="Who took consent back.")] = "",
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="PHOTO", help="A photo with that person on it.")
    ] = None,
) -> None:
    """List the photos of an activity; with --of remove those that somebody is on, and show the others again."""
    from sandwich.cli.finding import the_activity
    from sandwich.services.photo_consent import photos_of, remove_photos_of
    from sandwich.services.register import find_person

    async def look(runtime: "Runtime") -> list[tuple[str, str]]:
        async with runtime.store.read() as session:
            return [(one.id, one.name) for one in await photos_of(session, (await the_activity(session, id_)).id)]

    async def work(runtime: "Runtime") -> int:
        async with runtime.store.read() as session:
            activity, person = await the_activity(session, id_), await find_person(session, who)
        now = await runtime.clock.now()
        await remove_photos_of(runtime, activity.id, person.id, remove or [], now=now, actor=ACTOR)
        return len(remove or ())

    if who:
        say(_REMOVED, count=with_runtime(work))
        return
    for key, name in with_store(look):
        print(f"{key}  {name}")


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        sentence = _NOT_A_DAY.filled(typed=typed)
        raise BadInput(sentence.en, sentence.nl) from None


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (day, new_host, absent, print_form, photos):
        program.command()(command)
