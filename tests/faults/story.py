"""A short life of one activity, told in beats that can be begun again: what dies half-way is taken up by the next one.

The people in it do what people do after a crash: look whether it is there, or press the button once more.
"""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select

from models.draft import ActivityDraft
from models.tables.activities import Activity, ActivityStatus, Participation
from models.tables.asking import Invitation, Submission, Via
from models.tables.incoming import Came, Incoming
from models.tables.mail import Call, Message, MessageState
from models.tables.network import Person
from models.tables.running import Lease
from sandwich.clock import Clock, real_now
from sandwich.errors import RunReplaced
from sandwich.failpoints import PLACES
from sandwich.incoming.handle import handle_new
from sandwich.incoming.keep import keep
from sandwich.mail import deliver
from sandwich.mail.tags import Tag, Use
from sandwich.rehearsal.filling import fill_in
from sandwich.rules.slots import slot_around
from sandwich.runtime import Runtime
from sandwich.services import advance, carry_out, collect, halting, moving, remind, settled, start, uploads, waking
from sandwich.services.answer_by_mail import WORDS
from sandwich.services.asking import asked_form
from sandwich.services.backup import back_up, restore
from sandwich.services.erase import erase_person
from sandwich.services.hold import release
from sandwich.services.outbox import queue
from sandwich.store import Store
from sandwich.store.replay import differences, replay, tables, verify
from sandwich.web.app import make_app
from tests.faults.check import owner_of
from tests.faults.journal import Journal, own_link, parsed
from tests.support.cast import Cast
from tests.support.driver import A1, CLOCK, local
from tests.support.page import Page

BASE = "http://127.0.0.1:8000"
MARKUP = "<i>kapot</i>"
REASON = f"Machine {MARKUP} & hal dicht"
RUN = "run-1"
DAYS = ("2026-11-05", "2026-11-12")
"""The days that are proposed."""

ELSEWHERE = frozenset(
    {  # only where Prefect is, see test_prefect_crashes
        *("step-committed", "step-shown", "progress-shown", "run-parked", "run-claimed"),
        *("run-made", "run-taken", "run-released", "run-ended", "wake-sent"),
    }
)
PROGRAMS = frozenset({"notice-claimed", "notice-answered", "request-carried-out"})
"""Only where programs are told or served, see ``tests/api/test_dying.py``."""

HERE = frozenset(PLACES) - ELSEWHERE - PROGRAMS


