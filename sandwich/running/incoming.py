"""Whether mail can come in: the door for a mail server is open, the mailbox can be read."""

import asyncio

from sandwich.incoming.mailbox import look_inside
from sandwich.running.findings import Finding, ill, well
from sandwich.runtime import Runtime

PATIENCE = 10.0


async def look_at_incoming(runtime: Runtime) -> Finding:
    """Look whether mail can come in, where the settings want that; raises what the mailbox says is wrong."""
    settings = runtime.settings
    if not settings.takes_mail:
        return well("Binnenkomende mail: gaat naar de coördinator", "Mail that comes in: goes to the coordinator")
    if settings.incoming_listen and not await _is_open(settings.incoming_listen):
        where = settings.incoming_listen
        return ill(
            f"Binnenkomende mail: op {where} luistert niemand. Draait `sandwich up` of `sandwich receive`?",
            f"Mail that comes in: nobody listens at {where}. Does `sandwich up` or `sandwich receive` run?",
        )
    if settings.incoming_imap_host:
        await look_inside(settings)
    return well(f"Binnenkomende mail: {settings.reply_address}", f"Mail that comes in: {settings.reply_address}")


async def _is_open(where: str) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            if where.startswith("/"):
                reader, writer = await asyncio.open_unix_connection(where)
            else:
                host, _, port = where.rpartition(":")
                reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            said = await reader.readline()
            writer.close()
            await writer.wait_closed()
    except (OSError, TimeoutError):
        return False
    return said.startswith(b"220")
