"""Whether the plans of the coming year can count with holidays."""

from zoneinfo import ZoneInfo

from models.tables.network import HolidayRegion
from models.text import Language, Text
from sandwich.running.findings import Finding, ill, well
from sandwich.runtime import Runtime
from sandwich.services.free_days import regions_without_holidays

_NAMES = {
    HolidayRegion.NORTH: Text(nl="noord", en="north"),
    HolidayRegion.MIDDLE: Text(nl="midden", en="middle"),
    HolidayRegion.SOUTH: Text(nl="zuid", en="south"),
}


async def look_at_holidays(runtime: Runtime) -> Finding:
    """Look whether every school's region has holidays in the coming year."""
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        missing = await regions_without_holidays(session, now.astimezone(ZoneInfo(runtime.settings.timezone)).date())
    if not missing:
        return well("Vakanties: bekend voor het komende jaar", "Holidays: known for the coming year")
    nl, en = (", ".join(_NAMES[one].to(language) for one in missing) for language in (Language.DUTCH, Language.ENGLISH))
    return ill(
        f"Vakanties: van regio {nl} is er geen bekend voor het komende jaar, dus planningen rekenen er niet mee. Zet "
        "een nieuwere versie van Sandwich neer en geef de opdracht `sandwich db upgrade`.",
        f"Holidays: of region {en} none is known for the coming year, so plans do not count with any. Install a newer "
        "version of Sandwich and run `sandwich db upgrade`.",
    )
