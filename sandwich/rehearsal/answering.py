"""Answer what was asked: open the form as its page does, add the file that it wants, fill it in and send it."""

from models.form import QuestionType
from models.tables.asking import OPEN, Via
from sandwich.definitions.playbooks import AGREE
from sandwich.errors import SandwichError
from sandwich.rehearsal.filling import PLAIN, Changes, Hand, fill_in
from sandwich.runtime import Runtime
from sandwich.services import collect, uploads
from sandwich.services.asking import AskedForm, asked_form

COUNTER = "changes"
"""The answer to the question of an agreement that is a yes to something else."""

_LESSON = b"%PDF-1.4 a lesson"
_WORDS = {QuestionType.SHORT, QuestionType.LONG}


class NotAnswerable(SandwichError):
    """Step "{step}" asks the form "{form}", which cannot be filled in as it is: {problems}. Look at that form."""

    dutch = 'Stap "{step}" vraagt het formulier "{form}", dat zo niet in te vullen is: {problems}. Bekijk het.'


async def answer(
    runtime: Runtime,
    invitation_id: str,
    *,
    step: str,
    key: str,
    says: Changes | None = None,
    hand: Hand = PLAIN,
    counters: bool = False,
    via: Via = Via.WEB,
    entered_by: str | None = None,
) -> bool:
    """Answer an invitation; ``False`` where nobody waits for it any more. Raises ``NotAnswerable``.

    ``step`` is what asks it. ``says`` is what is said to single fields, the rest comes from the ``hand``. Who
    ``counters`` wants an agreement otherwise than it lies there.
    """
    asked = await asked_form(runtime, invitation_id, await runtime.clock.now())
    if asked.state not in OPEN or asked.closed:
        return False
    await _upload(runtime, asked)
    asked = await asked_form(runtime, invitation_id, await runtime.clock.now())
    changes = dict(says or {})
    if counters and asked.agreement is not None:
        changes |= counter_of(asked)
    outcome = await collect.submit(
        runtime,
        invitation_id,
        fill_in(asked.form, asked.rows, asked.prefilled, changes, hand),
        now=await runtime.clock.now(),
        key=key,
        via=via,
        entered_by=entered_by,
        shown=asked.shown,
    )
    if not outcome.accepted:
        problems = ", ".join(f"{name}: {said}" for name, said in sorted(outcome.problems.items()))
        raise NotAnswerable(step=step, form=asked.form.key, problems=problems or "–")
    return True


def counter_of(asked: AskedForm) -> dict[str, str]:
    """Return what somebody says who agrees to something else; nothing where the form gives no room for that."""
    agree = next((one for one in asked.form.questions if one.key == AGREE), None)
    options = agree.options if agree is not None and isinstance(agree.options, tuple) else ()
    if COUNTER not in {option.key for option in options}:
        return {}
    said = {AGREE: COUNTER, "counter": "Liever iets anders."}
    for question in asked.form.questions:
        if question.type is QuestionType.GRID:
            cell = next((column.key for column in question.columns if column.type is QuestionType.SHORT), None)
            row = next((one.key for one in asked.rows.get(question.key) or question.rows), None)
            if cell is not None and row is not None:
                return {**said, f"{question.key}.{row}.{cell}": "Iemand anders"}
        elif question.type in _WORDS and question.format is None and question.key not in {AGREE, "counter"}:
            return {**said, question.key: "Liever zo"}
    return said


async def _upload(runtime: Runtime, asked: AskedForm) -> None:
    """Add a file where one must be."""
    for question in asked.form.questions:
        if question.type is QuestionType.FILE and question.required and not asked.rows.get(question.key):
            file = await uploads.look_at(question, "les.pdf", _LESSON)
            await uploads.keep(runtime, asked.invitation_id, [file], now=await runtime.clock.now())
