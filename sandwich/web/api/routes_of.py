"""All routers for programs, in the order in which addresses are tried."""

from sandwich.web.api import activities, answering, companies, doing, figures, hooks, own, starting

ROUTERS = (
    activities.router,
    starting.router,
    answering.router,
    doing.router,
    companies.router,
    figures.router,
    hooks.router,
    own.router,
)
