"""Series: the contact moments of an activity in the rhythm of its kind, and the steps that come again for each."""

from datetime import timedelta

from models.moments import Moment, Unit
from models.parameters import Meetings
from models.playbook import Playbook
from models.steps import Ask, OwnFact, Say, Step, Tell, Watch
from sandwich.rules.calendar import Calendar, Span


def meetings_after(first: Span, meetings: Meetings, calendar: Calendar) -> list[Span]:
    """Return the contact moments after the first in the rhythm of the kind, each at the same time of day.

    One that would come on a free day comes on the next working day; the one after it is not moved along.
    """
    found: list[Span] = []
    for number in range(1, meetings.count):
        if meetings.unit is Unit.WORKING_DAYS:
            day = calendar.day_of(first[0])
            found.append(on_working_day(first, calendar.count(day, number * meetings.apart) - day, calendar))
        else:
            weeks = 7 if meetings.unit is Unit.WEEKS else 1
            found.append(on_working_day(first, timedelta(days=number * meetings.apart * weeks), calendar))
    return found


def on_working_day(span: Span, later: timedelta, calendar: Calendar) -> Span:
    """Return a contact moment so many days later at the same local time, or on the first working day after that."""
    start, end = (moment.astimezone(calendar.zone) for moment in span)
    day = calendar.next_working(start.date() + later)
    length = end.date() - start.date()
    return calendar.at(day, start.time()), calendar.at(day + length, end.time())


def unrolled(playbook: Playbook, moments: int) -> Playbook:
    """Return the playbook with every step that comes again written out for each of its contact moments.

    The step ``log`` becomes ``log-1``, ``log-2``, …; so do its watches, and the facts about what it asked. What names a
    repeating step from within another one means the one for the same contact moment.
    """
    repeating = {step.key: step.each.of(moments) for step in playbook.steps if step.each is not None}
    if not repeating:
        return playbook
    facts = {fact.key for fact in playbook.facts if fact.step in repeating}
    steps: list[Step] = []
    for step in playbook.steps:
        if step.each is None:
            steps.append(step)
        else:
            steps += [_Written(number, {*repeating, *facts}).step(step) for number in repeating[step.key]]
    written: list[OwnFact] = []
    for fact in playbook.facts:
        if fact.step in repeating:
            everywhere = tuple(f"{fact.step}-{number}" for number in repeating[fact.step])
            for place, number in enumerate(repeating[fact.step]):
                about = everywhere[place:] if fact.or_later else ()
                own = {"key": f"{fact.key}-{number}", "step": everywhere[place], "steps": about}
                written.append(fact.model_copy(update=own))
            written.append(fact.model_copy(update={"steps": everywhere}))
        else:
            written.append(fact)
    return playbook.model_copy(update={"steps": tuple(steps), "facts": tuple(written)})


class _Written:
    """One contact moment, for which steps are written out."""

    def __init__(self, number: int, names: set[str]) -> None:
        self.number, self.names = number, names

    def step(self, step: Step) -> Step:
        return step.model_copy(
            update={
                "key": f"{step.key}-{self.number}",
                "each": None,
                "moment": self.number,
                "at": self._moment(step.at),
                "needs": tuple(map(self._name, step.needs)),
                "as_soon_as": tuple(map(self._name, step.as_soon_as)),
                "unless": self._name(step.unless),
                "opens": tuple(map(self._name, step.opens)),
                "asks": tuple(map(self._ask, step.asks)),
                "tells": tuple(map(self._tell, step.tells)),
                "watches": tuple(map(self._watch, step.watches)),
            }
        )

    def _ask(self, ask: Ask) -> Ask:
        moments = {name: self._moment(getattr(ask, name)) for name in ("remind_from", "deadline", "hard_deadline")}
        turn = self.number if ask.in_turn else None
        return ask.model_copy(update={**moments, "when": self._name(ask.when), "turn": turn, "say": self._say(ask.say)})

    def _tell(self, tell: Tell) -> Tell:
        return tell.model_copy(update={"when": self._name(tell.when), "say": self._say(tell.say)})

    def _say(self, say: Say | None) -> Say | None:
        return say and say.model_copy(update={"shows": self._name(say.shows)})

    def _watch(self, watch: Watch) -> Watch:
        changed = {
            "key": f"{watch.key}-{self.number}",
            "at": self._moment(watch.at),
            "unless": self._name(watch.unless),
        }
        return watch.model_copy(update=changed)

    def _moment(self, moment: Moment | None) -> Moment | None:
        if moment is None:
            return None
        own = {"M": f"T{self.number}", "ME": f"E{self.number}", "N": f"T{self.number + 1}"}
        return moment.model_copy(update={"anchor": own.get(moment.anchor, self._name(moment.anchor))})

    def _name(self, name: str | None) -> str | None:
        return f"{name}-{self.number}" if name in self.names else name
