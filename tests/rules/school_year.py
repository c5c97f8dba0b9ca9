"""The school year 2026-2027, written by hand for tests: what the rules must come to, whatever our files say."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.tables.calendar import BlockKind
from models.tables.network import HolidayRegion
from sandwich.rules.calendar import Block, Calendar, calendar_of
from sandwich.rules.moments import Calendars

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NORTH, MIDDLE, SOUTH = HolidayRegion.NORTH, HolidayRegion.MIDDLE, HolidayRegion.SOUTH


def block(
    kind: BlockKind,
    first: str,
    last: str | None = None,
    *,
    region: HolidayRegion | None = None,
    school: str | None = None,
    name: str = "",
    company: str | None = None,
) -> Block:
    """Return a block of free days."""
    return Block(kind, date.fromisoformat(first), date.fromisoformat(last or first), region, school, name, company)


def holiday(name: str, first: str, last: str, region: HolidayRegion | None = None, school: str | None = None) -> Block:
    """Return a school holiday."""
    return block(BlockKind.HOLIDAY, first, last, region=region, school=school, name=name)


YEAR = (
    holiday("Herfstvakantie", "2026-10-10", "2026-10-18", NORTH),
    holiday("Herfstvakantie", "2026-10-17", "2026-10-25", MIDDLE),
    holiday("Herfstvakantie", "2026-10-17", "2026-10-25", SOUTH),
    holiday("Kerstvakantie", "2026-12-19", "2027-01-03"),
    holiday("Voorjaarsvakantie", "2027-02-13", "2027-02-21", SOUTH),
    holiday("Voorjaarsvakantie", "2027-02-20", "2027-02-28", NORTH),
    holiday("Voorjaarsvakantie", "2027-02-20", "2027-02-28", MIDDLE),
    block(BlockKind.PUBLIC_HOLIDAY, "2026-12-25", "2026-12-26"),
    block(BlockKind.PUBLIC_HOLIDAY, "2027-01-01"),
    block(BlockKind.PUBLIC_HOLIDAY, "2027-03-28", "2027-03-29"),
    block(BlockKind.PUBLIC_HOLIDAY, "2027-05-17"),
)


def calendar(
    *schools: tuple[str, HolidayRegion], more: tuple[Block, ...] = (), companies: tuple[str, ...] = ()
) -> Calendar:
    """Return the calendar of some schools and companies; of a company without closed days where there is none."""
    return calendar_of((*YEAR, *more), AMSTERDAM, schools, companies)


def calendars(
    *schools: tuple[str, HolidayRegion], more: tuple[Block, ...] = (), companies: tuple[str, ...] = ()
) -> Calendars:
    """Return the calendars of an activity of those schools at those companies."""
    return Calendars(schools=calendar(*schools, more=more), hosts=calendar(more=more, companies=companies))


def local(text: str) -> datetime:
    """Return a moment from local time: ``2026-11-05 13:30``."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def told(moment: datetime | None) -> str | None:
    """Write a moment as a table does: ``Thu 05 Nov 2026 13:30``."""
    return f"{moment.astimezone(AMSTERDAM):%a %d %b %Y %H:%M}" if moment else None


def day(text: str) -> date:
    """Return a day."""
    return date.fromisoformat(text)


DAY = timedelta(days=1)