@dataclass
class Story:
    """One telling. Everything that must be known after a crash is in the database, the journal or the sink's log."""

    runtime: Runtime
    journal: Journal
    sink: Journal
    cast: Cast = field(init=False)
    number: int = 1
    run: str = RUN
    mails_leave: bool = True
    shift: timedelta = timedelta(0)  # by how many weeks the season lies after the one of autumn 2026

    @property
    def title(self) -> str:
        """The activity's title."""
        return f"Prefab bouwen {self.number}"

    async def tell(self, beats: "tuple[Beat, ...]") -> None:
        """Tell it from where it stopped."""
        self.cast = await Cast.read(self.runtime)
        if self.shift and not self.journal.has("beat"):
            await self.runtime.clock.set(self.at("2026-09-24 10:00"))
        await self._end_leases()
        for beat in beats:
            name = f"{self.number}:{beat.__name__}"
            if not self.journal.has("beat", name=name):
                await beat(self)
                await self.read()
                self.journal.write("beat", name=name)

    async def _end_leases(self) -> None:
        """Let the time pass after which a dead process counts as dead."""
        async with self.runtime.store.maintain() as session:
            for lease in await session.scalars(select(Lease)):
                lease.until = real_now() - timedelta(seconds=1)

    async def read(self) -> None:
        """Be the reader who remembers which answers there were."""
        async with self.runtime.store.read() as session:
            self.journal.write("seen", submissions=list(await session.scalars(select(Submission.id))))

    # what the machine does

    async def happen(self) -> None:
        """Let everything happen that is due now."""
        activity = await self.activity()
        for _ in range(50):
            steps = await self.steps(activity.id) if activity else 0
            rows = await remind.handle_due(self.runtime)
            mails = await deliver.deliver_due(self.runtime) if self.mails_leave else 0
            if not (steps or rows or mails):
                return
        raise AssertionError("something stays due")

    async def steps(self, activity_id: str, run: str | None = None) -> int:
        """Carry out what is due, as the flow does."""
        outlook = await advance.look_ahead(self.runtime, activity_id)
        for step in outlook.due:
            await carry_out.carry_out(self.runtime, activity_id, step.key, run or self.run)
            await advance.look_ahead(self.runtime, activity_id, run or self.run, [step.key])
            self.journal.write("carried", activity=activity_id, step=step.key, run=run or self.run)
        return len(outlook.due)

    def at(self, moment: str) -> datetime:
        """Return a local moment of this season, written as one of autumn 2026."""
        day, _, clock = moment.partition(" ")
        return local(f"{(date.fromisoformat(day) + self.shift).isoformat()} {clock}")

    async def to(self, moment: str) -> None:
        """Let time pass up to a local moment of this season, everything happening when it is due."""
        await self.until(self.at(moment))

    async def past_slot(self) -> None:
        """Let the slot pass that has begun, if one has: each reader has a minute of it."""
        slot = slot_around(await self.now(), CLOCK)
        await self.until(slot[1] if slot else await self.now())

    async def until(self, until: datetime) -> None:
        """Let time pass up to a moment, everything happening when it is due."""
        await self.happen()
        while True:
            async with self.runtime.store.read() as session:
                following = (await settled.look(session, await self.now())).next_at
            if following is None or following > until:
                break
            await self.runtime.clock.set(following + timedelta(seconds=1))
            await self.happen()
        if until > await self.now():
            await self.runtime.clock.set(until)
        await self.happen()

    async def now(self) -> Any:
        """Return the moment that it is."""
        return await self.runtime.clock.now()

    async def activity(self) -> Activity | None:
        """Return the activity, where it was started."""
        async with self.runtime.store.read() as session:
            return await session.scalar(select(Activity).where(Activity.title == self.title))

    async def activity_id(self) -> str:
        """Return the activity's id."""
        activity = await self.activity()
        assert activity is not None
        return activity.id

    # what people do

    async def begin(self, **changes: Any) -> None:
        """Start the activity, unless it is on the board already."""
        if await self.activity() is None:
            dates = [{"start": self._typed(f"{day} 13:30"), "end": self._typed(f"{day} 16:30")} for day in DAYS]
            known = {**A1, "teachers": ["T2", "T3"], "title": self.title, "dates": dates}
            draft = ActivityDraft.model_validate({**known, **changes})
            await start.start(self.runtime, draft, now=await self.now(), actor=self.cast.id("C1"))
        self.journal.write("started", title=self.title)
        await waking.take_run(self.runtime, await self.activity_id(), self.run, None)

    def _typed(self, moment: str) -> str:
        return f"{self.at(moment):%Y-%m-%d %H:%M}"

    async def invitation(self, code: str, form: str) -> Invitation:
        """Return somebody's newest invitation to a form."""
        async with self.runtime.store.read() as session:
            found = await session.scalar(
                select(Invitation)
                .join(Participation, Participation.id == Invitation.participation_id)
                .where(
                    Invitation.activity_id == await self.activity_id(),
                    Invitation.form == form,
                    Participation.person_id == self.cast.id(code),
                )
                .order_by(Invitation.occurrence.desc(), Invitation.asked_at.desc())
                .limit(1)
            )
        assert found is not None, f"{code} was not asked {form}"
        return found

    async def answer(
        self, code: str, form: str, marker: str = "", *, action: str = "send", **changes: str | list[str]
    ) -> None:
        """Answer from the mail; where none arrived, the coordinator phones. After a crash: the same button again."""
        invitation = await self.invitation(code, form)
        key = f"{self.number}:{code}:{form}:{action}"
        done = "drafted" if action == "draft" else "told"
        if self.journal.has(done, id=key):
            return
        asked = await asked_form(self.runtime, invitation.id, await self.now())
        named = {await self._field(name): value for name, value in changes.items()}
        fields = fill_in(asked.form, asked.rows, asked.prefilled, named)
        if marker:
            fields[next(q.key for q in asked.form.questions if q.type.value == "long")] = [marker]
        person = self.cast.id(code)
        async with self.runtime.store.read() as session:
            owner = await owner_of(session, invitation.id)
        link = self.link(self.cast.mail(code))
        about = {"id": key, "invitation": invitation.id, "marker": marker, "person": person, "owner": owner}
        if link is None:
            self.journal.write("try", **about)
            outcome = await collect.submit(
                self.runtime, invitation.id, fields, now=await self.now(), key=key, via=Via.PHONE
            )
            assert outcome.accepted, outcome
            self.journal.write("told", **about)
            return
        await self._by_page(link, invitation.id, fields, action, done, about)

    async def _by_page(
        self, link: str, invitation_id: str, fields: dict[str, list[str]], action: str, done: str, about: dict[str, Any]
    ) -> None:
        async with self.browser() as client:
            kept = next((one for one in self.journal.read("page") if one["id"] == about["id"]), None)
            if kept is None:
                kept = await self._opened(client, link, invitation_id, fields, action)
                self.journal.write("page", id=about["id"], **kept)
            if action != "draft":
                self.journal.write("try", **about)
            await self.wait_for_the_moment()
            answer = await post_page(client, kept)
            assert answer.status_code == 200, f"{answer.status_code}: {Page(answer.text).text[:3000]}"
            assert ("/kept/" if action == "draft" else "/thanks/") in answer.url.path, Page(answer.text).text[:3000]
            self.journal.write(done, **about)

    async def _opened(
        self, client: httpx.AsyncClient, link: str, invitation_id: str, fields: dict[str, list[str]], action: str
    ) -> dict[str, Any]:
        came = await client.get(f"/f/{link}")
        assert came.status_code == 200, came.text[:500]
        base = came.url.path
        page = Page(came.text)
        if not any("/f/" in form.action and invitation_id in form.action for form in page.forms):
            other = await client.get(f"{base.removesuffix('/')}/ask/{invitation_id}")
            page = Page(other.text) if other.status_code == 200 else page
        form = page.form("/f/")
        hidden = {name: values for name, values in form.fields.items() if name.startswith("_")}
        data = {**hidden, **fields, "_action": ["draft" if action == "draft" else "send"], "_who": ["self"]}
        return {"action": form.action, "data": data}

    async def wait_for_the_moment(self) -> None:
        """Wait, with the page open, until it is to be sent."""

    def browser(self) -> httpx.AsyncClient:
        """Return a browser."""
        transport = httpx.ASGITransport(make_app(self.runtime))
        return httpx.AsyncClient(transport=transport, base_url=BASE, follow_redirects=True, timeout=30)

    async def _field(self, name: str) -> str:
        return ".".join(one.replace("date_", "date-").replace("new_", "new-") for one in name.split("__"))

    def link(self, address: str) -> str | None:
        """Return the newest link that was mailed to somebody about this activity."""
        found = None
        for entry in self.sink.read("mail"):
            if entry["to"] == address and entry["code"] == 250:
                mail = parsed(entry)
                if self.title not in " ".join(str(mail["Subject"]).split()):
                    continue
                found = own_link(mail) or found
        return found


