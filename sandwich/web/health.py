"""For the machine that watches us: do we live, and can we work."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy import text

from sandwich.errors import StoreUnavailable
from sandwich.web.doors import over_all

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> PlainTextResponse:
    """Say that the process lives."""
    return PlainTextResponse("ok")


@router.get("/readyz")
async def readyz(request: Request) -> PlainTextResponse:
    """Say whether the database answers and has its tables."""
    runtime = over_all(request, "health")
    try:
        async with runtime.store.read() as session:
            await session.execute(text("SELECT count(*) FROM region"))
    except StoreUnavailable as error:
        return PlainTextResponse(f"not ready: {error}", status_code=503, headers={"Retry-After": "10"})
    return PlainTextResponse("ok")
