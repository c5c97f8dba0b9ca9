"""Series: the steps of a playbook for an activity with so many contact moments."""

from models.playbook import Ask, Moment, OwnFact, Playbook, Step, Watch


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
            written += [
                fact.model_copy(update={"key": f"{fact.key}-{number}", "step": f"{fact.step}-{number}"})
                for number in repeating[fact.step]
            ]
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
                "at": self._moment(step.at),
                "needs": tuple(map(self._name, step.needs)),
                "as_soon_as": tuple(map(self._name, step.as_soon_as)),
                "opens": tuple(map(self._name, step.opens)),
                "asks": tuple(map(self._ask, step.asks)),
                "tells": tuple(tell.model_copy(update={"when": self._name(tell.when)}) for tell in step.tells),
                "watches": tuple(map(self._watch, step.watches)),
            }
        )

    def _ask(self, ask: Ask) -> Ask:
        moments = {name: self._moment(getattr(ask, name)) for name in ("remind_from", "deadline", "hard_deadline")}
        return ask.model_copy(update={**moments, "when": self._name(ask.when)})

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