async def post_page(client: httpx.AsyncClient, kept: dict[str, Any]) -> httpx.Response:
    """Send a page that was filled in."""
    files = [(name, (None, value)) for name, values in kept["data"].items() for value in values]
    return await client.post(kept["action"], files=files, headers={"Origin": str(client.base_url).rstrip("/")})


Beat = Callable[[Story], Awaitable[None]]


async def begins(story: Story) -> None:
    """24 September: the coordinator starts."""
    await story.begin()


async def asks_host(story: Story) -> None:
    """The host is asked for a date."""
    await story.to("2026-09-25 11:00")


async def dated(story: Story) -> None:
    """The host chooses."""
    await story.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")
    await story.happen()


async def fixes_date(story: Story) -> None:
    """The host chooses; the mails of the first steps leave."""
    await dated(story)
    await story.to("2026-10-08 10:00")


async def answers(story: Story) -> None:
    """Some answer, one sends a file, one asks what is known of her."""
    await story.answer("T2", "registration", attend="yes")
    await story.answer("L1", "approval")
    terms = await story.invitation("P3", "task-division")
    digest = hashlib.sha256(b"a photo").hexdigest()
    photo = uploads.NewFile("photo", "hal.jpg", "image/jpeg", b"a photo", digest)
    await uploads.keep(story.runtime, terms.id, [photo], now=await story.now())
    story.journal.write("kept", digest=digest)
    participation = (await story.invitation("T2", "registration")).participation_id
    typed = fill_in(story.runtime.library.resolved("change"), {}, {}, {"what": "other", "remark": REASON})
    outcome = await collect.report_change(
        story.runtime, participation, "change", typed, now=await story.now(), key="shoes"
    )
    assert outcome.accepted, outcome
    await _machine_answers(story)
    await _replies(story)


