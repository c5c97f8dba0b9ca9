"""Named places in the code at which tests let a process die or hang; off unless asked for, and never in production.

``SANDWICH_FAILPOINT=step-committed=kill`` kills the process, as ``kill -9`` does, when it gets to that place;
``…=hang`` lets it stand still there, which is how a run looks that somebody then cancels. ``…=kill@3`` waits for the
third time, and several are separated by commas: the first that is met counts.

``PLACES`` lists them all. *Committing* is inside a transaction whose work is done, *committed* just behind it; the
others stand before and after what is sent to somebody else.
"""

import asyncio
import os
import signal

VARIABLE = "SANDWICH_FAILPOINT"

PLACES = {
    # every transaction of ours, whoever makes it
    "change-committing": "everything of an audited transaction is written, nothing is committed",
    "change-committed": "an audited transaction was committed, whoever asked for it does not know yet",
    "upkeep-committed": "a transaction on leases, clock, sign-in or drafts was committed",
    # people and pages
    "activity-started": "an activity was started, its coordinator was not told",
    "concept-made": "a concept was made from Prefect's form, no run has it yet",
    "steering-committed": "a coordinator's change was committed: a move, somebody added, put on hold",
    "cancel-committed": "an activity was cancelled",
    "draft-committed": "a draft was kept, the page does not say so yet",
    "upload-stored": "a file was kept, the rest of its form was not read",
    "answer-committing": "an answer and what follows from it are written, not committed",
    "answer-committed": "an answer was committed",
    "answer-untold": "an answer was taken, the page that says so was not sent",
    "change-reported": "a withdrawal, change or request by somebody who takes part was committed",
    "erasure-committed": "somebody was erased, the database file was not rewritten yet",
    # backups
    "backup-copied": "the database was copied, there is no archive yet",
    "archive-written": "the archive is there, whoever asked does not know",
    "restore-prepared": "a copy was checked and its outbox held, it is not in its place",
    "restore-placed": "what was backed up is in its place, whoever asked does not know",
    "restored-mail-discarded": "of the mail that had left before, that of one activity was thrown away",
    # rows that are due
    "rows-found": "due rows were read",
    "row-handled": "the due rows of one activity were handled, not committed",
    "rows-committed": "the due rows of one activity were committed",
    # mail
    "message-put-aside": "mail that is not needed any more was put aside, not committed",
    "attempt-written": "a mail was worded and its attempt written, not committed",
    "message-claimed": "a mail was claimed: its attempt is committed, nothing has been said to the mail server",
    "mail-server-greeted": "the line to the mail server is open",
    "sender-given": "the mail server took the sender",
    "recipient-given": "the mail server took the recipient",
    "data-awaited": "the mail server waits for the mail, no byte of it has left",
    "dot-sent": "the mail and its final dot have left, no answer has come",
    "dot-answered": "the mail server has answered",
    "outcome-committing": "what came of a mail is written, not committed",
    "outcome-recorded": "what came of a mail is committed",
    "message-judged": "a mail that a dead process left behind was judged",
    "message-postponed": "a mail that could not be worded was put off",
    "lease-given-up": "a round of deliveries is over",
    # mail that comes in
    "letter-kept": "a mail that came in is committed, whoever brought it was not told",
    "reply-taken": "what a reply said was taken, its mail does not count as handled yet",
    "letter-handled": "what followed from a mail that came in is committed",
    # programs
    "notice-claimed": "a notice was taken in hand, nothing has been sent",
    "notice-answered": "its receiver has answered, nobody wrote that down",
    "request-carried-out": "what a program asked once was done, its answer is not kept",
    # steps and runs
    "outlook-committed": "an activity was looked at, what is due was not begun",
    "step-performed": "a step was done, not committed",
    "step-committed": "a step was committed, Prefect does not know",
    "step-shown": "Prefect shows the step, we have not written that down",
    "progress-shown": "Prefect shows how far an activity is",
    "run-parked": "Prefect has parked a run, its process does not know",
    "run-claimed": "Prefect gave a run to this worker",
    "run-made": "Prefect has a new run, no activity knows it",
    "run-taken": "an activity has its new run, which is parked far ahead",
    "run-released": "a new run may begin",
    "run-ended": "a dead run was ended in Prefect, it was not replaced yet",
    "wake-sent": "Prefect was asked to start a parked run",
}


class _Armed:
    """What was asked to happen, by place: the action, and how many times the place is still passed first."""

    def __init__(self, wanted: str) -> None:
        self.actions: dict[str, tuple[str, int]] = {}
        for one in filter(None, wanted.split(",")):
            place, _, action = one.partition("=")
            action, _, number = action.partition("@")
            if place not in PLACES or action not in {"kill", "hang"}:
                raise ValueError(f"{VARIABLE}: {one} is no place of sandwich/failpoints.py with kill or hang")
            self.actions[place] = action, int(number or 1)

    async def meet(self, place: str) -> None:
        action, left = self.actions.get(place, ("", 0))
        if not action:
            return
        self.actions[place] = action, left - 1
        if left != 1:
            return
        os.write(2, f"failpoint {place}: {action}\n".encode())
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(3600)


_armed: _Armed | None = None


def arm(wanted: str) -> None:
    """Let what ``wanted`` says happen from here on; in production nothing."""
    global _armed
    is_production = os.environ.get("SANDWICH_ENVIRONMENT", "production") == "production"
    _armed = None if is_production or not wanted else _Armed(wanted)


async def failpoint(place: str) -> None:
    """Die or hang here, where that was asked for."""
    if _armed is not None:
        await _armed.meet(place)


arm(os.environ.get(VARIABLE, ""))
