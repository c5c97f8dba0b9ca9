"""A morning: 4,500 activities become due in the same second, until the last of it is done.

Each has a step that its flow must wake for, which Prefect starts by itself at that second, and one row of a person who
has not answered: two in three a reminder, the third an escalation to the coordinator; each row brings a mail, due at
once. One worker and two deliveries beside Prefect's server and PostgreSQL. A few activities are brought to the evening
before by the product itself; the others are copies (see ``benchmarks/many.py``). Given up after twenty minutes.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from benchmarks.machine import cost_of
from benchmarks.many import copy_activities
from benchmarks.place import EARLY, Place
from benchmarks.scene import BUSY, Scene, a_scene, clock_so_that, goal, park_until
from tests.support.cast import Cast
from tests.support.driver import Play

ORIGINALS = 3
AHEAD_SECONDS = 45
MOST_SECONDS = 1200
ROWS_SECONDS, WAKES_SECONDS = 60.0, 900.0
EVENING = datetime(2026, 10, 8, 7, 50, tzinfo=ZoneInfo("UTC"))
MORNING = datetime(2026, 10, 9, 6, 30, tzinfo=ZoneInfo("UTC"))
"""Half past eight on a Friday; the step was due the day before at ten, and is kept asleep until now."""

ESCALATES = 3
"""Of so many rows one is an escalation."""

_THEIRS = """
    FROM invitation JOIN participation ON participation.id = invitation.participation_id
    WHERE invitation.next_at = $1 AND invitation.activity_id = ANY($2)
"""
_OWN_READERS = (
    f"""
INSERT INTO person SELECT (jsonb_populate_record(
    known, jsonb_build_object('id', pg_temp.id_of(reader.id), 'code', null)
)).* FROM (SELECT participation.* {_THEIRS}) reader JOIN person known ON known.id = reader.person_id
""",
    f"""
INSERT INTO contact SELECT (jsonb_populate_record(
    known, jsonb_build_object('id', pg_temp.id_of(reader.id || known.id), 'person_id', pg_temp.id_of(reader.id))
)).* FROM (SELECT participation.* {_THEIRS}) reader JOIN contact known ON known.person_id = reader.person_id
""",
    f"""
UPDATE message SET person_id = pg_temp.id_of(participation_id)
WHERE participation_id IN (SELECT participation.id {_THEIRS})
""",
    f"UPDATE participation SET person_id = pg_temp.id_of(id) WHERE id IN (SELECT participation.id {_THEIRS})",
)
"""Give every row a reader of its own: one leader of a thousand activities would have one mail a day."""


async def measure(place: Place, activities: int = 4500) -> None:
    """Let a morning come."""
    print(__doc__)
    async with a_scene(place) as scene:
        began = time.monotonic()
        originals = await _evening_before(scene)
        made = [*originals]
        made += [key for key, _run in await copy_activities(place, originals, activities - len(made))]
        await together_due(scene.own, made)
        rows = await scene.own.fetchval("SELECT count(*) FROM invitation WHERE next_at <= $1", MORNING)
        if rows != activities:
            raise SystemExit(f"{rows} rows are due instead of {activities}, so the figures mean nothing.")
        print(f"{activities} activities made in {time.monotonic() - began:.0f} s", flush=True)
        with scene.parts("worker", "deliver", "deliver2") as parts:
            await asyncio.sleep(15)
            eight = await clock_so_that(scene, MORNING, AHEAD_SECONDS)
            await park_until(scene, made, [MORNING] * len(made), known=True)
            await asyncio.sleep(max(0.0, eight - time.monotonic()))
            await _until_done(scene, parts, activities, eight)


async def _evening_before(scene: Scene) -> list[str]:
    """Bring a few activities to the evening before: everybody has answered but one school leader."""
    cast = await Cast.read(scene.opened)
    plays = []
    for _ in range(ORIGINALS):
        now = await scene.opened.clock.now()
        play = await Play.begin(scene.opened, cast, teachers=["T2", "T3"])
        plays.append(play)
        async with scene.opened.store.change(now=now, actor="benchmark", stream=play.activity_id) as session:
            activity = await session.get_one(type(await play.activity()), play.activity_id)
            activity.run_id, activity.run_number = None, 0  # the worker makes one
    with scene.parts("worker", "deliver"):
        await scene.live_until(EARLY.replace(hour=9))
        for play in plays:
            await play.answer(
                "P3", "date-poll", turn=False, dates__date_1__answer="suits", dates__date_2__answer="impossible"
            )
        await scene.live_until(datetime(2026, 10, 1, 9, 0, tzinfo=ZoneInfo("UTC")))
        for play in plays:
            for code in ("T2", "T3"):
                await play.answer(code, "registration", turn=False, attend="yes")
            await play.answer("L1", "approval", turn=False)
        await scene.live_until(EVENING)
    return [play.activity_id for play in plays]


async def together_due(own: asyncpg.Connection, activities: Sequence[str]) -> None:
    """Let what each of ``activities`` has due that morning, at its reader's own minute, be due at ``MORNING``,
    each for somebody else.
    """
    day = MORNING - timedelta(hours=1), MORNING + timedelta(hours=2)
    await own.execute(
        "UPDATE invitation SET next_at = $1 WHERE next_at BETWEEN $2 AND $3 AND activity_id = ANY($4)",
        MORNING,
        *day,
        activities,
    )
    await own_readers(own, MORNING, activities)
    await own.execute(
        "UPDATE invitation SET rung = 2 WHERE next_at = $1 AND activity_id = ANY($2)", MORNING, activities[::ESCALATES]
    )


async def own_readers(own: asyncpg.Connection, moment: datetime, activities: Sequence[str]) -> None:
    """Let every row of ``activities`` that is due at ``moment`` be somebody else's."""
    await own.execute(
        "CREATE FUNCTION pg_temp.id_of(text) RETURNS text LANGUAGE sql AS 'SELECT substr(md5($1), 1, 24)'"
    )
    for statement in _OWN_READERS:
        await own.execute(statement, moment, activities)