async def _replies(story: Story) -> None:
    """T3 asks something by reply; brought again after a crash it is the same mail, and one call."""
    invitation = await story.invitation("T3", "registration")
    asking = select(Message.id).where(Message.invitation_id == invitation.id).order_by(Message.queued_at, Message.id)
    calling = select(Call).where(Call.what == WORDS, Call.activity_id == invitation.activity_id)
    async with story.runtime.store.read() as session:
        message_id = await session.scalar(asking.limit(1))
    sender, number = story.cast.mail("T3"), f"{story.number}-reply"
    raw = f"From: {sender}\r\nMessage-ID: <{number}@x.example>\r\n\r\nMag mijn stagiair mee?\r\n".encode()
    await keep(story.runtime, Tag(Use.REPLY, str(message_id)), sender, raw)
    await handle_new(story.runtime)
    async with story.runtime.store.read() as session:
        assert len((await session.scalars(calling)).all()) == 1


async def _machine_answers(story: Story) -> None:
    """A machine answers for T2; brought again after a crash it is the same mail."""
    raw = f"From: {story.cast.mail('T2')}\r\nMessage-ID: <{story.number}@x.example>\r\n\r\nOntvangen.\r\n".encode()
    await keep(story.runtime, Tag(Use.CALENDAR, await story.activity_id()), "", raw)
    await handle_new(story.runtime)
    async with story.runtime.store.read() as session:
        came = await session.scalars(select(Incoming).where(Incoming.activity_id == await story.activity_id()))
        assert [row.kind for row in came if row.kind is not Came.REPLY] == [Came.AUTOMATIC]


async def reminded(story: Story) -> None:
    """T3 is to be reminded, and answers while the reminder lies in the outbox."""
    invitation = await story.invitation("T3", "registration")
    if invitation.next_at is not None and not story.journal.has("told", id=f"{story.number}:T3:registration:send"):
        due = invitation.next_at
        story.mails_leave = False
        if due > await story.now():
            await story.runtime.clock.set(due + timedelta(seconds=5))
        await remind.handle_due(story.runtime)
        story.mails_leave = True
    await story.answer("T3", "registration", attend="yes")
    await story.past_slot()


async def moved(story: Story) -> None:
    """The coordinator moves the visit by a week, with a reason that people read."""
    activity = await story.activity()
    assert activity is not None
    span = (story.at("2026-11-12 13:30"), story.at("2026-11-12 16:30"))
    if not activity.moves:
        await moving.move(story.runtime, activity.id, [span], REASON, now=await story.now(), actor=story.cast.id("C1"))
    await story.to("2026-10-13 12:00")


async def winter(story: Story) -> None:
    """The clocks go back; ladders go on at half past eight."""
    await story.to("2026-10-30 12:00")
    await story.answer("T2", "goals", action="draft", purpose="trends")
    await story.answer("T2", "goals")


async def poisoned(story: Story) -> None:
    """A mail that cannot be worded lies in the outbox, before one that can."""
    activity_id = await story.activity_id()
    now = await story.now()
    async with story.runtime.store.change(now=now, actor="test", stream=activity_id) as session:
        await queue(
            session,
            key=f"{activity_id}:poison",
            mail="no-such-mail",
            person_id=story.cast.id("T2"),
            activity_id=activity_id,
            due_at=now,
            now=now,
        )
    await story.happen()


async def concept(story: Story) -> None:
    """Somebody makes a concept from Prefect's form; it is in nobody's way."""
    story_now = await story.now()
    if story.journal.has("concept"):
        return
    await start.make_concept(
        story.runtime, "company-visit", "S1", "B3", "C1", [(story_now + timedelta(days=90)).date()], "trends", 8
    )
    story.journal.write("concept")


async def second(story: Story) -> None:
    """A second activity is started and cancelled."""
    other = replace(story, number=story.number + 1, run="run-of-another")
    other.cast = story.cast
    await other.begin(dates=[{"start": "2026-12-10 13:30", "end": "2026-12-10 16:30"}])
    activity = await other.activity()
    assert activity is not None
    if activity.status is not ActivityStatus.CANCELLED:
        await halting.cancel(story.runtime, activity.id, "", now=await story.now(), actor=story.cast.id("C1"))
    await other.happen()


async def cancelled(story: Story) -> None:
    """The coordinator cancels; everybody hears of it."""
    activity = await story.activity()
    assert activity is not None
    if activity.status is not ActivityStatus.CANCELLED:
        await halting.cancel(story.runtime, activity.id, REASON, now=await story.now(), actor=story.cast.id("C1"))
    story.journal.write("cancelled", activity=activity.id)
    await story.to("2026-11-03 12:00")


async def erased(story: Story) -> None:
    """T3 wants to be forgotten."""
    known = story.cast.people.get("T3")
    async with story.runtime.store.read() as session:  # who is erased has no code: after a kill they are found so
        gone = await session.scalar(select(Person.id).where(Person.erased_on.is_not(None)))
    who = known.id if known is not None else gone
    assert who is not None
    await erase_person(story.runtime, who, now=await story.now(), actor=story.cast.id("C1"))


