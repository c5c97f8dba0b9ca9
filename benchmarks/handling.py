"""One of several processes that handle due rows at the same time. Run by ``benchmarks.rows``.

``python -m benchmarks.handling MOMENT FILE``: handles rows from when the clock has come to MOMENT until none is left,
then writes to FILE how many they were, when the last was handled, and the CPU seconds that it took.
"""

import asyncio
import json
import sys
import time
from datetime import datetime
from pathlib import Path

from sandwich.running.logs import silent
from sandwich.runtime import open_runtime
from sandwich.services.remind import handle_due
from sandwich.settings import read_settings


async def main(moment: datetime, file: Path) -> None:
    """Handle what is due."""
    runtime = open_runtime(read_settings())
    try:
        await handle_due(runtime)
        file.with_suffix(".ready").touch()
        cpu, rows, last = time.process_time(), 0, time.time()
        while True:
            is_time = await runtime.clock.now() >= moment
            if done := await handle_due(runtime):
                rows, last = rows + done, time.time()
            elif is_time:
                break
            else:
                await asyncio.sleep(0.01)
                cpu = time.process_time()
        told = {"rows": rows, "last": last, "cpu": time.process_time() - cpu}
    finally:
        await runtime.close()
    file.with_suffix(".new").write_text(json.dumps(told))
    file.with_suffix(".new").rename(file)


if __name__ == "__main__":
    silent()
    asyncio.run(main(datetime.fromisoformat(sys.argv[1]), Path(sys.argv[2])))
