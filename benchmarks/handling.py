"""One of several processes that handle due rows, or deliver due mail, at the same time. Run by the measures.

``python -m benchmarks.handling WHAT MOMENT FILE``: works from when the clock has come to MOMENT until nothing is left,
then writes to FILE how much it was, when the last was done, and the CPU seconds and SQL statements that it took.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from sandwich.mail.deliver import deliver_due
from sandwich.running.logs import silent
from sandwich.runtime import Runtime, open_runtime
from sandwich.services.remind import handle_due
from sandwich.settings import read_settings

WORK: dict[str, Callable[[Runtime], Awaitable[int]]] = {"rows": handle_due, "mails": deliver_due}


async def main(what: str, moment: datetime, file: Path) -> None:
    """Handle what is due."""
    runtime = open_runtime(read_settings())
    work = WORK[what]
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(runtime.store.engine.sync_engine, "before_cursor_execute", count)
    try:
        await work(runtime)
        file.with_suffix(".ready").touch()
        cpu, done_all, last = time.process_time(), 0, time.time()
        while True:
            is_time = await runtime.clock.now() >= moment
            if done := await work(runtime):
                done_all, last = done_all + done, time.time()
            elif is_time:
                break
            else:
                await asyncio.sleep(0.01)
                cpu, statements = time.process_time(), 0
        told = {"done": done_all, "last": last, "cpu": time.process_time() - cpu, "statements": statements}
    finally:
        await runtime.close()
    file.with_suffix(".new").write_text(json.dumps(told))
    file.with_suffix(".new").rename(file)


if __name__ == "__main__":
    silent()
    asyncio.run(main(sys.argv[1], datetime.fromisoformat(sys.argv[2]), Path(sys.argv[3])))
