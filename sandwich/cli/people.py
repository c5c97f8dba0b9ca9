"""Commands about people: who takes part in an activity, and who wants to be forgotten."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from models.roles import Role
from models.text import Text
from sandwich.cli.arguments import Although, DryRun, Id, OwnerAgrees, Who
from sandwich.cli.saying import asking_anyway, confirming, said, say, say_with, warn
from sandwich.cli.state import ACTOR, with_runtime
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from models.rights import Office
    from sandwich.runtime import Runtime
    from sandwich.services.erase import Erasure

_SURE = Text(
    nl="Alles wat zegt wie {name} is verdwijnt, voorgoed. Doorgaan?",
    en="Everything that says who {name} is will be gone for good. Go on?",
)
_ERASED = Text(
    nl="Gewist: {values} waarden, en {texts} teksten van anderen waarin de naam stond. Wat gedaan is blijft, zonder "
    "naam.",
    en="Erased: {values} values, and {texts} texts of others that had the name. What was done stays, without a name.",
)
_IN_BACKUPS = Text(
    nl="Nog in {count} reservekopieën; `sandwich backups` zegt welke en tot wanneer. Wie er een terugzet wist opnieuw.",
    en="Still in {count} backups; `sandwich backups` says which and until when. Whoever puts one back erases again.",
)
_NOT_SCRUBBED = Text(
    nl="Het databasebestand is nog niet herschreven, want een ander programma houdt het bezet. Geef de opdracht nog "
    "eens.",
    en="The database file was not rewritten yet, because another program holds it. Give the command once more.",
)

_OBJECTED = Text(
    nl="Bezwaar van {name} is genoteerd: de resultaten tellen nergens meer mee. Meedoen gaat gewoon door.",
    en="The objection of {name} is noted: the results count nowhere any more. Taking part goes on as it was.",
)
_EXPORTED = Text(
    nl="Geschreven: {path}. Alleen jij kunt het lezen; geef het aan niemand anders dan wie het vroeg.",
    en="Written: {path}. Only you can read it; give it to nobody but whoever asked.",
)
_HOLDS = Text(nl="Rollen: {roles}", en="Roles: {roles}")
_KEPT = Text(nl="{name} blijft bekend.", en="{name} stays known.")
_LOST = Text(
    nl="Genoteerd voor {name}. Activiteiten waarin nu gebeld moet worden: {count}.",
    en="Noted for {name}. Activities in which somebody must phone now: {count}.",
)
_ADDED = Text(nl="Erbij in {title}: {names}. {asked}", en="Added to {title}: {names}. {asked}")
_ASKED = Text(
    nl="Wie erbij komt krijgt in één mail wat de anderen al gevraagd is.",
    en="Whoever is added gets in one mail what the others were asked before.",
)
_WOULD_ADD = Text(
    nl="In {title} zou erbij komen: {names}. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="{names} would be added to {title}. Nothing has changed yet. This would happen:",
)
_REPLACED = Text(
    nl="Vervangen in {title}: {old} door {new}, die alle vragen in één mail krijgt.",
    en="Replaced in {title}: {old} by {new}, who gets all questions in one mail.",
)
_WITHDRAWN = Text(
    nl="Afgemeld in {title}: {name}. Er wordt niets meer gevraagd.",
    en="Withdrawn from {title}: {name}. Nothing is asked of them any more.",
)

_WOULD_REPLACE = Text(
    nl="In {title} zou {new} in de plaats komen van {old}. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="In {title} {new} would take the place of {old}. Nothing has changed yet. This would happen:",
)
_WOULD_WITHDRAW = Text(
    nl="In {title} zou {name} afgemeld worden. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="{name} would be withdrawn from {title}. Nothing has changed yet. This would happen:",
)

As = Annotated[
    Role | None, typer.Option("--role", help="In which role, where somebody has several.", show_default=False)
]

person = typer.Typer(help="People.", no_args_is_help=True)


@person.callback()
def about_people() -> None:
    """People."""


@person.command()
def erase(
    who: Who,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """Erase a person: name, addresses and words go, counts and dates stay."""
    from models.tables.network import Person
    from sandwich.rules.names import full_name
    from sandwich.services.erase import erase_person
    from sandwich.services.register import find_person

    async def look(runtime: "Runtime") -> tuple[str, str]:
        async with runtime.store.read() as session:
            erased = await session.get(Person, who)  # whose file could not be rewritten at once
            found = erased if erased is not None else await find_person(session, who)
            return found.id, full_name(found)

    async def work(runtime: "Runtime") -> "Erasure":
        return await erase_person(runtime, person_id, now=await runtime.clock.now(), actor=ACTOR)

    person_id, name = with_runtime(look)
    if not yes:
        typer.confirm(said(_SURE, name=name), abort=True)
    done = with_runtime(work)
    say(_ERASED, values=done.values, texts=done.texts)
    if done.backups:
        say(_IN_BACKUPS, count=done.backups)
    if not done.is_scrubbed:
        say(_NOT_SCRUBBED)
        raise typer.Exit(1)


@person.command()
def role(
    who: Who,
    give: Annotated[str | None, typer.Option("--give", help="Give this role.")] = None,
    take: Annotated[str | None, typer.Option("--take", help="Take this role away, and sign out who had it.")] = None,
) -> None:
    """Show the roles that somebody holds for a region or a school, give one or take one away."""
    from sandwich.clock import real_now
    from sandwich.services.offices import give_role, held_by, take_role
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> list[str]:
        async with runtime.store.read() as session:
            found = await find_person(session, who)
        now = await runtime.clock.now()
        if take is not None:
            await take_role(runtime, found.id, _role_named(take), now=now, real=real_now(), actor=ACTOR)
        if give is not None:
            await give_role(runtime, found.id, _role_named(give), now=now, actor=ACTOR)
        async with runtime.store.read() as session:
            return sorted(await held_by(session, found.id))

    held = with_runtime(work)
    say(_HOLDS, roles=", ".join(held) or "–")


def _role_named(name: str) -> "Role | Office":
    from sandwich.services.offices import HOLDABLE

    for one in HOLDABLE:
        if one.value == name:
            return one
    names = ", ".join(sorted(one.value for one in HOLDABLE))
    raise BadInput(
        f"Nobody can hold a role {name}. Take one of: {names}.",
        f"De rol {name} kan niemand hebben. Kies uit: {names}.",
    )


@person.command("object")
def object_to(who: Who) -> None:
    """Take somebody's objection to the use of their results in reports; they go on taking part."""
    from sandwich.rules.names import full_name
    from sandwich.services.own_data import object_to_reports
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> str:
        async with runtime.store.read() as session:
            found = await find_person(session, who)
        await object_to_reports(runtime, found.id, now=await runtime.clock.now(), actor=ACTOR)
        return full_name(found)

    say(_OBJECTED, name=with_runtime(work))


