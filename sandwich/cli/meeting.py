"""Commands about who meets whom: the pairs of a cohort, and the rounds of an evening."""

from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.arguments import DryRun, Id
from sandwich.cli.foreseeing import foreseen
from sandwich.cli.saying import said, say, say_with
from sandwich.cli.state import ACTOR, with_runtime
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from sandwich.runtime import Runtime
    from sandwich.services.loaded import Loaded
    from sandwich.services.pair_views import PairView
    from sandwich.services.room_plan import RoundSeen, StaySeen

_NO_PAIRS = Text(nl="Er zijn nog geen koppels.", en="There are no pairs yet.")
_PAIR = Text(nl="{number}. {people}: {state}{points}", en="{number}. {people}: {state}{points}")
_POINTS = Text(nl=", {score} van de 100 punten", en=", {score} points out of 100")
_ROUND = Text(nl="Ronde {number}, {at} uur", en="Round {number}, {at}")
_PAUSE = Text(nl="pauze: {names}", en="break: {names}")
_DROPPED = Text(
    nl="De laatste ontmoeting van {title} gaat niet door. Wie al mail kreeg hoort het, met je reden.",
    en="The last meeting of {title} will not go on. Whoever had mail hears of it, with your reason.",
)
_WOULD_DROP = Text(
    nl="De laatste ontmoeting van {title} zou niet doorgaan. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="The last meeting of {title} would not go on. Nothing has changed yet. This would happen:",
)
_NO_ROUNDS = Text(nl="Er zijn nog geen rondes.", en="There are no rounds yet.")
_WRONG = Text(
    nl="Schrijf {option} als persoon en ronde, zoals T2:3.", en="Write {option} as a person and a round, such as T2:3."
)


def pairs(
    id_: Id,
    make: Annotated[
        tuple[str, str] | None,
        typer.Option("--make", metavar="TEACHER PROFESSIONAL", help="Make a pair by hand.", show_default=False),
    ] = None,
    apart: Annotated[int | None, typer.Option("--apart", help="Take the pair of this number apart.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Match everybody who has no partner.")] = False,
) -> None:
    """Show the pairs of a cohort with their reasons; make one, take one apart, or match again."""
    from sandwich.cli.finding import the_activity
    from sandwich.services.loaded import load
    from sandwich.services.pair_steering import match_again, pair_by_hand, take_pair_apart
    from sandwich.services.pair_views import STATES, pairs_seen

    async def work(runtime: "Runtime") -> "tuple[PairView, ...]":
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            activity_id = (await the_activity(session, id_)).id
        if make is not None:
            await pair_by_hand(runtime, activity_id, *make, now=now, actor=ACTOR)
        if apart is not None:
            await take_pair_apart(runtime, activity_id, apart, now=now, actor=ACTOR)
        if again:
            await match_again(runtime, activity_id, now=now, actor=ACTOR)
        async with runtime.store.read() as session:
            return await pairs_seen(session, await load(session, runtime.settings.timezone, activity_id))

    found = with_runtime(work)
    if not found:
        say(_NO_PAIRS)
    for pair in found:
        points = "" if pair.score is None else said(_POINTS, score=pair.score)
        say(_PAIR, number=pair.number, people=" – ".join(pair.people), state=said(STATES[pair.state]), points=points)
        for reason in pair.reasons:
            print(f"   {said(reason)}")


