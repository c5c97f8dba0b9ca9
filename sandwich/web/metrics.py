"""Figures for the machine that watches us, in the format of Prometheus: counts and ages, never a name or an id.

Given to this machine alone, and to nobody whose request came in through a proxy: how busy a region is, is not for all.
"""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from sandwich.services.quotas import HOUR_FULL, full_hours
from sandwich.services.settled import Backlog, Counts, backlog, counts
from sandwich.services.worker_figures import told
from sandwich.settings import LOOPBACK
from sandwich.web.doors import over_all
from sandwich.web.worker_metrics import Workers

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Tell what is there, what is due and for how long it has been, and how the workers are."""
    if not _is_from_here(request):
        raise HTTPException(404)
    runtime = over_all(request, "figures")
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        held_up = sum(one.waiting for one in await full_hours(session, runtime.settings, now))
        registry = _told(await counts(session), await backlog(session, now), held_up)
        registry.register(Workers(await told(session)))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _told(there: Counts, due: list[Backlog], held_up: int) -> CollectorRegistry:
    registry = CollectorRegistry()
    activities = Gauge("sandwich_activities", "Activities, by status", ["status"], registry=registry)
    for status, number in there.activities.items():
        activities.labels(status).set(number)
    messages = Gauge("sandwich_messages", "Messages that wait for something, by state", ["state"], registry=registry)
    for state, number in there.messages.items():
        messages.labels(state).set(number)
    kept = Gauge("sandwich_messages_kept", "Messages that are due and may not leave", ["why"], registry=registry)
    kept.labels(HOUR_FULL).set(held_up)
    waiting = Gauge("sandwich_due", "Rows whose moment has come", ["table"], registry=registry)
    late = Gauge(
        "sandwich_due_oldest_seconds", "How long the oldest of them has been due", ["table"], registry=registry
    )
    for item in due:
        waiting.labels(item.table).set(item.number)
        late.labels(item.table).set(item.oldest.total_seconds())
    return registry


def _is_from_here(request: Request) -> bool:
    passed_on = any(name in request.headers for name in ("x-forwarded-for", "forwarded"))
    return request.client is not None and request.client.host in LOOPBACK and not passed_on