@person.command()
def export(
    who: Who,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="A new file: .zip to read and use, .json for a program."),
    ] = None,
) -> None:
    """Write everything that is kept of a person, for whoever asked to see it; without --to as JSON."""
    from sandwich.privacy.export import as_json, as_zip, export_person
    from sandwich.services.register import find_person
    from sandwich.store.archive import write_once

    if to is not None and to.suffix.lower() not in {".zip", ".json"}:
        raise BadInput("The file must end in .zip or .json.", "Het bestand moet op .zip of .json eindigen.")

    async def work(runtime: "Runtime") -> bytes:
        async with runtime.store.read() as session:
            found = await find_person(session, who)
            exported = await export_person(session, found.id, found.language, await runtime.clock.now())
        is_zip = to is not None and to.suffix.lower() == ".zip"
        return as_zip(exported, runtime.settings, found.language) if is_zip else as_json(exported).encode()

    content = with_runtime(work)
    if to is None:
        print(content.decode())
    else:
        write_once(to, content)
        say(_EXPORTED, path=to)


@person.command()
def keep(who: Who) -> None:
    """Say that somebody stays known, although they took part in nothing for long; they are shown again in a year."""
    from sandwich.privacy.retention import keep_person
    from sandwich.rules.names import full_name
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> str:
        async with runtime.store.read() as session:
            found = await find_person(session, who)
        await keep_person(runtime, found.id, now=await runtime.clock.now(), actor=ACTOR)
        return full_name(found)

    say(_KEPT, name=with_runtime(work))


@person.command()
def lost(
    who: Who,
    left: Annotated[bool, typer.Option("--left", help="Does not work there any more.")] = False,
) -> None:
    """Mark that mail to somebody comes back, or that they do not work there any more; the coordinators get a call."""
    from sandwich.rules.names import full_name
    from sandwich.services.lost_contact import Loss, lose_contact
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> tuple[str, int]:
        async with runtime.store.read() as session:
            found = await find_person(session, who)
        loss = Loss.LEFT if left else Loss.BOUNCED
        now = await runtime.clock.now()
        return full_name(found), await lose_contact(runtime, found.id, loss, now=now, actor=ACTOR)

    name, count = with_runtime(work)
    say(_LOST, name=name, count=count)


