"""Every form of the library, asked of somebody whom a playbook asks it, in an activity of the region."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from models.tables.activities import Activity, ActivityStatus, Participation
from models.tables.asking import Invitation, InvitationState
from sandwich.runtime import Runtime
from sandwich.services.invite import keep_form
from sandwich.services.loaded import Loaded, load

OVER = (ActivityStatus.CANCELLED, ActivityStatus.FINISHED)
"""Activities in which nothing is answered any more."""

TIME = 90
"""The occurrence under which everything is asked once more, beside what the stories asked."""


@dataclass(frozen=True)
class Asked:
    """A form that somebody is asked, in one of its variants."""

    form: str
    variant: str | None
    kind: str
    step: str
    participation_id: str
    invitation_id: str

    @property
    def name(self) -> str:
        """How it is called where something is wrong with it."""
        return self.form if self.variant is None else f"{self.form} ({self.variant})"


async def ask_everything(runtime: Runtime) -> list[Asked]:
    """Ask each form once in each of its variants, of somebody in the role that a playbook asks it of."""
    now, asked = await runtime.clock.now(), dict[tuple[str, str | None], Asked]()
    async with runtime.store.read() as session:
        ids = await session.scalars(select(Activity.id).where(Activity.status.not_in(OVER)).order_by(Activity.id))
        activities = [await load(session, runtime.settings.timezone, one) for one in ids]
    for loaded in activities:
        async with runtime.store.change(now=now, actor="browser", stream=loaded.activity.id) as session:
            for form, variant, step, mail, profile, person in _asks(loaded):
                if (form, variant) in asked:
                    continue
                invitation = Invitation(
                    activity_id=loaded.activity.id,
                    step=step,
                    form=form,
                    variant=variant,
                    form_digest=await keep_form(session, runtime.library, form, variant),
                    participation_id=person.id,
                    occurrence=TIME,
                    mail=mail,
                    asked_at=now - timedelta(days=1),
                    deadline_at=now + timedelta(days=6),
                    profile=profile,
                    state=InvitationState.SENT,
                )
                session.add(invitation)
                await session.flush()
                asked[form, variant] = Asked(form, variant, loaded.activity.kind, step, person.id, invitation.id)
    return sorted(asked.values(), key=lambda one: one.name)


def _asks(loaded: Loaded) -> list[tuple[str, str | None, str, str, str, Participation]]:
    found = []
    for step in loaded.playbook.steps:
        for ask in step.asks:
            people = loaded.in_role(ask.to, ask.among, step.moment) or loaded.in_role(ask.to)
            for form in (ask.form, *ask.with_forms) if people else ():
                variant = ask.variant if form == ask.form else None
                found.append((form, variant, step.key, ask.mail, ask.remind, people[0]))
    return found
