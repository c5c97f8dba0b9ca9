"""Answers to which a form promises that the coordinator phones, helps or looks for somebody; in whatever form."""

from collections.abc import Mapping
from typing import Any

from sandwich.services.consequences.received import Received

PROMISED: Mapping[str, Mapping[Any, str]] = {
    "oral_feedback": {False: "no-oral-feedback"},
    "observed_agree": {False: "observed-refuse"},
    "mid_on_course": {"off-course": "off-course"},
    "intake_done": {False: "no-intake-talk"},
    "stop": {"stop": "would-stop"},
    "vog": {"unknown": "vog-unknown"},
    "trial": {True: "trial-wanted"},
    "employer_ok": {"to-ask": "employer-to-ask", False: "employer-refused"},
    "together": {"design-team": "follow-up", "return-visit": "follow-up"},
    "on_track": {1: "off-schedule", 2: "off-schedule"},
}
"""The call that an answer opens, by question and answer."""

STUCK = "not-yet"


async def keep_promises(received: Received) -> None:
    """Open the calls that the form promised for these answers."""
    for question, calls in PROMISED.items():
        said = received.answers.get(question)
        if isinstance(said, str | int) and said in calls:
            await received.call(calls[said])
    if any(row.get("result") == STUCK for row in received.answers.get("matches") or ()):
        await received.call("match-stuck")
