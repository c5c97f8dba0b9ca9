"""Everything that comes out of an installation in which everything that people could write is hostile.

Names of people, companies, schools and activities, and what was answered: then every page, mail, calendar, table,
workbook, paper and feed is made of it, and judged.
"""

from sqlalchemy import select

from models.tables.activities import Activity, Participation
from models.tables.asking import Submission
from models.tables.mail import Message, MessageState
from models.tables.network import Company, Contact, ContactKind, Person, Region, School
from models.text import Language
from sandwich.mail.needed import NO_ADDRESS
from sandwich.rehearsal.drive import RUN, Drive
from sandwich.rehearsal.letters import Letters
from sandwich.services.card_index import index_missing
from sandwich.services.exporting import export_rows
from sandwich.services.waking import run_of, take_run
from sandwich.sheets.writing import write_sheet
from tests.hostile import oracles
from tests.hostile.shapes import MARK
from tests.hostile.world import World


class _GoesOn(Drive):
    """The region's activities, whose run changes hands with every wake."""

    async def carry_one(self, activity_id: str) -> int:
        """Take the activity over and carry out what is due."""
        before = await run_of(self.runtime, activity_id)
        await take_run(self.runtime, activity_id, RUN, before.run_id)
        return await super().carry_one(activity_id)


async def poison(world: World) -> int:
    """Let everything that somebody is called be hostile; returns how many texts were put in."""
    hostile, number = world.hostile, 0

    def name(most: int = 120) -> str:
        nonlocal number
        number += 1
        # A database of either kind takes no half characters and no NUL: nothing that holds one could ever be kept.
        return "".join(one for one in hostile.kept(most) if one != "\0" and not "\ud800" <= one <= "\udfff")

    now = await world.runtime.clock.now()
    async with world.runtime.store.change(now=now, actor="hostile") as session:
        for person in await session.scalars(select(Person)):
            person.given_name, person.family_name, person.job_title = name(), name(), name()
        for company in await session.scalars(select(Company)):
            company.name, company.address = name(), name()
        for school in await session.scalars(select(School)):
            school.name = name()
        for region in await session.scalars(select(Region)):
            region.name = name()
        for contact in await session.scalars(select(Contact).where(Contact.kind == ContactKind.PHONE)):
            contact.address = name()
    async with world.runtime.store.read() as session:
        ids = list(await session.scalars(select(Activity.id)))
    for key in ids:
        async with world.runtime.store.change(now=now, actor="hostile", stream=key) as session:
            activity = await session.get_one(Activity, key)
            activity.title, activity.place = name(200), name(200)
            for said in await session.scalars(select(Submission).where(Submission.activity_id == key)):
                said.answers = {
                    field: name() if isinstance(value, str) and " " in value else value
                    for field, value in (said.answers or {}).items()
                }
    await index_missing(world.runtime)
    world.report.sent["names"] += number
    return number


async def rendered(world: World, *, of_each: int, turns: int) -> None:
    """Make everything of it: pages, feeds, calendars, papers and tables, and the mails of the next while."""
    await world.crawl(
        ["/board", "/board/outbox", "/board/figures"], world.signed_in, surface="pages", of_each=of_each, most=60
    )
    async with world.runtime.store.read() as session:
        walls = list(await session.scalars(select(School.wall_key)))
        people = list(await session.scalars(select(Participation.id).order_by(Participation.id)))
    for wall in walls[:of_each]:
        starts = [f"/wall/{wall}", f"/wall/{wall}?q={MARK}", f"/wall/{wall}/atom.xml", f"/wall/{wall}/calendar.ics"]
        await world.crawl(starts, (), surface="walls", of_each=of_each, most=15 * of_each)
    for key in people[:: max(1, len(people) // (5 * of_each))]:
        address, who = await world.enter(key, None, "own pages")
        starts = [address, f"{address}/data.json", f"{address}/calendar", f"{address}/certificate"]
        await world.crawl(starts, who, surface="own pages", of_each=1, most=14)
    for ending in ("", ".pdf", ".xlsx", ".csv"):
        await world.ask("GET", f"/board/figures/report{ending}", world.signed_in, surface="reports")
    await _exported(world)
    await _mailed(world, turns)


async def _exported(world: World) -> None:
    async with world.runtime.store.read() as session:
        region = (await session.scalars(select(Region).where(Region.code.not_like("hostile%")))).first()
        assert region is not None
        rows = await export_rows(session, world.runtime.library, region, Language.DUTCH)
    for ending, oracle in (("csv", oracles.table), ("xlsx", oracles.workbook)):
        path = world.runtime.settings.data / f"export.{ending}"
        path.unlink(missing_ok=True)
        write_sheet(path, rows)
        world.report.judge("exports", oracle(path.read_bytes()), path.name)


async def _mailed(world: World, turns: int) -> None:
    """Let so many moments come, and judge every mail that leaves; none may be impossible to word."""
    letters = Letters(world.runtime.clock)
    drive = _GoesOn(world.runtime, letters.line)
    for _ in range(turns):
        await drive.turn()
        following = await drive.next()
        if following is None:
            break
        await world.runtime.clock.set(following)
    for letter in letters.arrived:
        world.report.shown["mails"] += MARK.encode() in letter.mail.data.lower()
        world.report.judge("mails", oracles.mail(letter.mail.data, letter.mail.recipient), letter.mail.message_id)
    async with world.runtime.store.read() as session:
        # Who has no address (any more) is a call to the coordinator; that says nothing of the words.
        stuck = select(Message.id, Message.mail, Message.reason).where(
            Message.state == MessageState.FAILED, Message.reason.not_in(("bounced", NO_ADDRESS))
        )
        for key, mail, why in await session.execute(stuck):
            world.report.fail("mails", f"a mail that cannot be worded: {mail} ({why})", key)