async def restored(story: Story) -> None:
    """Everything is backed up and put back elsewhere, where no mail leaves before a person has looked."""
    folder = story.runtime.settings.data / "elsewhere"
    archive = folder / "backup.sandwich"
    if not archive.exists():
        now = await story.now()
        key = f"{await story.activity_id()}:waits"
        async with story.runtime.store.change(now=now, actor="test", stream=await story.activity_id()) as session:
            person, about = story.cast.id("T2"), await story.activity_id()
            await queue(session, key=key, mail="day-reminder", person_id=person, activity_id=about, due_at=now, now=now)
        await back_up(story.runtime, archive)
    settings = story.runtime.settings.model_copy(update={"data": folder})
    await restore(settings, archive, overwrite=True)
    store = Store(settings.store_url)
    try:
        there = replace(story.runtime, settings=settings, store=store, clock=Clock(store))
        assert await deliver.deliver_due(there) == 0, "mail left that nobody released"
        now = await there.clock.now()
        await release(there, now=now, actor="test", discard_until=now, anyway=True)
        assert await deliver.deliver_due(there) == 0, "mail left that was thrown away"
        async with store.read() as session:
            assert (await verify(session)).ok
            assert differences(await replay(session), await tables(session)) == []
    finally:
        await store.close()
    now, stream = await story.now(), await story.activity_id()
    async with story.runtime.store.change(now=now, actor="test", stream=stream) as session:
        for row in await session.scalars(select(Message).where(Message.key.endswith(":waits"))):
            row.state = MessageState.DISCARDED


WHOLE: tuple[Beat, ...] = (
    begins,
    asks_host,
    fixes_date,
    answers,
    reminded,
    moved,
    winter,
    poisoned,
    concept,
    second,
    cancelled,
    restored,
    erased,
)


# what only shows something wrong


async def begins_two(story: Story) -> None:
    """Two activities are started at one moment, so that two mails leave in one round."""
    other = replace(story, number=story.number + 1, run="run-of-another")
    other.cast = story.cast
    for one in (story, other):
        await one.begin()
    for one in (story, other):
        await one.steps(await one.activity_id(), one.run)
    await story.past_slot()


async def looks(story: Story) -> None:
    """A link scanner opens the host's link, twice."""
    await story.to("2026-09-25 11:00")
    link = story.link(story.cast.mail("P3"))
    assert link is not None
    async with story.browser() as client:
        for _ in range(2):
            assert (await client.get(f"/f/{link}")).status_code == 200


async def strays(story: Story) -> None:
    """T2 tries what was asked of the host, behind the own link."""
    host = await story.invitation("P3", "date-poll")
    link = story.link(story.cast.mail("T2"))
    assert link is not None
    async with story.browser() as client:
        own = await client.get(f"/f/{link}")
        other = await client.get(f"{own.url.path.partition('/ask/')[0]}/ask/{host.id}")
    if other.status_code == 200:
        story.journal.write("shown", id="stray", person=story.cast.id("T2"), owner=story.cast.id("P3"))


async def autumn(story: Story) -> None:
    """The clocks go back while people are being reminded."""
    await story.to("2026-10-26 12:00")


async def zombie(story: Story) -> None:
    """A run that was replaced while it stood still goes on as if nothing had happened."""
    activity_id = await story.activity_id()
    await waking.take_run(story.runtime, activity_id, "run-2", RUN)
    activity = await story.activity()
    assert activity is not None
    assert activity.wake_at is not None
    await story.runtime.clock.set(activity.wake_at + timedelta(seconds=1))
    outlook = await advance.look_ahead(story.runtime, activity_id)
    assert outlook.due
    with suppress(RunReplaced):
        await carry_out.carry_out(story.runtime, activity_id, outlook.due[0].key, RUN)
        story.journal.write("carried", activity=activity_id, step=outlook.due[0].key, run=RUN, after_taken=True)
    story.run = "run-2"
    await story.happen()


async def jumps_back(story: Story) -> None:
    """The clock jumps back a day, and is put right again later."""
    for days in (-1, 1):
        await story.runtime.clock.set(await story.now() + timedelta(days=days))
        await story.happen()


async def jumps_ahead(story: Story) -> None:
    """The clock jumps a year ahead: everything that was to come is due at once."""
    await story.runtime.clock.set(await story.now() + timedelta(days=365))
    await story.happen()
