"""What the region's stories do not bring about by Sunday 22 November, so that every page has something to show."""

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image
from sqlalchemy import select

from models.draft import ActivityDraft
from models.tables.activities import Activity, Participation
from models.tables.asking import Invitation, InvitationState
from models.tables.network import Contact, ContactKind, Person
from models.tables.running import LoginCode
from sandwich.clock import real_now
from sandwich.incoming.handle import handle_new
from sandwich.incoming.keep import keep as keep_letter
from sandwich.mail.tags import Tag, Use
from sandwich.rehearsal.drive import RUN, Drive
from sandwich.rules.answers import as_fields
from sandwich.runtime import Runtime
from sandwich.services import login
from sandwich.services.asking import asked_form
from sandwich.services.collect import submit
from sandwich.services.start import start
from sandwich.services.uploads import keep, look_at
from sandwich.services.waking import run_of, take_run
from tests.web.story import IMPRESSIONS

VISIT = "Prefab bouwen bij Korteweg"


@dataclass(frozen=True)
class Seat:
    """Somebody's part in an activity, and what they were asked there."""

    participation_id: str
    invitation_id: str


@dataclass(frozen=True)
class Beside:
    """Where it stands: a mail that came in, a photo and its sender, who agreed, who keeps a draft, a login link."""

    letter: str
    photo: str
    photographer: Seat
    agreed: Seat
    drafted: Seat
    login: str


class _GoesOn(Drive):
    """The region's activities, whose run changes hands with every wake."""

    async def carry_one(self, activity_id: str) -> int:
        """Take the activity over and carry out what is due."""
        before = await run_of(self.runtime, activity_id)
        await take_run(self.runtime, activity_id, RUN, before.run_id)
        return await super().carry_one(activity_id)


async def bring_about(runtime: Runtime) -> Beside:
    """Publish a card with a photo, let a mail come in, ask for a login code, and start what no story starts."""
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        visit = (await session.scalars(select(Activity.id).where(Activity.title == VISIT))).one()
    photographer = await _seat(runtime, "T3", form="impressions")
    photo = await _photo(runtime, photographer.invitation_id)
    await _say(runtime, photographer, {**IMPRESSIONS, "photo": [photo], "photo_consent": True})
    await _say(runtime, await _seat(runtime, "P3", form="card-release"), {"release": "released"})
    await _GoesOn(runtime).carry()
    await start_intake(runtime)
    sender = await _address(runtime, "P3")
    raw = f"From: <{sender}>\r\nSubject: Re: vraag\r\nMessage-ID: <1@x.example>\r\n\r\nMag het?\r\n".encode()
    letter = await keep_letter(runtime, Tag(Use.CALENDAR, visit), sender, raw)
    await handle_new(runtime)
    await login.ask_code(runtime, await _address(runtime, "C1"), now=now, real=real_now())
    async with runtime.store.read() as session:
        code = (await session.scalars(select(LoginCode.id))).one()
    drafted = await _seat(runtime, "T3", form="goals", state=InvitationState.DRAFT)
    token = login.secrets_of(runtime.settings, code)[0]
    agreed = await _seat(runtime, "T6", form="pair-plan", state=InvitationState.ANSWERED)
    return Beside(f"/board/{visit}/mail/{letter}", photo, photographer, agreed, drafted, f"/login/{token}")


async def _seat(runtime: Runtime, code: str, *, form: str, state: InvitationState = InvitationState.SENT) -> Seat:
    async with runtime.store.read() as session:
        invitation = await session.scalar(
            select(Invitation)
            .join(Participation, Participation.id == Invitation.participation_id)
            .join(Person, Person.id == Participation.person_id)
            .where(Person.code == code, Invitation.form == form, Invitation.state == state)
            .limit(1)
        )
    assert invitation is not None, f"{code} is not asked {form}"
    return Seat(invitation.participation_id, invitation.id)


async def _address(runtime: Runtime, code: str) -> str:
    async with runtime.store.read() as session:
        return (
            await session.scalars(
                select(Contact.address)
                .join(Person, Person.id == Contact.person_id)
                .where(Person.code == code, Contact.kind == ContactKind.MAIL, Contact.is_valid)
            )
        ).one()


async def _photo(runtime: Runtime, invitation_id: str) -> str:
    now, picture = await runtime.clock.now(), io.BytesIO()
    Image.new("RGB", (60, 40), "sienna").save(picture, "JPEG")
    asked = await asked_form(runtime, invitation_id, now)
    file = await look_at(asked.form.question("photo"), "hal 2.jpg", picture.getvalue())
    return (await keep(runtime, invitation_id, [file], now=now))[0]


async def _say(runtime: Runtime, seat: Seat, answers: dict[str, Any]) -> None:
    now = await runtime.clock.now()
    asked = await asked_form(runtime, seat.invitation_id, now)
    fields = as_fields(asked.form, {**asked.prefilled, **answers}, asked.rows, asked.frame.language)
    outcome = await submit(
        runtime, seat.invitation_id, fields, now=now, key=f"beside-{seat.invitation_id}", shown=asked.shown
    )
    assert outcome.accepted, outcome.problems


async def start_intake(runtime: Runtime) -> None:
    """Start the one kind that is in no story."""
    draft = ActivityDraft.model_validate(
        {
            "kind": "hybrid-intake",
            "title": "Lesgeven naast het werk",
            "purpose": "relation",
            "coordinator": "C1",
            "teachers": ["T1"],
            "others": {"professional": ["P1"]},
            "dates": [{"start": "2027-01-28 15:00", "end": "2027-01-28 16:00"}],
        }
    )
    async with runtime.store.read() as session:
        coordinator = (await session.scalars(select(Person.id).where(Person.code == "C1"))).one()
    await start(runtime, draft, now=await runtime.clock.now(), actor=coordinator)
