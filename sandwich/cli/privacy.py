"""Commands about what is kept: terms, who said yes to what, and consents to photos."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from models.channels import ConsentChannel
from models.data_kinds import DataKind
from models.text import Text
from sandwich.cli.arguments import AsJson, Id, Who
from sandwich.cli.saying import said, say
from sandwich.cli.state import ACTOR, with_runtime, with_store
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from models.tables.network import Region
    from sandwich.privacy.retention import Due, Item
    from sandwich.runtime import Runtime
    from sandwich.services.photo_consent import ConsentLine, PhotoLine

_LINE = Text(nl="{kind} ({title}), {region}: {term}.", en="{kind} ({title}), {region}: {term}.")
_NONE = Text(nl="  Niets over de termijn.", en="  Nothing is over its term.")
_WAITS = Text(
    nl="  Over de termijn: {count}. Wacht op een ja: `sandwich retention approve {kind}`.",
    en="  Over its term: {count}. Waits for a yes: `sandwich retention approve {kind}`.",
)
_GOES = Text(
    nl="  Over de termijn: {count}; vannacht gaan er {goes} weg.", en="  Over its term: {count}; {goes} go tonight."
)
_REMOVED = Text(nl="  Tot nu toe weg: {removed}.", en="  Gone so far: {removed}.")
_WAY = Text(nl="  Gaat weg: {way}.", en="  Goes: {way}.")
_ITEM = Text(nl="  - {id} {name}", en="  - {id} {name}")
_APPROVED = Text(
    nl="{region}: ja. Vannacht gaan er {count} weg; wat later over de termijn komt, {later}.",
    en="{region}: yes. {count} go tonight; what is over its term later {later}.",
)
_LATER = Text(nl="gaat dan vanzelf", en="goes by itself then")
_LATER_ASKED = Text(nl="vraagt een nieuw ja", en="needs another yes")
_STOPPED = Text(nl="{region}: het ja is teruggenomen.", en="{region}: the yes is taken back.")
_PHOTO = Text(
    nl="{at}  foto {photo} van {who} ({form}); te tonen: {shown}",
    en="{at}  photo {photo} by {who} ({form}); may be shown: {shown}",
)
_NO_CONSENTS = Text(nl="Er is nog niets over foto's gezegd.", en="Nothing was said about photos yet.")
_TAKEN_BACK = Text(
    nl="Ingetrokken in {count} activiteiten. Foto's daarvan zijn nu al niet meer te zien; de coördinator kijkt welke "
    "weg moeten.",
    en="Withdrawn in {count} activities. Their photos are not shown from now on; the coordinator looks which must go.",
)
_YES, _NO = Text(nl="ja", en="yes"), Text(nl="nee", en="no")
_WITHDRAWN = Text(nl="ingetrokken", en="taken back")

retention = typer.Typer(help="How long what is kept, and what may go.", no_args_is_help=True)
consent = typer.Typer(help="Consents to photos.", no_args_is_help=True)

OfRegion = Annotated[
    str | None, typer.Option("--region", metavar="CODE", help="One region; without it, all.", show_default=False)
]
Kinds = Annotated[DataKind, typer.Argument(metavar="KIND", help="The kind of data, as `sandwich retention show` says.")]


@retention.command("show")
def show_terms(
    kind: Annotated[
        DataKind | None, typer.Argument(metavar="[KIND]", help="One kind, with what it is about, by name.")
    ] = None,
    region: OfRegion = None,
    as_json: AsJson = False,
) -> None:
    """Show every term, and what is over it; with a kind also which people or activities those are."""
    from sandwich.privacy.due import At
    from sandwich.privacy.kinds import WAYS
    from sandwich.privacy.retention import items, look
    from sandwich.services.overview import to_json

    async def work(runtime: "Runtime") -> "tuple[list[Due], dict[str, tuple[Item, ...]], Runtime]":
        now = await runtime.clock.now()
        found, named = [], {}
        for one in await _regions(runtime, region):
            async with runtime.store.read() as session:
                found += [due for due in await look(session, runtime, one, now) if kind in (None, due.kept.kind)]
                if kind is not None:
                    named[one.id] = await items(session, kind, At(one.id, runtime.settings, now))
        return found, named, runtime

    found, named, runtime = with_runtime(work)
    if as_json:
        rows = [
            to_json(due)
            | {"kept": due.kept.kind.value, "waits": due.waits, "items": to_json(named.get(due.region_id, ()))}
            for due in found
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for due in found:
        term = said(due.kept.term_of(runtime.settings))
        say(_LINE, kind=due.kept.kind.value, title=said(due.kept.title), region=due.region, term=term)
        if not due.kept.asks_first:
            say(_WAY, way=said(WAYS[due.kept.goes]))
        elif not due.count:
            say(_NONE)
        else:
            say(_WAITS if due.waits else _GOES, count=due.count, goes=due.goes, kind=due.kept.kind.value)
        if due.removed:
            say(_REMOVED, removed=due.removed)
        for item in named.get(due.region_id, ()):
            say(_ITEM, id=item.id, name=item.name)


@retention.command("approve")
def say_yes(kind: Kinds, region: OfRegion = None) -> None:
    """Say yes to removing what `sandwich retention show KIND` lists; it goes with the next nightly run."""
    from sandwich.privacy.kinds import Goes, kept
    from sandwich.privacy.retention import approve

    async def work(runtime: "Runtime") -> list[tuple[str, int]]:
        now = await runtime.clock.now()
        done: list[tuple[str, int]] = []
        refused: BadInput | None = None
        for one in await _regions(runtime, region):
            try:
                done.append((one.name, await approve(runtime, one.id, kind, now=now, actor=ACTOR)))
            except BadInput as error:  # nothing of it there; another region may have some
                refused = error
        if not done and refused is not None:
            raise refused
        return done

    is_each = kept(kind).goes is Goes.AFTER_EACH_YES
    for name, count in with_runtime(work):
        say(_APPROVED, region=name, count=count, later=said(_LATER_ASKED if is_each else _LATER))


@retention.command("stop")
def take_yes_back(kind: Kinds, region: OfRegion = None) -> None:
    """Take a yes back: nothing of this kind goes before somebody says yes again."""
    from sandwich.privacy.retention import stop

    async def work(runtime: "Runtime") -> list[str]:
        now = await runtime.clock.now()
        regions = await _regions(runtime, region)
        for one in regions:
            await stop(runtime, one.id, kind, now=now, actor=ACTOR)
        return [one.name for one in regions]

    for name in with_runtime(work):
        say(_STOPPED, region=name)


@consent.command("list")
def list_consents(id_: Id, as_json: AsJson = False) -> None:
    """List every yes and no to photos of an activity, and for each photo where it may be shown now."""
    from sandwich.cli.finding import the_activity
    from sandwich.cli.showing import moment_in_words
    from sandwich.services.overview import to_json
    from sandwich.services.photo_consent import consent_log, photo_log

    async def work(runtime: "Runtime") -> "tuple[tuple[ConsentLine, ...], tuple[PhotoLine, ...]]":
        async with runtime.store.read() as session:
            activity = await the_activity(session, id_)
            return await consent_log(session, activity.id), await photo_log(session, activity.id)

    lines, photos = with_store(work)
    if as_json:
        print(json.dumps({"consents": to_json(lines), "photos": to_json(photos)}, ensure_ascii=False, indent=2))
        return
    for line in lines:
        word = _YES if line.is_given else (_NO if line.via is not None else _WITHDRAWN)
        print(f"{moment_in_words(line.said_at)}  {line.who}  {line.channel.value}  {said(word)}")
    for photo in photos:
        shown = ", ".join(f"{one.value} {said(_YES if yes else _NO)}" for one, yes in photo.shown.items())
        say(_PHOTO, photo=photo.id, at=moment_in_words(photo.at), who=photo.who, form=photo.form or "–", shown=shown)
    if not lines and not photos:
        say(_NO_CONSENTS)


@consent.command("withdraw")
def withdraw_consents(
    who: Who,
    channel: Annotated[
        list[ConsentChannel] | None,
        typer.Option("--channel", help="Which; without it all of them.", show_default=False),
    ] = None,
) -> None:
    """Take back somebody's consent to photos, everywhere; none is shown from the very next request on."""
    from sandwich.services.photo_consent import withdraw_consent
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> int:
        async with runtime.store.read() as session:
            found = await find_person(session, who)
        channels = channel or list(ConsentChannel)
        return await withdraw_consent(runtime, found.id, channels, now=await runtime.clock.now(), actor=ACTOR)

    say(_TAKEN_BACK, count=with_runtime(work))


async def _regions(runtime: "Runtime", code: str | None) -> "list[Region]":
    from sqlalchemy import select

    from models.tables.network import Region

    async with runtime.store.read() as session:
        found = list(await session.scalars(select(Region).order_by(Region.code)))
    chosen = [one for one in found if code in (None, one.code, one.name)]
    if not chosen:
        raise BadInput(f"There is no region {code}.", f"Er is geen regio {code}.")
    return chosen


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.add_typer(retention, name="retention")
    program.add_typer(consent, name="consent")
