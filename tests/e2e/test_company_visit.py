"""A whole company visit with real processes: command line, mail, links, pages, clock, Prefect."""

import os
from collections import Counter
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from sandwich.rules.slots import slot_around
from tests.e2e import story as told
from tests.e2e.prefect_side import completed_steps, runs_of
from tests.e2e.story import FIRST, MAILBOX, NAMES, NEW_CARD, THERE, Story
from tests.e2e.world import AMSTERDAM, Mail, a_world
from tests.support.databases import Databases
from tests.support.driver import CLOCK
from tests.support.worded import in_one_line

pytestmark = [pytest.mark.timeout(1500), pytest.mark.end_to_end]

A1 = Path(__file__).resolve().parents[2] / "examples" / "a1.yaml"

STEPS = (
    "request",
    "date",
    "invitation",
    "release",
    "goals",
    "task-division",
    "goals-to-host",
    "practical-info",
    "day-reminder",
    "attendance",
    "field-note",
    "thank-you",
    "evaluation",
    "impressions",
    "host-preview",
    "publish",
    "feedback",
    "impact-check",
    "result-to-host",
)

DAY = "donderdag 5 november"
INVITED = f"ga je mee op {DAY}?"
GOALS = "wat wil jij leren?"
BOTH = "2 vragen aan jou"
SHARE = "deel je indrukken met je collega's"
REMINDED = "herinnering, "

POOLS = ("sandwich", "process") if os.environ.get("EVERY_DATABASE") else ("sandwich",)
"""Whose worker carries the visit: ours, and for who has the time Prefect's own, of which each wake is a process."""

OVERVIEW = "weekoverzicht"
ALONE = (OVERVIEW, "je inlogcode")
"""What mails about no activity ask."""

PHOTO = '<div class="impression__photos">'
"""Where the photos of a card stand on its page."""

IN_SLOT = "~"
"""Behind a moment: in the slot that begins then, where each reader has a minute."""

