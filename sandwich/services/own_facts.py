"""Facts that a playbook adds: what was answered to one of its steps."""

from models.steps import Enough, OwnFact
from models.tables.activities import ACTIVE
from models.tables.asking import FELL_AWAY, InvitationState
from sandwich.services.answers_of import Answered, Answers


def holds(fact: OwnFact, answers: Answers) -> bool:
    """Whether enough of those whom a step asked have answered as a fact of the playbook says.

    Who need not answer, by the word of the coordinator, is not waited for.
    """
    asked = [
        invitation.id
        for invitation, participation in answers.invitations
        if invitation.step in (fact.steps or (fact.step,))
        and invitation.state not in (*FELL_AWAY, InvitationState.WAIVED)
        and participation.standing in ACTIVE
    ]
    so = [item for item in answers.answered if item.invitation.id in asked and _says(fact, item)]
    if not so:
        return False
    return {Enough.ONE: 0.0, Enough.MOST: 0.8, Enough.ALL: 1.0}[fact.enough] <= len(so) / len(asked)


def _says(fact: OwnFact, item: Answered) -> bool:
    if fact.question is None:
        return True
    given = item.answers.get(fact.question)
    if not fact.answers:
        return given not in (None, "", [])
    return any(one in fact.answers for one in (given if isinstance(given, list) else [given]))
