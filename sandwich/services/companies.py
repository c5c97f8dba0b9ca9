"""What a company said about itself and about being asked again. Reads only."""

from datetime import date, datetime, timedelta

from babel.dates import format_date

from models.tables.network import Company
from models.text import Text

A_YEAR = timedelta(days=365)
PROFILE_FORM = "company-profile"
"""The form in which a company tells about itself."""

PROFILE_MAIL = "profile"
"""The mail that asks once a year whether it still holds."""


def is_to_tell(company: Company, now: datetime) -> bool:
    """Whether a company is to tell about itself: nothing is known of it, or it told more than a year ago.

    One that would rather not be asked every year said so then.
    """
    if company.profile is None:
        return not company.tags
    is_old = company.profile_at is not None and now - company.profile_at > A_YEAR
    return is_old and company.profile.get("update_ok") is not False


def wish_of(company: Company, today: date) -> Text | None:
    """Return what a company said about being asked, where it would rather not be asked today."""
    if company.asks_no_more:
        return Text(
            nl=f"{company.name} zei na een eerdere keer dat het niet vaker mee wil doen. Bel eerst, of kies een ander.",
            en=f"{company.name} said after an earlier time that it does not want to take part again. Phone first, or "
            "choose another.",
        )
    if company.ask_again_on is not None and company.ask_again_on > today:
        day = company.ask_again_on
        return Text(
            nl=f"{company.name} vroeg om tot {format_date(day, 'd MMMM y', locale='nl')} niets te vragen.",
            en=f"{company.name} wanted no question until {format_date(day, 'd MMMM y', locale='en_GB')}.",
        )
    return None