WITH_RELEASE: list[tuple[str, str, tuple[str, ...]]] = [
    # when (local time), ask, to whom
    ("2026-09-24 09:55", "je inlogcode", ("C1",)),
    ("2026-09-24 10:00~", "kunt u 12 docenten ontvangen?", ("P3",)),
    ("2026-10-01 10:00~", INVITED, FIRST),
    ("2026-10-01 10:00~", "mogen 2 docenten mee?", ("L1", "L3")),
    ("2026-10-01 10:00~", "mogen 4 docenten mee?", ("L2",)),
    ("2026-10-01 10:00~", f"wie is er weg op {DAY}?", ("R1",)),
    ("2026-10-01 14:00", "actie nodig, Fatima Aouragh vraagt om vervanging", ("C1",)),
    ("2026-10-01 14:30", "actie nodig, Marleen Duijvestein vraagt om vervanging", ("C1",)),
    ("2026-10-05 08:00~", REMINDED + INVITED, ("T10",)),
    # What the coordinator leaves lying for two working days goes to the deputy.
    ("2026-10-05 14:00", "actie nodig, Fatima Aouragh vraagt om vervanging", ("C2",)),
    ("2026-10-05 14:30", "actie nodig, Marleen Duijvestein vraagt om vervanging", ("C2",)),
    ("2026-10-06 08:00~", REMINDED + "mogen 4 docenten mee?", ("L2",)),
    ("2026-10-08 10:00~", GOALS, FIRST),
    ("2026-10-08 10:00~", "wie doet wat?", ("P3",)),
    ("2026-10-09 08:00~", REMINDED + "mogen 4 docenten mee?", ("L2",)),
    ("2026-10-12 08:00~", REMINDED + GOALS, ("T5", "T10")),
    ("2026-10-12 09:00", "actie nodig, Piet Brouwer vraagt om vervanging", ("C1",)),
    ("2026-10-13 11:00", "tegenvoorstel van Koen Korteweg", ("C1",)),
    ("2026-10-14 09:00", "actie nodig, Piet Brouwer vraagt om vervanging", ("C2",)),
    ("2026-10-15 11:00", "actie nodig, tegenvoorstel van Koen Korteweg", ("C2",)),
    ("2026-10-16 08:00~", REMINDED + GOALS, ("T5", "T10")),
    ("2026-10-16 10:00~", "dit willen de docenten bij u leren", ("P3",)),
    # One mail a day: what was agreed at noon leaves on Monday.
    ("2026-10-19 08:00~", "akkoord, zo doen we het", ("P3",)),
    # The autumn holiday (17 to 25 October) stops the teachers' clock: the call comes after it.
    ("2026-10-26 08:00", "actie nodig, bel Lotte Schipper", ("C1",)),
    ("2026-10-27 10:00", "actie nodig, Sanne Hofstra kan niet komen", ("C1",)),
    ("2026-10-27 10:00", "er komen nu 7 docenten", ("P3",)),
    ("2026-10-27 10:00~", BOTH, ("T9",)),
    ("2026-10-27 10:00~", "mag 1 docent mee?", ("L1",)),
    ("2026-10-29 08:00", f"alles voor {DAY}", (*THERE, "P3")),
    ("2026-11-04 09:00", "morgen om 13:30", (*THERE, "P3")),
    ("2026-11-05 08:00", "wie is er vandaag?", ("T2",)),
    ("2026-11-05 16:30", "wat nam je mee?", THERE),
    ("2026-11-06 08:00~", REMINDED + "wat nam je mee?", ("T3", "T6", "T7", "T8", "T9", "T10")),
    ("2026-11-06 08:00", "bedankt!", ("P3",)),
    ("2026-11-10 10:00~", BOTH, THERE),
    ("2026-11-10 10:00~", "hoe was het voor u? (4 minuten)", ("P3",)),
    ("2026-11-13 08:00~", REMINDED + SHARE, ("T5", "T7", "T9", "T10")),
    ("2026-11-13 08:00~", REMINDED + "nog 2 vragen", ("T3",)),
    ("2026-11-17 10:00~", "mogen wij dit delen?", ("P3",)),
    ("2026-11-18 08:00~", REMINDED + "nog 2 vragen", ("T3",)),
    ("2026-11-18 10:00~", NEW_CARD, ("S1", "S2")),
    ("2026-11-20 10:00~", "wat de docenten bij u leerden", ("P3",)),
    ("2026-11-20 10:00~", "zo kijkt de groep terug", THERE),
    ("2026-11-20 10:00~", "wat het jouw school opleverde", ("L1", "L2", "L3")),
    # The third school hears every two weeks of everything that is new.
    ("2026-11-24 08:00~", "een nieuwe kaart van collega's", ("S3",)),
    # Seven weeks after the visit is 24 December; the second school day after the holiday is 5 January.
    ("2027-01-05 10:00~", "wat heb je ermee gedaan? (3 minuten)", THERE),
    ("2027-01-08 08:00~", REMINDED + "wat heb je ermee gedaan?", ("T3",)),
    ("2027-01-13 08:00~", REMINDED + "wat heb je ermee gedaan?", ("T3",)),
    ("2027-01-19 08:00~", "wat uw bijdrage heeft opgeleverd", ("P3",)),
]

IN_SILENCE = [row for row in WITH_RELEASE if row[0] < "2026-11-11"] + [
    ("2026-11-13 08:00~", REMINDED + "hoe was het?", ("T2",)),
    ("2026-11-13 08:00~", REMINDED + "nog 2 vragen", THERE[1:]),
    ("2026-11-17 08:00~", REMINDED + "nog 2 vragen", ("P3",)),
    ("2026-11-18 08:00~", REMINDED + "hoe was het?", ("T2",)),
    ("2026-11-18 08:00~", REMINDED + "nog 2 vragen", THERE[1:]),
    # The day before its host was reminded, and one mail a day is enough.
    ("2026-11-18 10:00~", "mogen wij dit delen?", ("P3",)),
    ("2026-11-20 10:00~", "zo kijkt de groep terug", THERE),
    ("2026-11-20 10:00~", "wat het jouw school opleverde", ("L1", "L2", "L3")),
    ("2026-11-23 08:00~", REMINDED + "nog 2 vragen", ("P3",)),
    # Two mails a week are enough, too.
    ("2026-11-24 10:00~", "wat de docenten bij u leerden", ("P3",)),
    ("2026-11-25 08:00", "actie nodig, bel Koen Korteweg", ("C1",)),
    # Five working days of silence, counted from the day that the card reached the host. Its author shares with the own
    # school, so the others have nothing to read.
    ("2026-11-25 10:00~", NEW_CARD, ("S1",)),
]
"""The same until the evaluation; then nobody but one teacher answers, and the host says nothing of the card."""


