"""Everything that can be done to an activity: to its course, its people, its mails, what was agreed and said."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Path

from models.roles import Role, Stage
from models.text import Text
from sandwich.services.joining import foresee_joining, in_words
from sandwich.web.api.access import Caller
from sandwich.web.api.acting import act
from sandwich.web.api.bodies import (
    Accepting,
    Adding,
    AWord,
    Begin,
    Finishing,
    FixDate,
    Holding,
    Masking,
    Move,
    OnTheDay,
    OtherHost,
    Outcome,
    Pairing,
    Plainly,
    Reminding,
    Replacing,
    Rounds,
    Seen,
    WithMails,
    WithReason,
)
from sandwich.web.api.door import WRITING, routes
from sandwich.web.api.values import ActivityId, OtherId, Subject
from sandwich.web.board.course import rows_of
from sandwich.web.board.members import FROM_LIST, read_candidates
from sandwich.web.board.showing import read_detail
from sandwich.web.board.small import Unclear

router = routes()

_TOO_MANY = Text(nl="Geef hoogstens {most}.", en="Give at most {most}.")
_AT = "/activities/{activity_id}"
_PERSON = _AT + "/participations/{participation_id}"


@router.post(f"{_AT}/fix-date", tags=["course"], **WRITING)
async def fix_date(visitor: Caller, activity_id: ActivityId, body: FixDate) -> Outcome:
    """Fix one of the proposed dates."""
    return await act(visitor, activity_id, "fix-date", body)


@router.post(f"{_AT}/move", tags=["course"], **WRITING)
async def move(visitor: Caller, activity_id: ActivityId, body: Move) -> Outcome:
    """Move to other dates. First look at the cascade, with ``dry_run``; then send the same with ``seen``."""
    detail = await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    if len(body.dates) > len(rows_of(detail)):
        raise Unclear({"dates": _TOO_MANY.filled(most=len(rows_of(detail))).to(visitor.who.language)})
    return await act(visitor, activity_id, "move", body)


@router.post(f"{_AT}/hold", tags=["course"], **WRITING)
async def hold(visitor: Caller, activity_id: ActivityId, body: Holding) -> Outcome:
    """Put an activity on hold: nothing is asked and nothing is sent until it goes on."""
    return await act(visitor, activity_id, "hold", body)


@router.post(f"{_AT}/resume", tags=["course"], **WRITING)
async def resume(visitor: Caller, activity_id: ActivityId, body: Plainly) -> Outcome:
    """Let an activity go on that was on hold."""
    return await act(visitor, activity_id, "resume", body)


@router.post(f"{_AT}/begin", tags=["course"], **WRITING)
async def begin(visitor: Caller, activity_id: ActivityId, body: Begin) -> Outcome:
    """Begin a concept."""
    return await act(visitor, activity_id, "begin", body)


@router.post(f"{_AT}/cancel", tags=["course"], **WRITING)
async def cancel(visitor: Caller, activity_id: ActivityId, body: WithReason) -> Outcome:
    """Cancel an activity, for good; everybody hears of it."""
    return await act(visitor, activity_id, "cancel", body)


@router.post(f"{_AT}/on-the-day", tags=["course"], **WRITING)
async def on_the_day(visitor: Caller, activity_id: ActivityId, body: OnTheDay) -> Outcome:
    """Snow, a strike, code red: off, online or later. First look with ``dry_run``, then send it with ``seen``."""
    return await act(visitor, activity_id, "day", body)


@router.post(f"{_AT}/new-host", tags=["course"], **WRITING)
async def new_host(visitor: Caller, activity_id: ActivityId, body: OtherHost) -> Outcome:
    """Ask another company. First look with ``dry_run``, then send it with ``seen``."""
    return await act(visitor, activity_id, "new-host", body)


@router.post(f"{_AT}/drop-meeting", tags=["course"], **WRITING)
async def drop_meeting(visitor: Caller, activity_id: ActivityId, body: WithReason) -> Outcome:
    """Call off the last of several meetings."""
    return await act(visitor, activity_id, "drop-meeting", body)


@router.post(f"{_AT}/gates/{{stage}}/override", tags=["course"], **WRITING)
async def override_gate(visitor: Caller, activity_id: ActivityId, stage: Stage, body: WithReason) -> Outcome:
    """Go on although something is missing, for a reason that is kept."""
    return await act(visitor, activity_id, "gate", body, stage.value)


@router.post(f"{_AT}/calls/{{call_id}}/done", tags=["course"], **WRITING)
async def finish_call(visitor: Caller, activity_id: ActivityId, call_id: OtherId, body: Finishing) -> Outcome:
    """Write down that a call was made, and what came of it."""
    return await act(visitor, activity_id, "call", body, call_id)


@router.post(f"{_AT}/take-over", tags=["course"], **WRITING)
async def take_over(visitor: Caller, activity_id: ActivityId, body: Seen) -> Outcome:
    """Go on with the newest version of the playbook. First look with ``dry_run``, then send it with ``seen``."""
    return await act(visitor, activity_id, "take-over", body)


@router.post(f"{_AT}/roles/{{role}}/people", tags=["people"], **WRITING)
async def add_people(visitor: Caller, activity_id: ActivityId, role: Role, body: Adding) -> Outcome:
    """Add people in a role. A school or a free day that comes in with them must be seen first."""
    outcome = await act(visitor, activity_id, "people", body, role.value)
    if outcome.done:
        return outcome
    if not set(body.people) <= (await read_candidates(visitor)).ids():
        raise Unclear({"people": FROM_LIST.to(visitor.who.language)})
    if not body.people:
        return outcome
    now, zone = await visitor.runtime.clock.now(), ZoneInfo(visitor.runtime.settings.timezone)
    joining = await foresee_joining(visitor.runtime, activity_id, body.people, role, now=now)
    return Outcome(done=False, happens=[line.to(visitor.who.language) for line in in_words(joining, zone)])


@router.post(f"{_PERSON}/replace", tags=["people"], **WRITING)
async def replace_person(
    visitor: Caller, activity_id: ActivityId, participation_id: OtherId, body: Replacing
) -> Outcome:
    """Let somebody else take a place."""
    return await act(visitor, activity_id, "replace", body, participation_id)


@router.post(f"{_PERSON}/withdraw", tags=["people"], **WRITING)
async def withdraw_person(
    visitor: Caller, activity_id: ActivityId, participation_id: OtherId, body: Plainly
) -> Outcome:
    """Take somebody out of an activity."""
    return await act(visitor, activity_id, "withdraw", body, participation_id)


@router.post(f"{_PERSON}/absent", tags=["people"], **WRITING)
async def note_absent(visitor: Caller, activity_id: ActivityId, participation_id: OtherId, body: Plainly) -> Outcome:
    """Note that somebody is not there on the day; never why."""
    return await act(visitor, activity_id, "absent", body, participation_id)


@router.post(f"{_PERSON}/objects", tags=["people"], **WRITING)
async def note_objection(visitor: Caller, activity_id: ActivityId, participation_id: OtherId, body: Plainly) -> Outcome:
    """Note that somebody does not want to count in reports."""
    return await act(visitor, activity_id, "objects", body, participation_id)


@router.post(f"{_PERSON}/lost", tags=["people"], **WRITING)
async def note_lost(visitor: Caller, activity_id: ActivityId, participation_id: OtherId, body: Plainly) -> Outcome:
    """Note that somebody of a company does not work there any more."""
    return await act(visitor, activity_id, "lost", body, participation_id)


@router.post(f"{_PERSON}/other-language", tags=["people"], **WRITING)
async def other_language(visitor: Caller, activity_id: ActivityId, participation_id: OtherId, body: Plainly) -> Outcome:
    """Write to somebody in the other language from now on."""
    return await act(visitor, activity_id, "language", body, participation_id)


@router.post(f"{_AT}/invitations/{{invitation_id}}/waive", tags=["people"], **WRITING)
async def waive(visitor: Caller, activity_id: ActivityId, invitation_id: OtherId, body: WithReason) -> Outcome:
    """Do without somebody's answer, for a reason that is kept."""
    return await act(visitor, activity_id, "waive", body, invitation_id)