def rounds(
    id_: Id,
    held: Annotated[
        int | None, typer.Option("--held", help="So many rounds have been; make the others anew.", show_default=False)
    ] = None,
    gone: Annotated[
        list[str] | None, typer.Option("--gone", metavar="PERSON", help="Did not come, or left.", show_default=False)
    ] = None,
    late: Annotated[
        list[str] | None,
        typer.Option("--late", metavar="PERSON:ROUND", help="Comes late, from that round on.", show_default=False),
    ] = None,
    leaves: Annotated[
        list[str] | None,
        typer.Option("--leaves", metavar="PERSON:ROUND", help="Leaves early, after that round.", show_default=False),
    ] = None,
    lost: Annotated[
        list[str] | None,
        typer.Option(
            "--lost", metavar="TEACHER:PROFESSIONAL", help="A talk that did not take place.", show_default=False
        ),
    ] = None,
) -> None:
    """Show the rounds of an evening, for a room plan; with --held make the remaining ones anew."""
    from sandwich.cli.finding import the_activity
    from sandwich.services.loaded import load
    from sandwich.services.room_plan import proof_of, room_plan
    from sandwich.services.rounds import make_anew

    if held is None and (gone or late or leaves or lost):
        raise BadInput(
            "Say with --held how many rounds have been; 0 when none has.",
            "Zeg met --held hoeveel rondes er geweest zijn; 0 als er nog geen was.",
        )

    async def work(runtime: "Runtime") -> "tuple[tuple[RoundSeen, ...], tuple[StaySeen, ...], Text | None]":
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            activity_id = (await the_activity(session, id_)).id
            loaded = await load(session, runtime.settings.timezone, activity_id)
            first = dict([await _time(session, loaded, "--late", one) for one in late or ()])
            last = dict([await _time(session, loaded, "--leaves", one) for one in leaves or ()])
            last |= dict.fromkeys([await _participation(session, loaded, code) for code in gone or ()], held or 0)
            fell_through = [await _talk(session, loaded, one) for one in lost or ()]
        if held is not None:
            await make_anew(
                runtime,
                activity_id,
                held=held,
                stays={key: (first.get(key, 1), last.get(key)) for key in {**first, **last}},
                fell_through=fell_through,
                now=now,
                actor=ACTOR,
            )
        async with runtime.store.read() as session:
            seen = await room_plan(session, await load(session, runtime.settings.timezone, activity_id))
            return *seen, await proof_of(session, activity_id)

    found, staying, proof = with_runtime(work)
    if not found:
        say(_NO_ROUNDS)
    for one in found:
        say(_ROUND, number=one.number, at=f"{one.at:%H:%M}")
        for professional, teachers in one.tables:
            print(f"  {professional}: {', '.join(teachers)}")
        if one.pausing:
            say("  {line}", line=said(_PAUSE, names=", ".join(one.pausing)))
    for someone in staying:
        if someone.stay != (1, None):
            print(f"{someone.name}: {said(someone.words)}")
    if proof is not None:
        say(proof)


def drop_meeting(
    id_: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody reads it in the mail.")],
    dry_run: DryRun = False,
) -> None:
    """Call off the last of several meetings; everybody hears of it, and nothing is asked about it."""
    from sandwich.cli.finding import the_activity
    from sandwich.services.dropping import drop_last_meeting
    from sandwich.services.foreseen import foresee_dropping

    if dry_run:
        title, lines = foreseen(id_, lambda runtime, key, now: foresee_dropping(runtime, key, now=now))
        say_with(_WOULD_DROP, {"title": title}, lines)
        return

    async def work(runtime: "Runtime") -> str:
        async with runtime.store.read() as session:
            activity = await the_activity(session, id_)
        await drop_last_meeting(runtime, activity.id, reason, now=await runtime.clock.now(), actor=ACTOR)
        return activity.title

    say(_DROPPED, title=with_runtime(work))


async def _participation(session: "AsyncSession", loaded: "Loaded", code: str) -> str:
    from models.roles import Role
    from sandwich.rules.names import full_name
    from sandwich.services.register import find_person

    person = await find_person(session, code)
    people = [*loaded.in_role(Role.TEACHER), *loaded.in_role(Role.PROFESSIONAL)]
    found = next((item.id for item in people if item.person_id == person.id), None)
    if found is None:
        name = full_name(person)
        raise BadInput(f"{name} is not in the rounds.", f"{name} zit niet in de rondes.")
    return found


async def _time(session: "AsyncSession", loaded: "Loaded", option: str, given: str) -> tuple[str, int]:
    code, _, number = given.rpartition(":")
    if not code or not number.isdigit():
        sentence = _WRONG.filled(option=option)
        raise BadInput(sentence.en, sentence.nl)
    return await _participation(session, loaded, code), int(number)


async def _talk(session: "AsyncSession", loaded: "Loaded", given: str) -> tuple[str, str]:
    teacher, _, professional = given.partition(":")
    return await _participation(session, loaded, teacher), await _participation(session, loaded, professional)


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.command()(pairs)
    program.command()(rounds)
    program.command("drop-meeting")(drop_meeting)