def test_a_visit_from_start_to_end(tmp_path: Path) -> None:
    with a_world(tmp_path, "--empty") as world:
        story = Story(world)
        story.logs_in()
        story.starts(A1)
        _before(story)
        _during(story)
        _after(story)

        assert_mails(story, WITH_RELEASE)
        assert_threads(story)
        assert_words(story)
        assert_answers(story)
        status = story.status()
        assert status["line"]["status"] == "finished"
        assert status["line"]["dots"] == dict.fromkeys(("goals", "task_division", "share", "feedback"), "done")
        assert {step["key"]: step["state"] for step in status["steps"]} == dict.fromkeys(STEPS, "done")
        assert Counter(completed_steps(world, story.activity)) == Counter(STEPS)
        states = Counter(run["state_type"] for run in runs_of(world, story.activity))
        assert states == Counter({"COMPLETED": 1})
        assert world.sandwich("audit", "verify")


@pytest.mark.parametrize("pool", POOLS)
def test_a_host_who_keeps_silent(tmp_path: Path, shared_databases: Databases, pool: str) -> None:
    environ = {"SANDWICH_WORK_POOL_TYPE": pool}
    with a_world(tmp_path, "--empty", environ=environ, database=shared_databases.empty()) as world:
        story = Story(world)
        story.logs_in()
        story.starts(A1)
        _before(story)
        _during(story)
        world.go("2026-11-10 12:00")
        secret = told.impressions("T2") | {
            "insight_2": "Koen Korteweg laat alles zelf zien.",
            "insight_3": "In hal 2 staat een nieuwe zaagrobot.",
            "photo_consent": "yes",
        }
        story.answers("T2", BOTH, secret, title="Deel je indrukken", pictures={"photo": told.photo()})
        world.go("2026-11-25 12:00")
        assert_mails(story, IN_SILENCE)
        page = story.card("S1")
        for words in ("Een muur is daar in elf minuten klaar", "De tekening stuurt de zaag.", "nog niet gereageerd"):
            assert words in page, words
        for words in ("Koen", "hal 2", PHOTO):
            assert words.lower() not in page.lower(), words
        for school in ("Het Kompas vmbo", "Groene Horst vmbo-groen"):
            wall = story.wall(school)
            assert "Er staat nog niets op de muur." in wall, school
            assert "elf minuten" not in wall, school
        assert story.status()["line"]["dots"]["share"] == "done"
        shown = Counter(completed_steps(world, story.activity))
        assert shown["publish"] == 1
        assert set(shown.values()) == {1}


def _before(story: Story) -> None:
    world = story.world
    world.go("2026-09-28 11:00")
    story.answers(
        "P3",
        "kunt u 12 docenten ontvangen?",
        {"dates.date-1.answer": "suits", "dates.date-2.answer": "impossible", "dates.date-3.answer": "if-needed"},
    )
    world.go("2026-10-01 14:00")
    for teacher in FIRST[:-1]:
        story.answers(teacher, INVITED, {"attend": "yes"})
    approve(story, "L1", "mogen 2 docenten mee?")
    # Calls of seconds apart may reach somebody in one mail, or in two.
    world.go("2026-10-01 14:30")
    approve(story, "L3", "mogen 2 docenten mee?")
    world.go("2026-10-05 12:00")
    story.answers("T10", REMINDED + INVITED, {"attend": "yes"})
    world.go("2026-10-08 15:00")
    for teacher in ("T2", "T3", "T4", "T6", "T7", "T8"):
        story.answers(teacher, GOALS, told.goals(teacher))
    world.go("2026-10-12 09:00")
    approve(story, "L2", REMINDED + "mogen 4 docenten mee?")
    world.go("2026-10-13 11:00")
    story.answers("P3", "wie doet wat?", told.terms("changes", group="8"))
    world.go("2026-10-16 12:00")
    story.does("agreement", "", {})
    story.answers("T5", REMINDED + GOALS, told.goals("T5"))  # late: wanted before the 16th
    world.go("2026-10-20 10:00")
    story.answers("P3", "dit willen de docenten bij u leren", told.PRACTICAL)
    world.go("2026-10-26 09:00")
    phone_in(story, "T10", "goals", told.goals("T10"))
    world.go("2026-10-27 10:00")
    leaves(story, "T4", GOALS)
    world.go("2026-10-27 11:00")
    leaver = participation(story, "T4")
    follower = story.opens("replace", leaver).option("person", "Daan Rietveld")
    story.does("replace", leaver, {"person": follower})
    world.go("2026-10-27 12:00")
    approve(story, "L1", "mag 1 docent mee?")
    story.answers("T9", BOTH, {"attend": "yes"}, title="Doe je mee?")
    story.answers("T9", BOTH, told.goals("T9"), title="Wat wil jij leren?")


