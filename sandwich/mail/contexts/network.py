"""What the mail says that asks a company once a year whether its profile still holds."""

from sandwich.mail.case import Case, asked
from sandwich.mail.contexts.parts import AskContext, Foot


async def profile(case: Case) -> AskContext:
    """Word the yearly mail about the profile. It stands by itself: nothing of an activity is in it."""
    values = asked(case)
    values |= {"title": values["company"] or values["title"], "progress": None}
    foot: Foot = values["foot"]
    return AskContext(**values | {"foot": Foot(years=foot.years, privacy=foot.privacy, no_mail=foot.no_mail)})