async def _until_done(scene: Scene, parts: dict[str, int], activities: int, eight: float) -> None:
    def costs() -> list[float]:
        return [
            cost_of(parts["worker"]).cpu,
            cost_of(parts["deliver"], parts["deliver2"]).cpu,
            scene.place.cost_of_prefect().cpu,
            scene.place.cost_of_postgres().cpu,
        ]

    before, told = costs(), 0.0
    ends: dict[str, float] = {}
    scene.post.arrived.clear()
    while len(ends) < 3:
        await asyncio.sleep(1)
        now = time.monotonic() - eight
        rows = await scene.own.fetchval(
            "SELECT count(*) FROM invitation WHERE next_at <= $1 AND state IN ('planned', 'sent', 'opened', 'draft')",
            MORNING,
        )
        mails = len(scene.post.arrived)
        # A mail that the second has brought is queued and due; those of the wakes that follow have their own moment.
        queued = await scene.own.fetchval(
            "SELECT count(*) FROM message WHERE mail IN ('reminder', 'call')"
            " AND (state = 'sending' OR state = 'queued' AND due_at <= $1)",
            await scene.opened.clock.now(),
        )
        asleep = await scene.own.fetchval(
            "SELECT count(DISTINCT activity_id) FROM plan_step WHERE step = 'goals' AND shown_at IS NULL"
        )
        busy = await scene.prefect.fetchval(BUSY)
        for name, left in (("rows", rows), ("mails", rows + queued), ("wakes", asleep + busy)):
            if not left:
                ends.setdefault(name, now)
        if now - told > 30:
            told = now
            print(f"  {now:4.0f} s: {rows} rows, {queued} mails, {asleep} wakes left; {mails} mails came", flush=True)
        if now > MOST_SECONDS:
            print(f"GIVEN UP after {now:.0f} s: {rows} rows, {queued} mails and {asleep} wakes are left.", flush=True)
            return
    worker, deliveries, prefect, database = (then - was for then, was in zip(costs(), before, strict=True))
    for name, most in (("rows", ROWS_SECONDS), ("mails", ROWS_SECONDS), ("wakes", WAKES_SECONDS)):
        goal(
            f"{activities} {name}",
            f"{ends[name]:.0f} s, {activities / ends[name]:.1f} per s",
            reached=ends[name] <= most,
            wanted=f"at most {most:.0f} s",
        )
    print(
        f"CPU: worker {worker:.0f} s, deliveries {deliveries:.0f} s, Prefect's server {prefect:.0f} s, "
        f"PostgreSQL {database:.0f} s\n",
        flush=True,
    )