def _during(story: Story) -> None:
    world = story.world
    world.go("2026-11-05 16:45")
    people = {f"present.{participation(story, code)}.status": "present" for code in THERE}
    story.answers("T2", "wie is er vandaag?", dict(people))
    for teacher in ("T2", "T5"):
        story.answers(teacher, "wat nam je mee?", told.FIELD_NOTE)


def _after(story: Story) -> None:
    world = story.world
    world.go("2026-11-11 12:00")
    story.answers("P3", "hoe was het voor u? (4 minuten)", told.HOST_EVALUATION)
    story.answers("P3", "hoe was het voor u? (4 minuten)", told.HOST_HOURS, title="Uw uren")
    for teacher in THERE:
        if teacher != "T3":
            story.answers(teacher, BOTH, told.evaluation(), title="Hoe was het?")
    seen = told.impressions("T2") | {"photo_consent": "yes"}
    story.answers("T2", BOTH, seen, title="Deel je indrukken", pictures={"photo": told.photo()})
    for teacher in ("T6", "T8"):
        story.answers(teacher, BOTH, told.impressions(teacher), title="Deel je indrukken")
    world.go("2026-11-13 12:00")
    for teacher in ("T5", "T7", "T9", "T10"):
        story.answers(teacher, REMINDED + SHARE, told.impressions(teacher))
    world.go("2026-11-18 09:30")
    story.answers("P3", "mogen wij dit delen?", {"release": "released", "photos": "yes"})
    world.go("2026-11-18 12:00")
    page = story.card("S1")
    for words in ("Een muur is daar in elf minuten klaar", "De tekening stuurt de zaag.", "een wand van 1 : 10", PHOTO):
        assert words in page, words
    page = story.card("S2")
    assert "De tekening stuurt de zaag." in page
    assert PHOTO not in page, "its author shares it with the own school"
    world.go("2027-01-06 12:00")
    for teacher in THERE:
        if teacher != "T3":
            story.answers(teacher, "wat heb je ermee gedaan? (3 minuten)", told.IMPACT)
    world.go("2027-01-20 12:00")


def approve(story: Story, leader: str, ask: str) -> None:
    """Let a school leader release everybody on the list."""
    browser = story.browser()
    page = browser.open(story.mail(leader, ask).link())
    rows = {name: "approved" for name in page.form("/f/").offered if name.startswith("decision.")}
    browser.send(page.form("/f/"), {**rows, "cover": "arrange"})
    assert "/thanks" in browser.url
    story.world.settle()


def leaves(story: Story, code: str, ask: str) -> None:
    """Let somebody say, by the link in the foot of a mail, that they cannot come."""
    browser = story.browser()
    browser.open(story.mail(code, ask).link("/change"))
    assert browser.page is not None
    browser.send(browser.page.form("/change"), {"what": "cannot", "why": "timetable", "tell_others": "no"})
    story.world.settle()


