"""Add the routes for programs to the application."""

from fastapi import FastAPI

from sandwich.web.api import described
from sandwich.web.api.access import Gate
from sandwich.web.api.routes_of import ROUTERS


def add_api(app: FastAPI) -> None:
    """Add what programs can do."""
    app.state.gate = Gate()
    for router in (described.router, *ROUTERS):
        app.include_router(router)
