"""A wall to follow: a feed and a calendar that programmes can read, and that say no more than the wall."""

from xml.etree import ElementTree

import httpx
import pytest
from icalendar import Calendar

from models.tables.activities import Activity, ActivityStatus
from sandwich.services import share
from tests.web.reading import read
from tests.web.story import to_the_preview
from tests.web.test_wall import another_school, published, released, wall_of
from tests.web.visit import Visit, local

pytestmark = pytest.mark.asyncio

ATOM = "{http://www.w3.org/2005/Atom}"
NAMES = ("Nadia", "Bensalem", "Koen", "degrienden.example")


async def events(web: httpx.AsyncClient, wall: str) -> list[dict[str, str]]:
    answer = await web.get(f"{wall}/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert calendar["version"] == "2.0"
    assert all(line.isascii() or len(line.encode()) <= 75 for line in answer.text.split("\r\n"))
    for name in (*NAMES, "ATTENDEE", "ORGANIZER", "Spantlaan"):
        assert name not in answer.text
    return [
        {
            "uid": str(event["uid"]),
            "what": str(event["summary"]),
            "status": str(event["status"]),
            "from": event.decoded("dtstart").isoformat(),
            "until": event.decoded("dtend").isoformat(),
        }
        for event in calendar.walk("VEVENT")
    ]


async def test_the_newest_cards_are_a_feed_that_says_what_the_wall_says(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    wall = wall_of(visit, "S1")
    empty = ElementTree.fromstring((await web.get(f"{wall}/atom.xml")).content)
    assert (empty.tag, empty.findall(f"{ATOM}entry")) == (f"{ATOM}feed", [])
    await to_the_preview(visit, headline="Muren & <b>daken</b> \u202ein 11 minuten")
    await released(web, visit, release="released")
    await published(visit)

    answer = await web.get(f"{wall}/atom.xml")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    assert feed.findtext(f"{ATOM}title") == "Deelmuur van Vakcollege De Grienden"
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Muren & <b>daken</b> in 11 minuten"
    assert entry.findtext(f"{ATOM}summary", "").startswith("De tekening stuurt de zaag.")
    assert entry.findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated")
    for element in (feed, entry):
        assert element.findtext(f"{ATOM}id", "").startswith("tag:")
        assert element.findtext(f"{ATOM}updated", "").endswith("+00:00")
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Vakcollege De Grienden"
    assert entry.find(f"{ATOM}link").attrib["href"].endswith(f"{wall}/{visit.activity_id}")  # type: ignore[union-attr]
    assert visit.cast.mail("T2") not in answer.text, "who may be mailed stands on the card alone"

    page = (await web.get(wall)).text
    assert f'<link rel="alternate" type="application/atom+xml" title="Nieuwe kaarten" href="{wall}/atom.xml">' in page
    assert {f"{wall}/atom.xml", f"{wall}/calendar.ics"} <= set(read(page).links)

    tag = answer.headers["etag"]
    again = await web.get(f"{wall}/atom.xml", headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["cache-control"] == "private, no-cache"
    now = await visit.runtime.clock.now()
    await share.withdraw_card(visit.runtime, visit.activity_id, now=now, actor=visit.cast.id("C1"))
    gone = await web.get(f"{wall}/atom.xml", headers={"If-None-Match": tag})
    assert (gone.status_code, "minuten" in gone.text) == (200, False)


async def test_what_is_coming_is_a_calendar_without_anybodys_name(web: httpx.AsyncClient, visit: Visit) -> None:
    wall = wall_of(visit, "S1")
    (event,) = await events(web, wall)
    assert {key: event[key] for key in ("what", "status", "from", "until")} == {
        "what": "Bedrijfsbezoek: Bouwbedrijf Korteweg",
        "status": "CONFIRMED",
        "from": "2026-11-05T12:30:00+00:00",
        "until": "2026-11-05T15:30:00+00:00",
    }
    tag = (await web.get(f"{wall}/calendar.ics")).headers["etag"]
    assert (await web.get(f"{wall}/calendar.ics", headers={"If-None-Match": tag})).status_code == 304
    assert await events(web, await another_school(visit)) == [], "nobody of that school takes part"
    for status, fixed, expected in (
        (ActivityStatus.BEFORE, False, ["TENTATIVE"]),
        (ActivityStatus.REQUESTED, False, []),
        (ActivityStatus.ON_HOLD, True, []),
        (ActivityStatus.CANCELLED, True, []),
    ):
        async with visit.runtime.store.change(now=local("2026-10-20 12:00"), actor="test") as session:
            activity = await session.get_one(Activity, visit.activity_id)
            activity.status = status
            activity.date_fixed_at = activity.date_fixed_at if fixed else None
        found = await events(web, wall)
        assert [one["status"] for one in found] == expected
        assert {one["uid"] for one in found} <= {event["uid"]}
    for kind in ("atom.xml", "calendar.ics"):
        assert (await web.get(f"/wall/nonsense/{kind}")).status_code == 404
