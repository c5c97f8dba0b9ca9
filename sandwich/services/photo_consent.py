"""Consent to photos: who said what of which channel when, and what happens when somebody takes it back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.channels import ConsentChannel
from models.tables.asking import Invitation, Submission, Upload, Via
from models.tables.mail import Call, CallState
from models.tables.network import Person
from models.tables.results import Consent
from sandwich.errors import BadInput
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.calls import open_call
from sandwich.services.loaded import Loaded, load
from sandwich.services.steering import finish_calls
from sandwich.services.uploads import PHOTO, remove_uploads

WITHDRAWN, ELSEWHERE = "photo-withdrawn", "photo-withdrawn-elsewhere"
"""What the call is about: photos that we show, and those that a school shows by itself."""


@dataclass(frozen=True)
class ConsentLine:
    """One yes or no: whose, to which channel, when, and how it came in (``None``: it was taken back)."""

    person_id: str
    who: str
    channel: ConsentChannel
    is_given: bool
    said_at: datetime
    via: Via | None


async def consent_log(session: AsyncSession, activity_id: str) -> tuple[ConsentLine, ...]:
    """Return every yes and no to photos of an activity, the first said first; none is ever changed."""
    rows = await session.execute(
        select(Consent, Person, Submission.via)
        .join(Person, Person.id == Consent.person_id)
        .outerjoin(Submission, Submission.id == Consent.submission_id)
        .where(Consent.activity_id == activity_id)
        .order_by(Consent.said_at, Person.family_name, Consent.channel, Consent.id)
    )
    return tuple(
        ConsentLine(person.id, full_name(person), consent.channel, consent.is_given, consent.said_at, via)
        for consent, person, via in rows
    )


@dataclass(frozen=True)
class PhotoLine:
    """One photo: who sent it with which form when, whether they said that everybody on it agreed, and where it may be
    shown now.
    """

    id: str
    who: str
    form: str | None
    at: datetime
    everybody_agreed: bool | None
    shown: Mapping[ConsentChannel, bool]


async def photo_log(session: AsyncSession, activity_id: str) -> tuple[PhotoLine, ...]:
    """Return each photo of an activity with where it may be shown.

    Inside the school unless somebody took consent back and nobody has looked yet; elsewhere only where nobody of the
    activity said no, or took a yes back, and somebody said yes: nobody here knows who is on which photo.
    """
    words = await standing_consents(session, activity_id)
    doubt = await are_in_doubt(session, activity_id)
    elsewhere = {
        channel: bool(said) and all(said) and not doubt
        for channel in ConsentChannel
        for said in [[yes for (_, one), yes in words.items() if one is channel]]
    }
    rows = await session.execute(
        select(Upload, Person, Invitation.form, Submission.answers)
        .outerjoin(Person, Person.id == Upload.person_id)
        .outerjoin(Invitation, Invitation.id == Upload.invitation_id)
        .outerjoin(Submission, Submission.invitation_id == Upload.invitation_id)
        .where(Upload.activity_id == activity_id, Upload.question == PHOTO)
        .order_by(Upload.uploaded_at, Upload.id, Submission.number)
    )
    found = {}
    for photo, person, form, answers in rows:  # the last answer that it came with counts
        agreed = (answers or {}).get("photo_consent")
        found[photo.id] = PhotoLine(
            photo.id,
            full_name(person) if person is not None else "",
            form,
            photo.uploaded_at,
            agreed,
            {**elsewhere, ConsentChannel.INTERNAL: agreed is not False and not doubt},
        )
    return tuple(found.values())


async def standing_consents(session: AsyncSession, activity_id: str) -> dict[tuple[str, ConsentChannel], bool]:
    """Return what counts now, by person and channel: the last word."""
    return {(line.person_id, line.channel): line.is_given for line in await consent_log(session, activity_id)}


async def withdraw_consent(
    runtime: Runtime, person_id: str, channels: Collection[ConsentChannel], *, now: datetime, actor: str
) -> int:
    """Take back somebody's consent in every activity in which it stands; returns in how many that was.

    Each in a transaction of its own; safe to repeat. Raises ``BadInput`` where it stands nowhere.
    """
    async with runtime.store.read() as session:
        said = await session.scalars(select(Consent.activity_id).where(Consent.person_id == person_id).distinct())
        activities = sorted(key for key in said if key is not None)
    changed = 0
    for activity_id in activities:
        async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
            loaded = await load(session, runtime.settings.timezone, activity_id)
            changed += await take_back(session, loaded, person_id, channels, now)
    if not changed:
        raise BadInput(
            "There is no consent of this person to take back.",
            "Er is geen toestemming van deze persoon om in te trekken.",
        )
    return changed


async def take_back(
    session: AsyncSession, loaded: Loaded, person_id: str, channels: Collection[ConsentChannel], now: datetime
) -> bool:
    """Write down that consent is taken back, in one activity; returns whether there was any.

    Nobody knows which photos somebody is on but those who look. So no photo of the activity is shown from now on, and
    the coordinator is asked to look; those that are removed then are gone for good, the others come back.
    """
    standing = await standing_consents(session, loaded.activity.id)
    given = [channel for channel in ConsentChannel if channel in channels and standing.get((person_id, channel))]
    for channel in given:
        session.add(
            Consent(person_id=person_id, activity_id=loaded.activity.id, channel=channel, is_given=False, said_at=now)
        )
    shows = ConsentChannel.INTERNAL in given
    for what, is_wanted in ((WITHDRAWN, shows), (ELSEWHERE, bool(given) and given != [ConsentChannel.INTERNAL])):
        if is_wanted:
            key = f"{loaded.activity.id}:{what}:{person_id}:{now.isoformat()}"
            await open_call(session, loaded.activity, what, key=key, now=now, person_id=person_id)
    return bool(given)


async def photos_of(session: AsyncSession, activity_id: str) -> tuple[Upload, ...]:
    """Return the photos that came with the answers of an activity."""
    rows = await session.scalars(
        select(Upload)
        .where(Upload.activity_id == activity_id, Upload.question == PHOTO)
        .order_by(Upload.uploaded_at, Upload.id)
    )
    return tuple(rows)


async def are_in_doubt(session: AsyncSession, activity_id: str) -> bool:
    """Whether somebody took consent back and nobody has looked yet which photos that is about."""
    found = await session.scalar(
        select(Call.id).where(Call.activity_id == activity_id, Call.what == WITHDRAWN, Call.state == CallState.OPEN)
    )
    return found is not None


async def remove_photos_of(
    runtime: Runtime, activity_id: str, person_id: str, photos: Sequence[str], *, now: datetime, actor: str
) -> None:
    """Remove the photos that somebody is on, wherever they stood, and show the others again.

    Without any nobody was on a photo. Raises ``BadInput`` for one that is no photo of this activity.
    """
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        known = {photo.id for photo in await photos_of(session, activity_id)}
        if unknown := [key for key in photos if key not in known]:
            raise BadInput(
                f"{unknown[0]} is no photo of this activity.", f"{unknown[0]} is geen foto van deze activiteit."
            )
        await remove_uploads(session, photos)
        await finish_calls(session, loaded, {WITHDRAWN}, actor, now, person_id=person_id)