@router.post(f"{_AT}/remind", tags=["outbox"], **WRITING)
async def remind(visitor: Caller, activity_id: ActivityId, body: Reminding) -> Outcome:
    """Remind of questions out of turn, on the next morning that it may."""
    return await act(visitor, activity_id, "remind", body)


@router.post(f"{_AT}/mails/hold", tags=["outbox"], **WRITING)
async def hold_mails(visitor: Caller, activity_id: ActivityId, body: WithMails) -> Outcome:
    """Hold mails back until you let them leave."""
    return await act(visitor, activity_id, "outbox", body, pressed="hold")


@router.post(f"{_AT}/mails/let-leave", tags=["outbox"], **WRITING)
async def let_mails_leave(visitor: Caller, activity_id: ActivityId, body: WithMails) -> Outcome:
    """Let mails leave that were held."""
    return await act(visitor, activity_id, "outbox", body, pressed="leave")


@router.post(f"{_AT}/mails/send-now", tags=["outbox"], **WRITING)
async def send_mails_now(visitor: Caller, activity_id: ActivityId, body: WithMails) -> Outcome:
    """Send mails as soon as they may leave."""
    return await act(visitor, activity_id, "outbox", body, pressed="now")


@router.post(f"{_AT}/mails/discard", tags=["outbox"], **WRITING)
async def discard_mails(visitor: Caller, activity_id: ActivityId, body: WithMails) -> Outcome:
    """Throw mails away; what they ask counts as asked."""
    return await act(visitor, activity_id, "outbox", body, pressed="discard")


