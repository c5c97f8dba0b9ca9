"""What it does when an activity that is on hold goes on, before it happens: in the same words on every side."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.text import Text
from sandwich.runtime import Runtime
from sandwich.services.appointments import awaiting, put_off
from sandwich.services.halting import go_on
from sandwich.services.loaded import Loaded, load
from sandwich.services.trial import trial

_LEAVES = Text(
    nl="Vragen en herinneringen gaan weer weg; termijnen worden opnieuw berekend.",
    en="Questions and reminders leave again; deadlines are computed anew.",
)
_GOES_AHEAD = Text(
    nl="{who} één mail dat het doorgaat, die de afspraak weer in de agenda zet.",
    en="{who} one mail that it goes ahead, which puts the appointment back into the calendar.",
)
_MOVED = Text(
    nl="{who} nu de mail met de nieuwe datum, met de afspraak voor de agenda.",
    en="{who} the mail with the new date now, with the appointment for the calendar.",
)
_NOBODY = Text(
    nl="Niemand krijgt een mail dat het doorgaat: er is geen afspraak uit een agenda gehaald.",
    en="Nobody gets a mail that it goes ahead: no appointment was taken out of a calendar.",
)


async def said_of_resumption(session: AsyncSession, loaded: Loaded, now: datetime) -> tuple[Text, ...]:
    """Say what letting an activity go on does."""
    told = len(await put_off(session, loaded, now))
    moved = len(await awaiting(session, loaded.activity.id, ("moved",)))
    mails = [_counted(line, count) for line, count in ((_GOES_AHEAD, told), (_MOVED, moved)) if count]
    return (_LEAVES, *(mails or [_NOBODY]))


async def foresee_resumption(runtime: Runtime, activity_id: str, *, now: datetime) -> tuple[Text, ...]:
    """Say what letting an activity go on would do; nothing is written. Raises ``BadInput`` as ``resume`` does."""
    async with trial(runtime, activity_id, now) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        lines = await said_of_resumption(session, loaded, now)
        await go_on(session, loaded, now)
        return lines


def _counted(line: Text, count: int) -> Text:
    nl = "1 persoon krijgt" if count == 1 else f"{count} mensen krijgen"
    en = "1 person gets" if count == 1 else f"{count} people get"
    return Text(nl=line.nl.format(who=nl), en=line.en.format(who=en))
