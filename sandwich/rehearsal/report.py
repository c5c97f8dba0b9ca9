"""The report of a rehearsal, as lines of text: the timeline, how much mail people get, what never came up."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from models.roles import Stage
from models.text import Language, Text
from sandwich.labels import ROLE
from sandwich.rehearsal.coverage import Item, Sort, never_came_up
from sandwich.rehearsal.load import MOST_IN_A_WEEK, busiest_day, too_much
from sandwich.rehearsal.record import Played, Record, Sent, by_person
from sandwich.rehearsal.rehearse import Book, Rehearsed, is_over
from sandwich.rehearsal.tempers import Temper
from sandwich.rules.gates import look

_LOCALES = {Language.DUTCH: "nl", Language.ENGLISH: "en"}

_HEADING = Text(
    nl="{title} ({kind}): {number} docenten, seed {seed}", en="{title} ({kind}): {number} teachers, seed {seed}"
)
_SPAN = Text(
    nl="Begint {begins}. T is {first}, E is {last}. Het laatste gebeurt {ends}.",
    en="Begins {begins}. T is {first}, E is {last}. The last thing happens {ends}.",
)
_PEOPLE = Text(nl="Wie er meedoen", en="Who takes part")
_TIMELINE = Text(nl="Wie wat wanneer krijgt", en="Who gets what when")
_TOGETHER = Text(
    nl="Een + achter iemand: deze mail droeg meer dan één bericht.",
    en="A + behind somebody: that mail carried more than one message.",
)
_LOAD = Text(nl="Hoeveel mail", en="How much mail")
_MAILS = Text(nl="{mails} mails aan {people} mensen.", en="{mails} mails to {people} people.")
_BUSIEST = Text(
    nl="De drukste dag van iemand: {code} op {day}, {mails} mails.",
    en="The busiest day of anybody: {code} on {day}, {mails} mails.",
)
_TOO_MUCH = Text(
    nl="Let op, meer dan {most} mails in een week, met wat nooit wacht: "
    "{code}, {mails} in de week van {monday}{more} ({names}).",
    en="Note, more than {most} mails in a week, with what never waits: "
    "{code}, {mails} in the week of {monday}{more} ({names}).",
)
_MORE_WEEKS = Text(nl=", en zo {weeks} weken", en=", and {weeks} such weeks")
_CLOSED = Text(
    nl="Let op, met deze mensen sloot {title} vanzelf: poort {gate} miste {facts}.",
    en="Note, with these people {title} closed by itself: gate {gate} lacked {facts}.",
)
_NEVER_DONE = Text(
    nl="Let op, met deze mensen sloot {title} vanzelf, en dit kwam nooit aan de beurt: {steps}.",
    en="Note, with these people {title} closed by itself, and the turn of these never came: {steps}.",
)
_OPEN = Text(nl="Let op, met deze mensen bleef {title} open.", en="Note, with these people {title} stayed open.")
_NEVER = Text(nl="Wat nooit voorkwam ({count} van {whole})", en="What never came up ({count} of {whole})")
_ALL = Text(nl="Alles kwam een keer voor.", en="Everything came up once.")
_SORTS = {
    Sort.STEP: Text(nl="stap", en="step"),
    Sort.BRANCH: Text(nl="tak", en="branch"),
    Sort.ASK: Text(nl="vraag", en="ask"),
    Sort.TELL: Text(nl="bericht", en="tell"),
    Sort.WATCH: Text(nl="bewaking", en="watch"),
    Sort.CALL: Text(nl="belletje", en="call"),
    Sort.TEXT: Text(nl="tekst", en="text"),
}
_TEMPERS = {
    Temper.EARLY: Text(nl="antwoordt vlot", en="answers soon"),
    Temper.LATE: Text(nl="antwoordt na een herinnering", en="answers after a reminder"),
    Temper.COUNTER: Text(nl="doet een tegenvoorstel", en="counter-proposes"),
    Temper.PHONE: Text(nl="leest geen mail, wordt gebeld", en="reads no mail, is phoned"),
    Temper.BOUNCE: Text(nl="heeft een adres dat niet bestaat", en="has an address that does not exist"),
    Temper.NEVER: Text(nl="antwoordt nooit", en="never answers"),
    Temper.LEAVE: Text(nl="zegt ja en haakt later af", en="says yes and leaves later"),
}


class Report:
    """What is told of a rehearsal, in one language."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        """Take the reader's language and the time zone of all moments."""
        self.language, self.zone = language, zone

    def of_all(self, book: Book, played: Sequence[Rehearsed], seed: int) -> Iterator[str]:
        """Yield the lines about every variant, and then what came up in none."""
        for one in played:
            yield from self.of_one(one, seed)
        yield from self._never(book, played)

    def of_one(self, played: Rehearsed, seed: int) -> Iterator[str]:
        """Yield the lines about one activity that was played."""
        whole, playbook = played.record.whole, played.playbook
        kind = f"{playbook.key}, {playbook.variant}" if playbook.variant else playbook.key
        number = sum(player.code.startswith("T") for player in played.cast.players.values())
        yield self._said(_HEADING, title=playbook.title, kind=kind, number=number, seed=seed)
        yield self._said(
            _SPAN,
            begins=self._moment(played.begins),
            first=self._moment(whole.starts_at),
            last=self._moment(whole.ends_at),
            ends=self._moment(played.ends),
        )
        yield from self._titled(_PEOPLE, self._people(played))
        yield from self._titled(_TIMELINE, (*self._timeline(played.record), self._said(_TOGETHER)))
        yield from self._titled(_LOAD, self._load(played))
        yield ""

    def _people(self, played: Rehearsed) -> Iterator[str]:
        for player in played.cast.players.values():
            language = player.entry.language.value
            role = ROLE[player.role].to(self.language)
            yield f"{player.code:<4} {language}  {role:<32} {_TEMPERS[player.temper].to(self.language)}"

    def _timeline(self, record: Record) -> Iterator[str]:
        rows: dict[tuple[datetime, bool, str, int, str, str], list[Sent]] = {}
        carried = _carried(record.sent)
        for one in record.sent:
            rows.setdefault((*_place(one, record, self.zone), self._label(one), one.role or ""), []).append(one)
        for _, some in sorted(rows.items(), key=lambda row: row[0]):
            first = some[0]
            activity = record.activities[first.activity_id]
            local = first.at.astimezone(self.zone)
            step = f"{activity.kind}/{first.step}" if activity.is_part else first.step
            role = ROLE[first.role].to(self.language) if first.role else ""
            people = " ".join(dict.fromkeys(self._to(one, carried) for one in sorted(some, key=_in_order)))
            about = " ".join(sorted({one.about for one in some if one.about}, key=_by_number))
            told = f"{self._day(local.date())}  {offset(local.date(), activity):<7} {local:%H:%M}  {step:<24}"
            to = " ".join(part for part in (role, people, f"({about})" if about else "") if part)
            yield f"{told} {self._label(first):<32} {to}"

    def _to(self, one: Sent, carried: frozenset[str]) -> str:
        return f"{one.to}+" if one.envelope in carried else one.to

    def _label(self, one: Sent) -> str:
        what = f" {one.what}" if one.what not in (None, one.mail) else f" {one.number}" if one.number else ""
        return f"{one.mail}{what} ({one.code})" if one.code and one.code != "–" else f"{one.mail}{what}"

    def _load(self, played: Rehearsed) -> Iterator[str]:
        sent = played.record.sent
        mails = by_person(sent)
        yield self._said(_MAILS, mails=sum(map(len, mails.values())), people=len(mails))
        busiest = busiest_day(sent, self.zone)
        if busiest is not None:
            yield self._said(_BUSIEST, code=busiest.code, day=self._day(busiest.day), mails=busiest.mails)
        for one in too_much(sent, self.zone):
            more = self._said(_MORE_WEEKS, weeks=one.weeks) if one.weeks > 1 else ""
            yield self._said(
                _TOO_MUCH,
                most=MOST_IN_A_WEEK,
                code=one.code,
                mails=one.mails,
                monday=self._day(one.monday),
                more=more,
                names=", ".join(one.names),
            )
        for activity in played.record.activities.values():
            if not is_over(activity):
                yield self._unfinished(activity)

    def _unfinished(self, activity: Played) -> str:
        title = activity.playbook.title
        for stage in Stage:
            gate = activity.playbook.gates.behind(stage)
            lacks = look(stage, gate, activity.facts, {}).blocked_by
            if lacks and activity.is_closed_by_itself:
                return self._said(_CLOSED, title=title, gate=gate.code, facts=", ".join(lacks))
        if activity.never_done:
            return self._said(_NEVER_DONE, title=title, steps=", ".join(activity.never_done))
        return self._said(_OPEN, title=title)

    def _never(self, book: Book, played: Sequence[Rehearsed]) -> Iterator[str]:
        records = [one.record for one in played]
        branches = frozenset().union(*(one.branches for one in played))
        part = book.library.playbooks.get(book.playbook.parts or "")
        for playbook in (book.playbook, *([part] if part else ())):
            missing, whole = never_came_up(playbook, records, branches)
            title = self._said(_NEVER, count=len(missing), whole=whole)
            lines = map(self._item, missing) if missing else (self._said(_ALL),)
            yield from self._titled(Text(nl=f"{playbook.key}: {title}", en=f"{playbook.key}: {title}"), lines)

    def _item(self, item: Item) -> str:
        return f"{_SORTS[item.sort].to(self.language):<9} {item.parts[0]:<24} {'  '.join(item.parts[1:])}".rstrip()

    def _titled(self, title: Text, lines: Iterable[str]) -> Iterator[str]:
        yield ""
        yield title.to(self.language)
        for line in lines:
            yield f"  {line}"

    def _said(self, text: Text, **values: object) -> str:
        return text.filled(**values).to(self.language)

    def _day(self, day: date) -> str:
        return format_date(day, "EEE dd MMM y", locale=_LOCALES[self.language]).replace(".", "")

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{self._day(local.date())} {local:%H:%M}"