def phone_in(story: Story, code: str, form: str, answers: dict[str, str | list[str]]) -> None:
    """Let the coordinator type in what somebody says on the phone."""
    asked = next(ask for ask in story.person(code)["asks"] if ask["form"] == form)
    story.does("answer", asked["invitation_id"], answers)


def participation(story: Story, code: str) -> str:
    """Return the participation of a teacher."""
    return str(story.person(code)["participation_id"])


def assert_mails(story: Story, table: list[tuple[str, str, tuple[str, ...]]]) -> None:
    """Every mail of the table arrived at its moment, and no other."""
    wanted = sorted((when, person, ask) for when, ask, people in table for person in people)
    mails = story.world.mails()
    assert sorted(_as_told(mail, wanted) for mail in mails if not mail.ask.startswith(OVERVIEW)) == wanted
    overviews = [(moment(mail.at), NAMES[mail.to]) for mail in mails if mail.ask.startswith(OVERVIEW)]
    assert len(overviews) > 5
    assert len(set(overviews)) == len(overviews)
    for when, person in overviews:
        at = datetime.fromisoformat(when)
        assert (person, at.time(), at.weekday()) == ("C1", time(8, 0), 0), when


WORDS = {
    ("P3", "wat de docenten bij u leerden"): ("Zeven van de acht docenten keken terug.", "door u bevestigd"),
    ("T2", "zo kijkt de groep terug"): ("van tekening naar fabriek gaat (T2)", "De groep (7 van 8)"),
    ("L2", "wat het jouw school opleverde"): ("Zeven van de acht deelnemers keken terug.",),
    ("T6", "wat heb je ermee gedaan? (3 minuten)"): ("een paar weken geleden dat je bij Bouwbedrijf Korteweg was",),
    ("P3", "wat uw bijdrage heeft opgeleverd"): (
        "7 van de 7 plannen zijn uitgevoerd",
        "De klas maakte een zaaglijst.",
    ),
}
"""What decides in a mail that gives back what came of it."""


def assert_words(story: Story) -> None:
    """The mails that give something back say what people answered."""
    for (person, ask), wanted in WORDS.items():
        said = in_one_line(str(story.mail(person, ask).letter["text"]))
        for words in wanted:
            assert words in said, (person, ask, said)


def assert_answers(story: Story) -> None:
    """Every question stands as the story went: in time, late, by phone, never, and left behind by who was replaced."""
    assert {code: story.states(code)["registration"] for code in THERE} == dict.fromkeys(THERE, "answered")
    assert {code: story.states(code)["goals"] for code in THERE} == {
        **dict.fromkeys(THERE, "answered"),
        "T10": "phoned",
    }
    assert story.person("T4")["standing"] == "replaced"
    never = {"field-note": "sent", "teacher-evaluation": "closed", "impressions": "closed", "impact-check": "closed"}
    assert {form: story.states("T3")[form] for form in never} == never
    assert story.states("T5")["impressions"] == "answered"


def _as_told(mail: Mail, wanted: list[tuple[str, str, str]]) -> tuple[str, str, str]:
    """Return moment, reader and ask of a mail; the moment as a slot where the table has no such mail at it."""
    who, ask = NAMES.get(mail.to, mail.to), mail.ask
    slot = slot_around(mail.at, CLOCK)
    if slot is None or (moment(mail.at), who, ask) in wanted:
        return moment(mail.at), who, ask
    return moment(slot[0].astimezone(AMSTERDAM)) + IN_SLOT, who, ask


def moment(at: datetime) -> str:
    """Return a moment of the table: the clock runs on while a busy machine works, by some minutes at most."""
    return (at - timedelta(minutes=at.minute % 5)).strftime("%Y-%m-%d %H:%M")


def assert_threads(story: Story) -> None:
    """All mails of one person about the activity hang in one thread, each under the one before."""
    for code, address in MAILBOX.items():
        mails = [mail for mail in story.world.mails() if mail.to == address and not mail.ask.startswith(ALONE)]
        for number, mail in enumerate(mails):
            earlier = [one.letter["message_id"] for one in mails[:number]]
            assert mail.letter["references"] == earlier, (code, mail.subject)
            assert mail.letter["in_reply_to"] == (earlier[-1] if earlier else ""), (code, mail.subject)
