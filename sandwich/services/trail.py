"""What happened in an activity, from its audit log, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ActivityStatus, Approval, PlanStep, Standing, StepState
from models.tables.agreements import AgreementState
from models.tables.asking import FormVersion, Invitation, InvitationState, Submission
from models.tables.mail import Call, CallState, Message, MessageState
from models.tables.network import Person
from models.tables.results import CardState
from models.tables.truth import AuditEntry
from models.text import Text
from sandwich.labels import APPROVAL, MAIL, RECEIVER, STANDING, STATUS
from sandwich.rules.gates import closed_by_itself
from sandwich.rules.names import full_name
from sandwich.services.by_hand import BY_HAND
from sandwich.services.call_words import words_of
from sandwich.services.loaded import Loaded
from sandwich.services.receiver import received_by

NEWEST = 40
"""How many sentences the page shows."""

_TABLES = (
    "activity",
    "submission",
    "invitation",
    "participation",
    "agreement",
    "agreement_version",
    "impression_card",
    "plan_step",
    "call",
)


@dataclass(frozen=True)
class TrailLine:
    """One thing that happened. ``actor`` is who did it; ``None``: it followed by itself."""

    at: datetime
    actor: str | None
    sentence: Text


async def trail_of(session: AsyncSession, loaded: Loaded, *, newest: int = NEWEST) -> tuple[TrailLine, ...]:
    """Return what happened in an activity, the newest first."""
    reader = await _reader(session, loaded)
    # What becomes of mails by itself stands in their own list; what somebody did with them belongs here.
    by_hand = and_(
        AuditEntry.table == "message", AuditEntry.action == "update", AuditEntry.actor.in_(list(reader.actors))
    )
    entries = await session.scalars(
        select(AuditEntry)
        .where(AuditEntry.stream == loaded.activity.id, or_(AuditEntry.table.in_(_TABLES), by_hand))
        .order_by(AuditEntry.number.desc())
        .limit(newest * 12)
    )
    lines: list[TrailLine] = []
    for entry in entries:
        sentence = reader.sentence(entry)
        if sentence is not None:
            lines.append(TrailLine(entry.at, reader.actor(entry.actor), sentence))
        if len(lines) == newest:
            break
    return tuple(lines)


async def _reader(session: AsyncSession, loaded: Loaded) -> "_Reader":
    activity_id = loaded.activity.id
    invitations = {
        row.id: row for row in await session.scalars(select(Invitation).where(Invitation.activity_id == activity_id))
    }
    submissions = await session.scalars(select(Submission).where(Submission.activity_id == activity_id))
    calls = await session.scalars(select(Call).where(Call.activity_id == activity_id))
    digests = {row.form_digest for row in invitations.values()}
    forms = await session.scalars(select(FormVersion).where(FormVersion.digest.in_(digests)))
    actors = set(await session.scalars(select(AuditEntry.actor).where(AuditEntry.stream == activity_id).distinct()))
    people = await session.scalars(select(Person).where(Person.id.in_(actors)))
    messages = await session.execute(
        select(Message.id, Message.mail, Message.person_id).where(Message.activity_id == activity_id)
    )
    return _Reader(
        loaded,
        invitations,
        {row.id: row for row in submissions},
        {row.id: row for row in calls},
        {row.digest: Text.model_validate(row.definition["title"]) for row in forms},
        {person.id: full_name(person) for person in people},
        {key: (mail, person_id) for key, mail, person_id in messages},
    )


@dataclass(frozen=True)
class _Reader:
    loaded: Loaded
    invitations: Mapping[str, Invitation]
    submissions: Mapping[str, Submission]
    calls: Mapping[str, Call]
    titles: Mapping[str, Text]
    actors: Mapping[str, str]
    messages: Mapping[str, tuple[str, str]]

    def actor(self, actor: str) -> str | None:
        """Return a person's name; ``None`` for a part of the system."""
        return self.actors.get(actor)

    def sentence(self, entry: AuditEntry) -> Text | None:
        """Return what an entry says to a person, if anything."""
        said = entry.changes
        match entry.table, entry.action:
            case "activity", "insert":
                return Text(nl="De activiteit is gemaakt.", en="The activity was made.")
            case "activity", "update":
                return self._activity(said)
            case "submission", "insert":
                return self._submission(entry.row)
            case "invitation", "update":
                return self._invitation(entry.row, said)
            case "participation", _:
                return self._participation(entry.row, said, entry.action)
            case "agreement_version", "insert":
                number = said.get("number")
                return Text(nl=f"Versie {number} van de taakverdeling.", en=f"Version {number} of the task division.")
            case "agreement", "update" if said.get("state") == AgreementState.ACCEPTED:
                return Text(nl="De taakverdeling is akkoord.", en="The task division is agreed.")
            case "impression_card", _ if said.get("state") in _CARD:
                receiver = RECEIVER[received_by(self.loaded.playbook, self.loaded.company)]
                return _CARD[said["state"]].filled(receiver=receiver)
            case "plan_step", "update" if said.get("state") == StepState.DONE:
                return self._step(entry.row)
            case "message", "update":
                return self._message(entry.row, said)
            case "call", "insert" | "update":
                return self._call(entry.row, said)
        return None

    def _activity(self, said: Mapping[str, Any]) -> Text | None:
        if said.get("asked_anyway"):
            reason = str((self.loaded.activity.asked_anyway or {}).get("reason") or "?")
            return Text(
                nl=f"Toch gevraagd, al was het bedrijf net gevraagd: {reason}",
                en=f"Asked all the same, though the company had just been asked: {reason}",
            )
        if said.get("moves"):
            if said.get("proposed"):
                return Text(nl="Er zijn andere dagen voorgesteld.", en="Other days were proposed.")
            return Text(nl="De datum is verplaatst.", en="The date was moved.")
        if said.get("playbook_digest"):
            return Text(
                nl="De activiteit gaat verder met een andere versie van het draaiboek.",
                en="The activity goes on with another version of the playbook.",
            )
        if said.get("date_fixed_at"):
            return Text(nl="De datum staat vast.", en="The date is fixed.")
        if closed_by_itself(said.get("overrides") or {}):
            return Text(nl="De activiteit is vanzelf afgesloten.", en="The activity closed by itself.")
        if said.get("overrides"):
            return Text(nl="Een slagboom is opengezet.", en="A gate was opened all the same.")
        if said.get("status") in set(ActivityStatus):
            label = STATUS[ActivityStatus(said["status"])]
            return Text(nl=f"De activiteit is nu: {label.nl}.", en=f"The activity is now: {label.en}.")
        return None

    def _submission(self, row: str) -> Text | None:
        submission = self.submissions.get(row)
        if submission is None:
            return None
        who = self._person(submission.person_id)
        invitation = self.invitations.get(submission.invitation_id or "")
        form = self.titles.get(invitation.form_digest) if invitation else None
        form = form or Text(nl=submission.form, en=submission.form)
        if submission.via == "phone":
            return Text(nl=f"{who} antwoordde aan de telefoon: {form.nl}", en=f"{who} answered by phone: {form.en}")
        return Text(nl=f"{who} vulde in: {form.nl}", en=f"{who} filled in: {form.en}")

    def _invitation(self, row: str, said: Mapping[str, Any]) -> Text | None:
        invitation = self.invitations.get(row)
        if invitation is None:
            return None
        participation = next(
            (item for item in self.loaded.participations if item.id == invitation.participation_id), None
        )
        who = self._person(participation.person_id if participation else None)
        form = self.titles.get(invitation.form_digest, Text(nl=invitation.form, en=invitation.form))
        if said.get("state") == InvitationState.WAIVED:
            return Text(
                nl=f"{who} hoeft niet meer te antwoorden: {form.nl}",
                en=f"{who} need not answer any more: {form.en}",
            )
        if said.get("rung") in (1, 2) and invitation.rung:
            return Text(nl=f"Herinnering aan {who}: {form.nl}", en=f"Reminder to {who}: {form.en}")
        return None

    def _message(self, row: str, said: Mapping[str, Any]) -> Text | None:
        """Return what a person did with a mail; what they did to all of an activity says so by itself."""
        if said.get("reason", BY_HAND) not in (None, BY_HAND) or row not in self.messages:
            return None
        done = _WORD if said.get("word") else _MAIL.get(said.get("state", ""))
        if done is None:
            return None
        mail, person_id = self.messages[row]
        return done.filled(mail=MAIL.get(mail, Text(nl=mail, en=mail)), who=self._person(person_id))

    def _participation(self, row: str, said: Mapping[str, Any], action: str) -> Text | None:
        found = next((item for item in self.loaded.participations if item.id == row), None)
        if found is None:
            return None
        who = self._person(found.person_id)
        if action == "insert":
            return Text(nl=f"{who} is toegevoegd.", en=f"{who} was added.")
        if said.get("standing") in set(Standing):
            label = STANDING[Standing(said["standing"])]
            return Text(nl=f"{who}: {label.nl}.", en=f"{who}: {label.en}.")
        if said.get("approval") in set(Approval):
            approval = APPROVAL[Approval(said["approval"])]
            return Text(nl=f"{who}: {approval.nl}.", en=f"{who}: {approval.en}.")
        return None

    def _step(self, row: str) -> Text | None:
        step = next((item for item in self.loaded.steps.values() if item.id == row), None)
        title = self._title(step)
        return Text(nl=f"Stap gedaan: {title.nl}", en=f"Step done: {title.en}") if title else None

    def _title(self, row: PlanStep | None) -> Text | None:
        found = next((step for step in self.loaded.playbook.steps if row and step.key == row.step), None)
        return found.title if found else None

    def _call(self, row: str, said: Mapping[str, Any]) -> Text | None:
        call = self.calls.get(row)
        if call is None or call.what.startswith("gate-") or said.get("state") not in (CallState.OPEN, CallState.DONE):
            return None
        step = next((item for item in self.loaded.playbook.steps if item.key == call.step), None)
        watch = next((item for item in (step.watches if step else ()) if call.what in (item.call, item.key)), None)
        words = words_of(call.what, call.person_id is not None, watch.title if watch else None)
        heading = words.heading_for(who=self._person(call.person_id))
        if said["state"] == CallState.OPEN:
            return Text(nl=f"Actie nodig: {heading.nl}", en=f"A hand is needed: {heading.en}")
        return Text(nl=f"Afgehandeld: {heading.nl}", en=f"Dealt with: {heading.en}")

    def _person(self, person_id: str | None) -> str:
        person = self.loaded.persons.get(person_id or "")
        return (full_name(person) if person else self.actors.get(person_id or "")) or "?"


_WORD = Text(nl="Een woord gezet bij de mail aan {who}: {mail}", en="A word added to the mail to {who}: {mail}")
_MAIL = {
    MessageState.HELD: Text(nl="Mail aan {who} vastgehouden: {mail}", en="Mail to {who} held: {mail}"),
    MessageState.QUEUED: Text(nl="Mail aan {who} mag gaan: {mail}", en="Mail to {who} may leave: {mail}"),
    MessageState.DISCARDED: Text(nl="Mail aan {who} weggegooid: {mail}", en="Mail to {who} thrown away: {mail}"),
}
_CARD = {
    CardState.PREVIEWED: Text(nl="De indrukkenkaart ligt bij {receiver}.", en="The card was laid before {receiver}."),
    CardState.RELEASED: Text(
        nl="De indrukkenkaart is vrijgegeven door {receiver}.", en="The card was released by {receiver}."
    ),
    CardState.PUBLISHED: Text(nl="De indrukkenkaart is gedeeld.", en="The impression card was shared."),
    CardState.WITHDRAWN: Text(nl="De indrukkenkaart is ingetrokken.", en="The impression card was withdrawn."),
}
