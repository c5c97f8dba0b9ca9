"""How long after a crash the first due activity is woken and the first mail leaves, with ten thousand parked.

Worker and delivery are killed (-9) while delivery works through an outbox of ten thousand due mails. A host answers
meanwhile, so that one activity is due. Then both are started again: seconds until its wake is done, with the step
carried out and shown, and until a mail arrives. Activities and mails are copies (see ``benchmarks/many.py``).
"""

import asyncio
import os
import signal
import time

from benchmarks.many import copy_activities
from benchmarks.place import DUE, Place, until
from benchmarks.scene import PATIENCE, Scene, a_scene, goal
from sandwich.services.moving import fix_date

ORIGINALS = 4
KILLED_AFTER = 30
"""So many mails after which both are killed: one host reads them all, and nobody gets more than a hundred in a week."""
GOAL_SECONDS = 15.0
DONE = "SELECT count(*) FROM plan_step WHERE activity_id = $1 AND step = 'date' AND shown_at IS NOT NULL"


async def measure(place: Place, parked: int = 10_000) -> None:
    """Kill and start again."""
    print(__doc__)
    async with a_scene(place) as scene:
        ids = await scene.asked_the_host(ORIGINALS)
        began = time.monotonic()
        copies = await copy_activities(place, ids, parked - len(ids))
        await scene.own.execute(
            "UPDATE message SET state = 'queued', sent_at = NULL, due_at = $2 WHERE activity_id = ANY($1)",
            [key for key, _run in copies],
            DUE,
        )
        print(f"{parked} activities and as many due mails made in {time.monotonic() - began:.0f} s", flush=True)
        with scene.parts("worker", "deliver") as parts:
            await until(lambda: len(scene.post.arrived) >= KILLED_AFTER)
            sent = len(scene.post.arrived)
            for pid in parts.values():
                os.killpg(pid, signal.SIGKILL)
        print(f"killed after {sent} mails", flush=True)
        await fix_date(scene.opened, ids[0], 0, now=await scene.opened.clock.now(), actor="benchmark")
        await _start_again(scene, ids[0])


async def _start_again(scene: Scene, activity_id: str) -> None:
    scene.post.arrived.clear()
    began = time.monotonic()
    woken = None
    with scene.parts("worker", "deliver"):
        while woken is None or not scene.post.arrived:
            await asyncio.sleep(0.05)
            if woken is None and await scene.own.fetchval(DONE, activity_id):
                woken = time.monotonic() - began
            if time.monotonic() - began > PATIENCE:
                raise SystemExit(f"after {PATIENCE:.0f} s not both have happened: woken {woken}")
        mail = scene.post.arrived[0] - began
    wanted = f"at most {GOAL_SECONDS:.0f} s"
    goal("first due wake done after", f"{woken:.1f} s", reached=woken <= GOAL_SECONDS, wanted=wanted)
    goal("first mail out after", f"{mail:.1f} s", reached=mail <= GOAL_SECONDS, wanted=wanted)
