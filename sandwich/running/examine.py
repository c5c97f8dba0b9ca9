"""Look at a whole installation and say of each part whether it is well, or what to do about it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import httpx
from sqlalchemy import func, select

from models.tables.activities import Activity
from models.tables.base import new_id
from models.tables.mail import Message
from models.tables.network import Person, Region
from models.tables.running import Lease
from models.text import Language, Text
from sandwich.clock import real_now
from sandwich.errors import SandwichError, StoreUnavailable
from sandwich.mail.outcome import SETUP
from sandwich.orchestration.naming import ENTRYPOINT, FLOW
from sandwich.orchestration.server import Prefect, PrefectUnreachable
from sandwich.running.account import look_at_account
from sandwich.running.erasures import look_at_erasures
from sandwich.running.findings import Finding, ill, well
from sandwich.running.front import look_at_pages
from sandwich.running.holidays import look_at_holidays
from sandwich.running.incoming import look_at_incoming
from sandwich.running.machine import look_at_disk, look_at_tools
from sandwich.running.mail_domain import look_at_domain
from sandwich.running.mail_server import look_at_mail_server
from sandwich.running.own_secrets import settings_with_secrets
from sandwich.running.webhooks import look_at_webhooks
from sandwich.runtime import Runtime, open_runtime
from sandwich.services.asleep import asleep
from sandwich.services.hold import hold_of
from sandwich.services.needs import lost
from sandwich.services.outbox_view import NEEDS_A_HAND, WAITING
from sandwich.services.quotas import full_hours
from sandwich.settings import Environment, Settings
from sandwich.settings_file import open_to_all
from sandwich.store.migrate import ensure_current, head

PATIENCE = 10.0
"""Seconds that another program may take to answer."""

WAITS_TOO_LONG = timedelta(minutes=10)
"""Mail that is due for longer than this says that nobody delivers."""

MOST_NAMED = 5
"""How many activities a finding names."""


async def examine() -> AsyncIterator[Finding]:
    """Look at everything, one finding after the other; what cannot be looked at any more is left out."""
    try:
        settings = settings_with_secrets(os.environ)
    except SandwichError as error:
        yield Finding(False, _of(error))
        return
    yield well(f"Instellingen: {settings.environment}", f"Settings: {settings.environment}")
    yield _secrets(settings)
    yield _readable(settings)
    folder = _folder(settings)
    yield folder
    if folder.is_well:
        yield look_at_disk(settings)
    yield look_at_tools(settings)
    try:
        runtime = open_runtime(settings)
    except SandwichError as error:
        yield Finding(False, _of(error))
        return
    yield well(
        f"Draaiboeken en formulieren: {len(runtime.library.playbooks)} en {len(runtime.library.forms)}",
        f"Playbooks and forms: {len(runtime.library.playbooks)} and {len(runtime.library.forms)}",
    )
    looks: list[Callable[[Runtime], Awaitable[Finding]]] = [_database]
    try:
        first = await _safely(_database, runtime)
        yield first
        looks = [*_OF_THE_DATABASE] if first.is_well else []
        for look in (*looks, _prefect, _deployments, look_at_mail_server, look_at_incoming, look_at_pages):
            yield await _safely(look, runtime)
        async for found in look_at_domain(settings):
            yield found
    finally:
        await runtime.close()


async def _safely(look: Callable[[Runtime], Awaitable[Finding]], runtime: Runtime) -> Finding:
    try:
        return await look(runtime)
    except SandwichError as error:
        return Finding(False, _of(error))


def _secrets(settings: Settings) -> Finding:
    weak = [
        name
        for name, secret, least in (
            ("SANDWICH_SECRET_KEY", settings.secret_key.get_secret_value(), 32),
            ("SANDWICH_PREFECT_SECRET", settings.prefect_secret.get_secret_value(), 16),
        )
        if len(secret) < least or len(set(secret)) < least // 3
    ]
    if settings.secret_key == settings.prefect_secret:
        weak = ["SANDWICH_SECRET_KEY", "SANDWICH_PREFECT_SECRET"]
    if not weak:
        return well("Geheimen: sterk genoeg", "Secrets: strong enough")
    names = ", ".join(weak)
    how = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
    return ill(
        f"Geheimen: {names} is makkelijk te raden, te kort of twee keer gebruikt. Maak een nieuw: {how}",
        f"Secrets: {names} is easy to guess, too short or used twice. Make a new one: {how}",
    )


def _readable(settings: Settings) -> Finding:
    open_files = open_to_all(os.environ, settings)
    if not open_files:
        return well("Bestanden: alleen voor ons te lezen", "Files: to be read by us alone")
    names = " ".join(map(str, open_files))
    return ill(
        f"Bestanden: iedereen op deze computer kan ze lezen. Geef de opdracht: chmod o-rwx {names}",
        f"Files: everybody on this machine can read them. Give the command: chmod o-rwx {names}",
    )


def _folder(settings: Settings) -> Finding:
    folder = settings.data.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".doctor-{new_id()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        return ill(
            f"Map {folder}: niet te beschrijven ({why}). Geef rechten, of kies een andere met SANDWICH_DATA.",
            f"Folder {folder}: cannot be written to ({why}). Give it rights, or choose another with SANDWICH_DATA.",
        )
    return well(f"Map: {folder}", f"Folder: {folder}")


async def _database(runtime: Runtime) -> Finding:
    try:
        await ensure_current(runtime.settings.store_url)
    except StoreUnavailable as error:
        return ill(
            f"{_of(error).nl} Draait hij, en klopt SANDWICH_DATABASE_URL?",
            f"{_of(error).en} Does it run, and is SANDWICH_DATABASE_URL right?",
        )
    await runtime.ensure_own()
    probe = Lease(name=f"doctor-{new_id()}", holder="doctor", until=real_now())
    async with runtime.store.maintain() as session:
        session.add(probe)
        await session.flush()
        await session.delete(probe)
    name = "SQLite" if runtime.store.is_sqlite else "PostgreSQL"
    return well(
        f"Database: {name}, versie {head()}, te lezen en te schrijven",
        f"Database: {name}, version {head()}, can be read and written",
    )


async def _clock(runtime: Runtime) -> Finding:
    offset = await runtime.clock.offset()
    if not offset:
        return well("Klok: loopt gelijk met de echte tijd", "Clock: runs with real time")
    hours = round(offset.total_seconds() / 3600, 1)
    nl, en = f"Klok: {hours} uur verschoven", f"Clock: moved by {hours} hours"
    if runtime.settings.environment is Environment.DEMO:
        return well(nl, en)
    return ill(
        f"{nl}. Dat hoort alleen in de demo: zet clock_offset in de database op 0.",
        f"{en}. That is for the demo only: put clock_offset in the database to 0.",
    )


async def look_at_outgoing(runtime: Runtime) -> Finding:
    """Look whether mail leaves, and what keeps it."""
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        due = select(func.count()).where(Message.state.in_(WAITING), Message.due_at < now - WAITS_TOO_LONG)
        late = await session.scalar(due) or 0
        wrong = await session.scalar(select(func.count()).where(Message.state.in_(NEEDS_A_HAND))) or 0
        unwanted = Message.state.in_(WAITING) & (Message.reason == SETUP)
        unwanted_count = await session.scalar(select(func.count()).where(unwanted)) or 0
        full = await full_hours(session, runtime.settings, now)
    if full:
        names, number, most = ", ".join(one.name for one in full), sum(one.waiting for one in full), full[0].most
        return ill(
            f"Uitgaande mail: {number} wacht(en), want van {names} zijn er in een uur al {most} verstuurd. Ze gaan "
            "vanzelf, later. Kijk met `sandwich outbox` of het klopt: zo niet, zet die activiteit op pauze (`sandwich "
            "hold`); zo wel, verhoog SANDWICH_MAILS_PER_HOUR.",
            f"Outgoing mail: {number} waiting because {most} of {names} were sent in an hour. They go by themselves, "
            "later. See with `sandwich outbox` whether that is right: if not, put that activity on hold (`sandwich "
            "hold`); if so, raise SANDWICH_MAILS_PER_HOUR.",
        )
    if unwanted_count:
        return ill(
            f"Uitgaande mail: de mailserver neemt {unwanted_count} niet aan om wie wij zijn. Vraag de beheerder ervan "
            "om ons en SANDWICH_MAIL_FROM toe te laten, of kijk naar SANDWICH_SMTP_USER; daarna gaan ze vanzelf.",
            f"Outgoing mail: the mail server does not take {unwanted_count} because of who we are. Ask whoever runs it "
            "to let us and SANDWICH_MAIL_FROM in, or look at SANDWICH_SMTP_USER; after that they go by themselves.",
        )
    if late:
        return ill(
            f"Uitgaande mail: {late} wacht(en) al langer dan tien minuten. Draait `sandwich up` of `sandwich deliver`?",
            f"Outgoing mail: {late} waiting for more than ten minutes. Does `sandwich up` or `sandwich deliver` run?",
        )
    if wrong:
        return ill(
            f"Uitgaande mail: {wrong} heeft of hebben je nodig; `sandwich outbox` noemt ze.",
            f"Outgoing mail: {wrong} needs or need you; `sandwich outbox` lists them.",
        )
    return well("Uitgaande mail: niets blijft liggen", "Outgoing mail: nothing is left behind")


async def _prefect(runtime: Runtime) -> Finding:
    prefect = Prefect.of(runtime.settings)
    try:
        await prefect.answers()
    except PrefectUnreachable as error:
        return ill(
            f"{_of(error).nl} Start `sandwich prefect` of `sandwich up`; weigert hij het geheim, zet dan overal "
            "dezelfde SANDWICH_PREFECT_SECRET.",
            f"{_of(error).en} Start `sandwich prefect` or `sandwich up`; where it refuses our secret, set the same "
            "SANDWICH_PREFECT_SECRET everywhere.",
        )
    try:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            is_open = (await client.get(f"{prefect.api_url}/admin/version")).status_code != 401
    except httpx.HTTPError:
        is_open = False
    if is_open:
        return ill(
            "Prefect: antwoordt ook zonder geheim. Start het met `sandwich prefect` of `sandwich up`.",
            "Prefect: answers without the secret as well. Start it with `sandwich prefect` or `sandwich up`.",
        )
    return well(f"Prefect: antwoordt op {prefect.api_url}", f"Prefect: answers at {prefect.api_url}")


async def _versions(runtime: Runtime) -> Finding:
    async with runtime.store.read() as session:
        gone = await lost(session, runtime.library)
    return Finding(
        gone is None, gone or Text(nl="Lopende activiteiten: alles is er", en="Running activities: all there")
    )


async def _asleep(runtime: Runtime) -> Finding:
    async with runtime.store.read() as session:
        found = await asleep(session)
    if not found:
        return well("Wachtende activiteiten: elke komt weer aan de beurt", "Waiting activities: each has its next turn")
    ids = ", ".join(row.id for row in found[:MOST_NAMED]) + (" …" if len(found) > MOST_NAMED else "")
    return ill(
        f"Wachtende activiteiten: {len(found)} zonder iets wat ze nog wekt ({ids}). Dit hoort niet te kunnen. Kijk met "
        "`sandwich status ID` wat er ontbreekt; elke verandering, zoals verplaatsen, zet ze weer in gang.",
        f"Waiting activities: {len(found)} with nothing that wakes them ({ids}). This should not be possible. See with "
        "`sandwich status ID` what lacks; any change, such as a move, sets them going again.",
    )


async def _held(runtime: Runtime) -> Finding:
    async with runtime.store.read() as session:
        hold = await hold_of(session)
    if hold is None:
        return well("Outbox: open", "Outbox: open")
    return ill(
        "Outbox: dicht sinds er een kopie is teruggezet. Kijk wat er wacht en geef vrij: `sandwich outbox release`.",
        "Outbox: held since a backup was put back. Look at what waits and release it: `sandwich outbox release`.",
    )


async def _deployments(runtime: Runtime) -> Finding:
    prefect = Prefect.of(runtime.settings)
    missing = []
    try:
        async with httpx.AsyncClient(auth=_login(prefect), timeout=PATIENCE) as client:
            for key in sorted(runtime.library.playbooks):
                answer = await client.get(f"{prefect.api_url}/deployments/name/{FLOW}/{key}")
                found = answer.json() if answer.status_code == 200 else {}
                if found.get("entrypoint") != ENTRYPOINT or found.get("parameters", {}).get("kind") != key:
                    missing.append(key)
    except httpx.HTTPError as error:
        return ill(
            f"Draaiboeken bij Prefect: niet te lezen ({type(error).__name__}). Start `sandwich up`.",
            f"Playbooks at Prefect: cannot be read ({type(error).__name__}). Start `sandwich up`.",
        )
    if missing:
        names = ", ".join(missing)
        return ill(
            f"Draaiboeken bij Prefect: {names} ontbreekt of is oud. Start `sandwich worker` opnieuw; die meldt ze aan.",
            f"Playbooks at Prefect: {names} is missing or old. Start `sandwich worker` again; it registers them.",
        )
    return well("Draaiboeken bij Prefect: allemaal aangemeld", "Playbooks at Prefect: all registered")


async def _region(runtime: Runtime) -> Finding:
    async with runtime.store.read() as session:
        regions = await session.scalar(select(func.count()).select_from(Region)) or 0
        coordinators = await session.scalar(select(func.count()).where(Person.is_coordinator)) or 0
    if not regions or not coordinators:
        return ill(
            "Regio: er is nog geen regio met een coördinator, dus niemand kan inloggen. Geef de opdracht `sandwich "
            "new-region BESTAND`; examples/region.yaml is een voorbeeld.",
            "Region: there is no region with a coordinator yet, so nobody can sign in. Give the command `sandwich "
            "new-region FILE`; examples/region.yaml is an example.",
        )
    return well(
        f"Regio: {regions}, met {coordinators} coördinatoren", f"Region: {regions}, with {coordinators} coordinators"
    )


async def _carried(runtime: Runtime) -> Finding:
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        late = await session.scalar(select(func.count()).where(Activity.wake_at < now - WAITS_TOO_LONG)) or 0
    if late:
        return ill(
            f"Activiteiten: {late} had(den) al meer dan tien minuten geleden verder gemoeten. Draait `sandwich up` of "
            "`sandwich worker`?",
            f"Activities: {late} should have gone on more than ten minutes ago. Does `sandwich up` or `sandwich "
            "worker` run?",
        )
    return well("Activiteiten: gaan op tijd verder", "Activities: go on in time")


_OF_THE_DATABASE: tuple[Callable[[Runtime], Awaitable[Finding]], ...] = (
    look_at_account,
    _clock,
    _region,
    _versions,
    _asleep,
    _carried,
    look_at_holidays,
    _held,
    look_at_outgoing,
    look_at_webhooks,
    look_at_erasures,
)


def _login(prefect: Prefect) -> httpx.BasicAuth | None:
    return httpx.BasicAuth(*prefect.login.split(":", 1)) if prefect.login else None


def _of(error: SandwichError) -> Text:
    return Text(nl=error.to(Language.DUTCH), en=error.to(Language.ENGLISH))
