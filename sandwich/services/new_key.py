"""Take an installation's database over with another secret key, when the first one is lost or leaked."""

from sqlalchemy import select

from models.tables.asking import Link
from sandwich.runtime import Runtime
from sandwich.services.links import renew_link
from sandwich.store.belonging import take_over

ACTOR = "new-key"


async def change_key(runtime: Runtime) -> int:
    """Let the database belong to the secret key of the settings; returns how many links open by a new token only.

    The tokens that were sent open nothing from now on; the next mail about the same question carries the new one.
    Safe to repeat.
    """
    async with runtime.store.read() as session:
        activities = sorted(set(await session.scalars(select(Link.activity_id).where(Link.revoked_at.is_(None)))))
    renewed = 0
    for activity_id in activities:
        now = await runtime.clock.now()
        async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id) as session:
            for link in await session.scalars(
                select(Link).where(Link.activity_id == activity_id, Link.revoked_at.is_(None))
            ):
                renewed += renew_link(runtime.settings, link)
    await take_over(runtime.store, runtime.settings.secret_key.get_secret_value())
    return renewed
