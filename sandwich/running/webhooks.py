"""Whether programs that want to be told of things are told."""

from datetime import timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from models.tables.hooks import Hook, Notice, NoticeState
from sandwich.hooks.listed import is_listed
from sandwich.running.findings import Finding, ill, well
from sandwich.runtime import Runtime

TOO_LONG = timedelta(days=1)
"""An address that has taken nothing for so long is not just being mended."""

_OURS = ("ended", "not-listed")
"""Why a notice was given up that was never sent."""


async def look_at_webhooks(runtime: Runtime) -> Finding:
    """Look at the addresses that an administrator listed, and at those that programs asked for."""
    listed = runtime.settings.webhook_addresses.split()
    async with runtime.store.read() as session:
        hooks = list(await session.scalars(select(Hook).where(Hook.ended_at.is_(None)).order_by(Hook.made_at)))
    if not listed and not hooks:
        return well("Webhooks: geen", "Webhooks: none")
    if not listed:
        return ill(
            f"Webhooks: {len(hooks)} gevraagd, maar er staat geen adres op de lijst, dus er gaat niets weg. Zet het "
            "adres in SANDWICH_WEBHOOK_ADDRESSES, of laat de coördinator de webhook beëindigen.",
            f"Webhooks: {len(hooks)} asked for, but no address is listed, so nothing is sent. Put the address into "
            "SANDWICH_WEBHOOK_ADDRESSES, or let the coordinator end the webhook.",
        )
    if plain := [address for address in listed if not address.startswith("https://")]:
        return ill(
            f"Webhooks: {' '.join(plain)} gaat over een open lijn. Zet in SANDWICH_WEBHOOK_ADDRESSES een https-adres.",
            f"Webhooks: {' '.join(plain)} is an open line. Put an https address into SANDWICH_WEBHOOK_ADDRESSES.",
        )
    if gone := sorted({hook.url for hook in hooks if not is_listed(runtime.settings, hook.url)}):
        return ill(
            f"Webhooks: {' '.join(gone)} staat niet (meer) op de lijst, dus daar gaat niets heen. Zet het adres in "
            "SANDWICH_WEBHOOK_ADDRESSES, of laat de coördinator de webhook beëindigen.",
            f"Webhooks: {' '.join(gone)} is not listed (any more), so nothing is sent there. Put the address into "
            "SANDWICH_WEBHOOK_ADDRESSES, or let the coordinator end the webhook.",
        )
    if dead := await _dead(runtime):
        return ill(
            f"Webhooks: {' '.join(dead)} neemt al een dag niets aan. Vraag wie dat programma beheert; wat was "
            "opgegeven komt niet vanzelf weer.",
            f"Webhooks: {' '.join(dead)} has taken nothing for a day. Ask whoever runs that program; what was given up "
            "does not come again by itself.",
        )
    return well(
        f"Webhooks: {len(hooks)}, naar {len(listed)} adres(sen)", f"Webhooks: {len(hooks)}, {len(listed)} listed"
    )


async def _dead(runtime: Runtime) -> list[str]:
    """Return where a notice was given up, or has been tried in vain for too long, and none was taken since."""
    now, taken = await runtime.clock.now(), aliased(Notice)
    last = (
        select(func.max(taken.ended_at))
        .where(taken.hook_id == Hook.id, taken.state == NoticeState.TAKEN)
        .correlate(Hook)
        .scalar_subquery()
    )
    given_up = and_(Notice.state == NoticeState.GIVEN_UP, Notice.why.not_in(_OURS))
    in_vain = and_(Notice.state == NoticeState.WAITING, Notice.attempts > 0, Notice.queued_at <= now - TOO_LONG)
    query = (
        select(Hook.url)
        .join(Notice, Notice.hook_id == Hook.id)
        .where(Hook.ended_at.is_(None), or_(given_up, in_vain))
        .where(or_(last.is_(None), last < func.coalesce(Notice.ended_at, now)))
        .distinct()
        .order_by(Hook.url)
    )
    async with runtime.store.read() as session:
        return list(await session.scalars(query))
