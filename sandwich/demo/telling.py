"""Tell the stories of the demo's region: everybody does what they do at its moment, all activities on one clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.story import Moment, Story, Usual, UsualWords
from models.tables.network import Person
from sandwich.definitions.load import load_file
from sandwich.demo.deeds import Deeds
from sandwich.rehearsal.playing import Playing
from sandwich.services.cool_down import Asking
from sandwich.services.start import start

FOLDER = Path(__file__).with_name("stories")
_USUAL = "usual-words.yaml"


@cache
def read_stories() -> tuple[Story, ...]:
    """Return the stories of the region, in the order of their keys."""
    stories = [load_file(path, Story) for path in FOLDER.glob("*.yaml") if path.name != _USUAL]
    return tuple(sorted(stories, key=lambda story: story.key))


def read_usual() -> Usual:
    """Return what people usually write."""
    return load_file(FOLDER / _USUAL, UsualWords).words


@dataclass(kw_only=True)
class Telling(Playing):
    """Stories that are being told. ``refused`` are addresses that the mail server does not take at the moment."""

    stories: Sequence[Story]
    usual: Usual
    refused: set[str]
    people: dict[str, str] = field(default_factory=dict)
    started: dict[str, str] = field(default_factory=dict)
    done: int = 0

    @property
    def whole(self) -> int:
        """How many moments there are."""
        return sum(1 + len(story.moments) for story in self.stories)

    async def tell(self, until: datetime, on_progress: Callable[[int, int], None]) -> None:
        """Tell everything up to a moment; ``on_progress`` is told how many moments have been, and of how many."""
        async with self.runtime.store.read() as session:
            rows = await session.execute(select(Person.code, Person.id).where(Person.code.is_not(None)))
            self.people = {str(code): key for code, key in rows}
        for story in self.stories:
            self.plan(self._local(story.starts.at), partial(self._start, story))
        for story in self.stories:
            for moment in story.moments:
                self.plan(self._local(moment.at), partial(self._do, story, moment))
        await self.run(until, lambda _moment: on_progress(self.done, self.whole))
        await self.runtime.clock.set(until)
        await self.turn()
        on_progress(self.whole, self.whole)

    def run_of(self, activity_id: str) -> str:
        """Return a run that Prefect never had: the repair gives the activity a new one."""
        return str(uuid5(NAMESPACE_OID, activity_id))

    async def _start(self, story: Story) -> None:
        actor, begins = self.people[story.starts.by], story.starts
        draft = story.draft
        if story.follows is not None:
            draft = draft.model_copy(update={"follows": self.started[story.follows]})
        self.started[story.key] = await start(
            self.runtime,
            draft,
            now=await self.now(),
            actor=actor,
            once=True,
            asking=Asking(actor, begins.reason, begins.owner_agrees),
        )
        self.done += 1

    async def _do(self, story: Story, moment: Moment) -> None:
        deeds = Deeds(self.runtime, story.key, self.started[story.key], self.people, self.usual, self.refused)
        await deeds.do(moment)
        self.done += 1
        await self.turn()

    def _local(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=ZoneInfo(self.runtime.settings.timezone))