@person.command()
def add(
    id_: Id,
    who: Annotated[list[str], typer.Argument(metavar="PERSON...", help="Codes, mail addresses or ids.")],
    role: Annotated[Role, typer.Option("--role", help="As what.")] = Role.TEACHER,
    dry_run: DryRun = False,
    in_holiday: Annotated[
        bool, typer.Option("--in-holiday", help="The date may be a free day of a school that comes in.")
    ] = False,
    although: Although = "",
    owner_agrees: OwnerAgrees = False,
) -> None:
    """Add people to an activity; a school that comes in with them brings its leader and its free days."""
    from sandwich.cli.finding import the_activity
    from sandwich.services import steer
    from sandwich.services.cool_down import Asking
    from sandwich.services.joining import foresee_joining, in_words

    async def work(runtime: "Runtime") -> tuple[str, str, tuple[Text, ...], tuple[Text, ...]]:
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            activity = await the_activity(session, id_)
        seen = await foresee_joining(runtime, activity.id, who, role, now=now)
        if not dry_run:
            asking = Asking(None, although, owner_agrees)
            with confirming("--in-holiday"), asking_anyway("--although"):
                await steer.add_people(
                    runtime, activity.id, who, role, now=now, actor=ACTOR, in_holiday=in_holiday, asking=asking
                )
        names = ", ".join(one.name for one in seen.people if one.role is role)
        return activity.title, names, in_words(seen, ZoneInfo(runtime.settings.timezone)), seen.busy

    title, names, lines, busy = with_runtime(work)
    if dry_run:
        say_with(_WOULD_ADD, {"title": title, "names": names}, lines)
    else:
        say_with(_ADDED, {"title": title, "names": names, "asked": said(_ASKED)}, ())
        warn(busy)


@person.command()
def replace(
    id_: Id,
    old: Who,
    new: Annotated[str, typer.Argument(metavar="BY", help="Code, mail address or id of who takes over.")],
    role: As = None,
    dry_run: DryRun = False,
    although: Although = "",
    owner_agrees: OwnerAgrees = False,
) -> None:
    """Let somebody else take a place; the old links die, the old answers stay but do not count."""
    from sandwich.cli.finding import the_activity, the_place
    from sandwich.rules.names import full_name
    from sandwich.services import steer
    from sandwich.services.cool_down import Asking
    from sandwich.services.leaving import foresee_replacement
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> tuple[dict[str, str], tuple[Text, ...]]:
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            activity = await the_activity(session, id_)
            leaver, comer = await find_person(session, old), await find_person(session, new)
            place = await the_place(session, activity, leaver, role)
        lines = await foresee_replacement(runtime, place, comer.id, now=now)
        if not dry_run:
            with asking_anyway("--although"):
                await steer.replace(
                    runtime, place, comer.id, now=now, actor=ACTOR, asking=Asking(None, although, owner_agrees)
                )
        return {"title": activity.title, "old": full_name(leaver), "new": full_name(comer)}, lines

    names, lines = with_runtime(work)
    say_with(_WOULD_REPLACE if dry_run else _REPLACED, names, lines if dry_run else ())


@person.command()
def withdraw(id_: Id, who: Who, role: As = None, dry_run: DryRun = False) -> None:
    """Take somebody out of an activity."""
    from sandwich.cli.finding import the_activity, the_place
    from sandwich.rules.names import full_name
    from sandwich.services import steer
    from sandwich.services.leaving import foresee_withdrawal
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> tuple[dict[str, str], tuple[Text, ...]]:
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            activity = await the_activity(session, id_)
            leaver = await find_person(session, who)
            place = await the_place(session, activity, leaver, role)
        lines = await foresee_withdrawal(runtime, place, now=now)
        if not dry_run:
            await steer.withdraw(runtime, place, now=now, actor=ACTOR)
        return {"title": activity.title, "name": full_name(leaver)}, lines

    names, lines = with_runtime(work)
    say_with(_WOULD_WITHDRAW if dry_run else _WITHDRAWN, names, lines if dry_run else ())


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.add_typer(person, name="person")
