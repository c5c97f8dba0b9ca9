"""How late wakes are, and how long pages take: in an empty system, and beside 100,000 finished activities.

Three hundred wakes, two per second: half of them at moments that the plan foresees, which Prefect keeps by itself, and
half that have to be woken, as after an answer. Late is what lies between the moment and the commit of the step that was
due. Pages are asked for one after the other: the board with thirty activities that go on, the wall of a school with as
many cards as a page shows, and a search on each; on the wall for a word that stands on every card, and for one that
stands on none. The finished ones are copies of two visits that the product played to their end (see
``benchmarks/many.py``): all of their rows, but audit entries of one in ten. Prefect keeps the run of one in ten: the
nightly upkeep throws away what ended more than thirty days ago, and a tenth of them ended since.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx

from benchmarks.many import copy_activities
from benchmarks.place import DUE, EARLY, Place, start_activities
from benchmarks.scene import Scene, a_scene, goal, park_until, spread
from sandwich.clock import real_now
from sandwich.services.login import begin_session
from sandwich.web.session import cookie_name
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.prefect import free_port

WAKES, PER_SECOND = 300, 2
GOING, CARDS, PAGES = 30, 30, 60
IN_ALL, IN_NONE = "houtskeletbouw", "waterstofmotor"
"""Looked for on the wall: a technique of the company that all cards are about, and one of no company."""

KEPT_OF = 10
RATIO = 1.5
LEAD_SECONDS = 10


@dataclass(frozen=True)
class Figures:
    """What was measured in one of the two systems, in seconds."""

    foreseen: list[float]
    woken: list[float]
    pages: dict[str, list[float]]

    @property
    def by_name(self) -> dict[str, list[float]]:
        """All that was measured, by what it is called."""
        return {"foreseen": self.foreseen, "woken": self.woken, **self.pages}


async def measure(place: Place, finished: int = 100_000) -> None:
    """Measure both systems, the empty one first."""
    print(__doc__)
    async with a_scene(place) as scene:
        began = time.monotonic()
        cast = await Cast.read(scene.opened)
        ended = await _finished(scene, cast)
        await _spread(scene, [*ended, *await _copies(scene, ended, CARDS - len(ended))])
        going = await scene.asked_the_host(3)
        await copy_activities(place, going, GOING - len(going))
        print(f"made in {time.monotonic() - began:.0f} s", flush=True)
        empty = await _measured(scene, cast, "empty")
        began = time.monotonic()
        await _spread(scene, await _copies(scene, ended, finished))
        for connection in (scene.own, scene.prefect):
            await connection.execute("VACUUM (ANALYZE)")  # as PostgreSQL does by itself, in its own time
        there = await scene.own.fetchval("SELECT count(*) FROM activity WHERE status = 'finished'")
        runs = await scene.prefect.fetchval("SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED'")
        print(
            f"{there} finished activities, {runs} of their runs: made in {time.monotonic() - began:.0f} s", flush=True
        )
        full = await _measured(scene, cast, f"beside {there} finished ones")
    _judge(empty, full)


async def _finished(scene: Scene, cast: Cast) -> list[str]:
    """Play two visits to their end; the worker then shows all of it in Prefect, in one run for each."""
    ids = []
    for _ in range(2):
        await scene.opened.clock.set(DUE)
        play = await Play.begin(scene.opened, cast, teachers=["T2", "T3"])
        await play_whole(play)
        ids.append(play.activity_id)
    await scene.own.execute("UPDATE plan_step SET shown_at = NULL WHERE activity_id = ANY($1)", ids)
    now = await scene.opened.clock.now()
    await scene.own.execute("UPDATE activity SET run_id = NULL, wake_at = $2 WHERE id = ANY($1)", ids, now)
    with scene.parts("worker"):
        await scene.settle()
    await scene.opened.clock.set(EARLY)
    return ids


async def play_whole(play: Play) -> None:
    """Play a visit from its first question to the last one, months after the day."""
    await play.with_date()
    await play.sleep_to("2026-10-08 10:00")
    await play.answer_all(("T2", "T3"), "registration", attend="yes")
    await play.answer_all(("L1", "L2"), "approval")
    await play.answer_all(("T2", "T3"), "goals")
    await play.answer("P3", "task-division", agree="agreed", hours_plan="10")
    await play.sleep_to("2026-10-29 10:00")
    await play.answer("P3", "practical-information")
    await play.sleep_to("2026-11-05 16:30")
    await play.answer("T2", "attendance")
    await play.to("2026-11-10 12:00")
    await play.answer_all(("T2", "T3"), "field-note")
    await play.answer_all(("T2", "T3"), "teacher-evaluation")
    await play.answer("P3", "host-evaluation")
    await play.answer("P3", "host-hours")
    await play.answer_all(("T2", "T3"), "impressions", scope="school")
    await play.to("2026-11-18 12:00")
    await play.answer("P3", "card-release", release="released")
    await play.to("2027-01-05 12:00")
    await play.answer_all(("T2", "T3"), "impact-check")
    await play.to("2027-02-20 12:00")


async def _copies(scene: Scene, originals: list[str], how_many: int) -> list[str]:
    made = await copy_activities(scene.place, originals, how_many, log_of_one_in=KEPT_OF, run_of_one_in=KEPT_OF)
    return [key for key, _run in made]


async def _spread(scene: Scene, activities: list[str]) -> None:
    """Let them have begun, and shown their cards, on days of their own in the last ten years."""
    back = "(ascii(right(id, 1)) * 131 + ascii(right(id, 2)) * 17 + ascii(right(id, 3))) % 3650 * interval '1 day'"
    await scene.own.execute(
        f"UPDATE activity SET started_at = started_at - {back} WHERE id = ANY($1)",
        activities,
    )
    # What a wall is searched by knows the card's moment too. Each has a row of its own, so the days come from the card.
    await scene.own.execute(
        f"UPDATE impression_card SET published_at = published_at - {back} WHERE activity_id = ANY($1)",
        activities,
    )
    await scene.own.execute(
        "UPDATE card_view SET published_at = impression_card.published_at FROM impression_card"
        " WHERE impression_card.activity_id = card_view.activity_id AND card_view.activity_id = ANY($1)",
        activities,
    )


async def _measured(scene: Scene, cast: Cast, title: str) -> Figures:
    with scene.parts("worker", "deliver"):
        foreseen, woken = await _wakes(scene)
    async with _browser(scene, cast.id("C1")) as browser:
        pages = {name: await _page(browser, path) for name, path in _addresses(cast).items()}
    figures = Figures(foreseen, woken, pages)
    for name, seconds in figures.by_name.items():
        print(f"{title}: {name:<18}{len(seconds):>5}  {spread(seconds)}", flush=True)
    return figures


def _addresses(cast: Cast) -> dict[str, str]:
    wall = f"/wall/{cast.schools['S1'].wall_key}"
    return {
        "board": "/board",
        "board, search": "/board?q=Korteweg",
        "wall": wall,
        "wall, word in all": f"{wall}?q={IN_ALL}",
        "wall, word in none": f"{wall}?q={IN_NONE}",
    }


async def _wakes(scene: Scene) -> tuple[list[float], list[float]]:
    """Return how late the steps were, of those that Prefect started and of those that were woken."""
    await scene.opened.clock.set(EARLY)
    originals = await start_activities(scene.opened, 1)
    # A parked run that has not had its first step yet: one that was taken up at once, as after a change.
    await scene.own.execute("UPDATE activity SET wake_at = $2 WHERE id = ANY($1)", originals, EARLY)
    await asyncio.sleep(10)
    await scene.settle()
    made = [key for key, _run in await copy_activities(scene.place, originals, WAKES)]
    # The first step was due at ten; each is kept asleep until a moment of its own after that.
    first = DUE + timedelta(seconds=LEAD_SECONDS)
    await park_until(scene, [*originals, *made], [first + timedelta(days=300)] * (1 + len(made)), known=False)
    await scene.opened.clock.set(DUE)
    at = {key: first + timedelta(seconds=number / PER_SECOND) for number, key in enumerate(made)}
    foreseen, woken = made[::2], made[1::2]
    await park_until(scene, foreseen, [at[key] for key in foreseen], known=True)
    await park_until(scene, woken, [at[key] for key in woken], known=False)
    await asyncio.sleep(LEAD_SECONDS + WAKES / PER_SECOND)
    await scene.settle()
    rows = await scene.own.fetch(
        "SELECT activity_id, min(done_at) AS at FROM plan_step WHERE activity_id = ANY($1)"
        " AND done_at IS NOT NULL GROUP BY activity_id",
        made,
    )
    done = {row["activity_id"]: row["at"] for row in rows}
    # The pages are measured without them: they are over, and gone from Prefect.
    gone = [*originals, *made]
    await scene.prefect.execute(
        "DELETE FROM flow_run WHERE id = ANY($1::text[]::uuid[])",
        [row[0] for row in await scene.own.fetch("SELECT run_id FROM activity WHERE id = ANY($1)", gone)],
    )
    await scene.own.execute("UPDATE activity SET status = 'cancelled', wake_at = NULL WHERE id = ANY($1)", gone)
    return (
        [(done[key] - at[key]).total_seconds() for key in foreseen],
        [(done[key] - at[key]).total_seconds() for key in woken],
    )


@contextlib.asynccontextmanager
async def _browser(scene: Scene, person_id: str) -> AsyncIterator[httpx.AsyncClient]:
    async with scene.opened.store.maintain() as session:
        token = begin_session(session, person_id, real_now())
    port = free_port()
    with scene.parts("web", SANDWICH_PORT=str(port)):
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", cookies={cookie_name(scene.opened.settings): token}, timeout=120
        ) as client:
            async with asyncio.timeout(120):
                while True:
                    with contextlib.suppress(httpx.HTTPError):
                        await client.get("/healthz")
                        break
                    await asyncio.sleep(0.3)
            yield client


async def _page(browser: httpx.AsyncClient, path: str) -> list[float]:
    took = []
    for number in range(PAGES + 3):
        began = time.perf_counter()
        answer = await browser.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path.split('/')[1]} answers {answer.status_code}, so the figures mean nothing.")
        if number >= 3:  # what a process does once, at its first pages, is not what a page costs
            took.append(time.perf_counter() - began)
    return took


def _judge(empty: Figures, full: Figures) -> None:
    from benchmarks.scene import percentile

    for name, seconds in full.by_name.items():
        for part in (0.5, 0.99):
            ratio = percentile(seconds, part) / max(percentile(empty.by_name[name], part), 1e-9)
            goal(
                f"{name}, p{100 * part:.0f}: full : empty",
                f"{ratio:.2f}",
                reached=ratio <= RATIO,
                wanted=f"at most {RATIO}",
            )
