"""All routes of the coordinators' pages, in the order in which addresses are tried."""

from fastapi import FastAPI

from sandwich.web import login, oidc
from sandwich.web.board import (
    activity,
    amending,
    answering,
    companies,
    company_form,
    doing,
    figures,
    keys,
    letters,
    listing,
    live,
    outbox,
    privacy,
    retention,
    starting,
    texts,
    versions,
)
from sandwich.web.session import add_session


def add_board(app: FastAPI) -> None:
    """Add sign-in and the board to the application."""
    app.state.doorkeeper = login.Doorkeeper()
    app.state.begun = starting.Begun()
    app.state.lines = live.Lines()
    add_session(app)
    # An activity's address has room for any word, so the pages with a name of their own come first.
    named = (
        oidc.router,
        login.router,
        listing.router,
        live.router,
        companies.router,
        company_form.router,
        figures.router,
        keys.router,
        outbox.router,
        privacy.router,
        retention.router,
        texts.router,
        starting.router,
        versions.router,
        answering.router,
        amending.router,
        letters.router,
    )
    for router in (*named, activity.router, doing.router):
        app.include_router(router)
