"""All routers for programs, in the order in which addresses are tried."""

from sandwich.web.api import activities, answering, companies, doing, figures, own, starting

ROUTERS = (
    activities.router,
    starting.router,
    answering.router,
    *doing.ROUTERS,
    companies.router,
    figures.router,
    own.router,
)