def offset(day: date, played: Played) -> str:
    """Return how far a day is from the contact moments: ``T-6w``, ``T``, ``T+3d`` between them, ``E+15d``."""
    if day == played.first:
        return "T"
    if day == played.last:
        return "E"
    anchor, days = ("E", (day - played.last).days) if day > played.last else ("T", (day - played.first).days)
    number, unit = (days // 7, "w") if days % 7 == 0 else (days, "d")
    return f"{anchor}{number:+d}{unit}"


def _place(one: Sent, record: Record, zone: ZoneInfo) -> tuple[datetime, bool, str, int]:
    """Return where a message stands in the timeline: by minute, the whole before its parts, in the playbook's order."""
    activity = record.activities[one.activity_id]
    keys = [record.own_step(activity.id, step.key) for step in activity.playbook.steps]
    position = keys.index(one.step) if one.step in keys else -1
    minute = one.at.astimezone(zone).replace(second=0, microsecond=0)
    return minute, activity.is_part, offset(minute.date(), activity), position


def _carried(sent: Sequence[Sent]) -> frozenset[str]:
    """Return the envelopes that carried more than one message."""
    return frozenset(key for key, number in Counter(one.envelope for one in sent).items() if number > 1)


def _in_order(one: Sent) -> tuple[str, int]:
    return _by_number(one.to)


def _by_number(code: str) -> tuple[str, int]:
    """Sort T2 before T10."""
    found = re.fullmatch(r"(\D+)(\d+)(.*)", code)
    return (found[1] + found[3], int(found[2])) if found else (code, 0)
