"""What a playbook has that never came up: steps, branches, asks, mails, watches, calls, and words in a language."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.playbook import Playbook
from models.reminders import Ending
from models.steps import Step, Watch
from models.tables.activities import StepState
from models.tables.mail import CallState
from models.text import Language
from sandwich.rehearsal.acting import Branch, conditions_of, own_key, own_name
from sandwich.rehearsal.record import Record
from sandwich.services.calls import NO_ANSWER


class Sort(StrEnum):
    """What sort of thing can come up, in the order of a report."""

    STEP = "step"
    BRANCH = "branch"
    ASK = "ask"
    TELL = "tell"
    WATCH = "watch"
    CALL = "call"
    TEXT = "text"


@dataclass(frozen=True)
class Item:
    """One thing that can come up, named by its ``parts``: the step first, then what of it."""

    sort: Sort
    parts: tuple[str, ...]


def items_of(playbook: Playbook) -> list[Item]:
    """Return everything that can come up of a playbook, in its order."""
    found: list[Item] = []
    endings = {profile.key: profile.ending for profile in playbook.reminders}
    for step in playbook.steps:
        found.append(Item(Sort.STEP, (step.key,)))
        found += [_branch(step.key, name, held=held) for name in conditions_of(step) for held in (True, False)]
        for ask in step.asks:
            found += [_ask(step.key, ask.to, form) for form in (ask.form, *ask.with_forms)]
            found += _texts(step.key, ask.to, ask.mail)
            if endings[ask.remind] is Ending.CALL:
                found.append(Item(Sort.CALL, (step.key, NO_ANSWER, ask.to)))
        for tell in step.tells:
            for role in tell.to:
                found += [_tell(step.key, role, tell.mail), *_texts(step.key, role, tell.mail)]
        found += [_watch(step.key, watch) for watch in step.watches]
    return list(dict.fromkeys(found))


def never_came_up(
    playbook: Playbook, records: Sequence[Record], branches: Collection[Branch]
) -> tuple[list[Item], int]:
    """Return what of a playbook came up in none of these rehearsals, and how much there is of it in all."""
    seen = {_branch(one.step, one.fact, held=one.held) for one in branches}
    for record in records:
        seen |= set(_seen(playbook.key, record))
    whole = items_of(playbook)
    missing = [item for item in whole if item not in seen]
    return sorted(missing, key=lambda item: list(Sort).index(item.sort)), len(whole)


def _seen(kind: str, record: Record) -> Iterable[Item]:
    """Return what came up in one rehearsal of the activities of a kind."""
    own = {key: played for key, played in record.activities.items() if played.kind == kind}
    for key, played in own.items():
        for step in played.playbook.steps:
            if played.states.get(step.key) is StepState.DONE:
                yield Item(Sort.STEP, (own_key(step),))
            yield from _watched(step, key, record)
    for invitation, role, _ in record.invitations:
        if invitation.activity_id in own:
            yield _ask(record.own_step(invitation.activity_id, invitation.step), role, invitation.form)
    for message, role in record.told:
        if message.activity_id in own:
            told_by = str((message.about or {}).get("step"))
            yield _tell(record.own_step(message.activity_id, told_by), role, message.mail)
    roles = {invitation.id: role for invitation, role, _ in record.invitations}
    for call in record.calls:
        if call.activity_id in own and call.what == NO_ANSWER and call.step:
            role = roles[call.invitation_id or ""]
            yield Item(Sort.CALL, (record.own_step(call.activity_id, call.step), NO_ANSWER, role))
    for one in record.sent:
        if one.activity_id in own and one.role is not None:
            yield Item(Sort.TEXT, (one.step, one.role, one.mail, one.language))


def _watched(step: Step, activity_id: str, record: Record) -> Iterable[Item]:
    """Return the watches of a step that found something missing."""
    for watch in step.watches:
        key = f"{activity_id}:watch:{watch.key}"
        mine = [call for call in record.calls if call.key == key or call.key.startswith(f"{key}:")]
        if any(call.opened_at is not None or call.state is CallState.DONE for call in mine):
            named = watch.model_copy(update={"key": own_name(watch.key, step)})
            yield _watch(own_key(step), named)


def _branch(step: str, fact: str, *, held: bool) -> Item:
    return Item(Sort.BRANCH, (step, fact, "true" if held else "false"))


def _ask(step: str, role: str, form: str) -> Item:
    return Item(Sort.ASK, (step, role, form))


def _tell(step: str, role: str, mail: str) -> Item:
    return Item(Sort.TELL, (step, role, mail))


def _watch(step: str, watch: Watch) -> Item:
    return Item(Sort.WATCH, (step, watch.key, watch.call or str(watch.does)))


def _texts(step: str, role: str, mail: str) -> list[Item]:
    return [Item(Sort.TEXT, (step, role, mail, language)) for language in Language]