@router.post(f"{_AT}/mails/{{mail_id}}/word", tags=["outbox"], **WRITING)
async def add_word(visitor: Caller, activity_id: ActivityId, mail_id: OtherId, body: AWord) -> Outcome:
    """Put a word of your own at the top of a mail that waits."""
    return await act(visitor, activity_id, "outbox", body, mail_id, pressed="word")


@router.post(f"{_AT}/agreements/{{subject}}/accept", tags=["agreements"], **WRITING)
async def accept(visitor: Caller, activity_id: ActivityId, subject: Subject, body: Accepting) -> Outcome:
    """Take a counter-proposal over, all of it or single terms."""
    return await act(visitor, activity_id, "agreement", body, subject)


@router.post(f"{_AT}/words/mask", tags=["agreements"], **WRITING)
async def mask(visitor: Caller, activity_id: ActivityId, body: Masking) -> Outcome:
    """Mask words that had better not stand there; they are gone from the log too."""
    return await act(visitor, activity_id, "words", body)


@router.post(f"{_AT}/card/publish-for-group", tags=["agreements"], **WRITING)
async def publish_for_group(visitor: Caller, activity_id: ActivityId, body: Plainly) -> Outcome:
    """Publish the impression card in the name of the group."""
    return await act(visitor, activity_id, "for-group", body)


@router.post(f"{_AT}/card/withdraw", tags=["agreements"], **WRITING)
async def withdraw_card(visitor: Caller, activity_id: ActivityId, body: Plainly) -> Outcome:
    """Take the impression card off the share wall."""
    return await act(visitor, activity_id, "withdraw-card", body)


@router.post(f"{_AT}/card/ask-host", tags=["agreements"], **WRITING)
async def ask_host(visitor: Caller, activity_id: ActivityId, body: Plainly) -> Outcome:
    """Ask whoever receives again about what was added to the card."""
    return await act(visitor, activity_id, "ask-host", body)


@router.post(f"{_AT}/pairs", tags=["who meets whom"], **WRITING)
async def make_pair(visitor: Caller, activity_id: ActivityId, body: Pairing) -> Outcome:
    """Make a pair by hand."""
    return await act(visitor, activity_id, "pair", body)


@router.post(f"{_AT}/pairs/{{number}}/apart", tags=["who meets whom"], **WRITING)
async def take_apart(
    visitor: Caller, activity_id: ActivityId, number: Annotated[int, Path(ge=1, le=9999)], body: Plainly
) -> Outcome:
    """Take a pair apart; they do not hear why."""
    return await act(visitor, activity_id, "apart", body, str(number))


@router.post(f"{_AT}/rounds", tags=["who meets whom"], **WRITING)
async def make_rounds(visitor: Caller, activity_id: ActivityId, body: Rounds) -> Outcome:
    """Make the remaining rounds anew; nobody meets anybody twice."""
    return await act(visitor, activity_id, "rounds", body)
