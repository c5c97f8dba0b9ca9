"""The one flow: an activity from its first day to its last, before, during and after."""

from datetime import date
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from sandwich.errors import RunReplaced
from sandwich.orchestration.carrying import Request, take_up
from tasks.steps import carry_out_due

Code = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,63})?$")]
"""An id, a code or a key, or nothing: there is no place here for an address or a sentence."""


@flow(name="activity", persist_result=False)
async def activity(
    activity_id: Code | None = None,
    kind: Code = "",
    school: Code = "",
    company: Code = "",
    coordinator: Code = "",
    dates: list[date] | None = None,
    purpose: Code = "",
    group_size: Annotated[int | None, Field(ge=1, le=500)] = None,
) -> State[Any] | None:
    """Carry one activity: whatever is due before, during and after it, then wait without a process.

    Give the id of an activity that exists and nothing else; or leave it empty and fill in the rest: then an
    activity is made as a concept, and nobody gets mail until its coordinator has added people.

    Args:
        activity_id: Id of an activity that exists; empty to begin a new one
        kind: The playbook's key; fixed by the deployment
        school: Id of the school
        company: Id of the company, where there is one
        coordinator: Id of the coordinator
        dates: The date, or the dates to choose from
        purpose: Key of the purpose, as in the playbook
        group_size: How many take part

    """
    try:
        carrying = await take_up(
            activity_id or None, Request(kind, school, company, coordinator, dates or [], purpose, group_size)
        )
        while carrying.outlook.due:
            await carry_out_due(carrying, "before")
            await carry_out_due(carrying, "during")
            await carry_out_due(carrying, "after")
        await carrying.rest()  # parks, and ends this wake, unless the activity is finished
        return None
    except RunReplaced:
        return Completed(name="Replaced", message="Another run carries this activity now.")
