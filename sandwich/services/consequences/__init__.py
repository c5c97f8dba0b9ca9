"""What follows from an answer, by form; decided and written in the transaction that takes the answer."""

from collections.abc import Awaitable, Callable, Mapping

from sandwich.services.consequences import anytime, before, later, network, pairing
from sandwich.services.consequences.agreement import agreement
from sandwich.services.consequences.promises import keep_promises
from sandwich.services.consequences.received import Received
from sandwich.services.consequences.refusals import refusals

CONSEQUENCES: Mapping[str, Callable[[Received], Awaitable[None]]] = {
    "date-poll": before.date_poll,
    "pair-proposal": pairing.offer,
    "follow-up": pairing.follow_up,
    "approval": before.approval,
    "goals": before.goals,
    "task-division": before.task_division,
    "practical-information": before.practical_information,
    "company-profile": network.company_profile,
    "attendance": later.attendance,
    "session-log": later.session_log,
    "field-note": network.technique_seen,
    "teacher-evaluation": later.teacher_evaluation,
    "host-evaluation": later.host_evaluation,
    "host-hours": later.host_hours,
    "impressions": later.impressions,
    "card-release": later.card_release,
    "impact-check": later.impact_check,
    "change": anytime.change,
    "new-date": anytime.new_date,
    "privacy-request": anytime.privacy_request,
}
"""A form without an entry has no consequence beyond the facts that change with its answers."""

BY_QUESTION: Mapping[str, Callable[[Received], Awaitable[None]]] = {
    "attend": before.attends,
    "agree": before.agreement,
    "host_hours": later.own_hours,
    "next_date": later.next_meeting,
    "more": pairing.card,
    "talks": pairing.card,
}
"""What follows from a question in whatever form it stands; after what follows from the form."""

__all__ = ["BY_QUESTION", "CONSEQUENCES", "Received", "agreement", "keep_promises", "refusals"]
