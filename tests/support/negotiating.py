"""Two playbooks of our own in which people agree: an internship of three parties, and a pair of two."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from models.playbook import Playbook
from models.roles import Role
from models.tables.agreements import Agreement, AgreementState, PartyWord
from models.tables.asking import InvitationState
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from sandwich.rules.agreeing import Standing
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.agreements import AgreementView, standing_of, view_of
from tests.support.cast import Cast
from tests.support.chapters import begun
from tests.support.driver import Play

BOOK = """
key: {key}
version: 1
title: {{nl: "Samen leren", en: "Learning together"}}
about: {{nl: "Een docent en een ander.", en: "A teacher and somebody else."}}
borrows: company-visit
purposes: [knowledge]
parameters:
  lead_weeks: 6
  hours: 6
  group: {{minimum: 1, maximum: 2}}
  evaluation_window: E+14d
gates:
  before:
    code: G1
    title: {{nl: "Klaar", en: "Ready"}}
    hard: [date_fixed, task_division_settled]
  during:
    code: G2
    title: {{nl: "Geweest", en: "Has been"}}
    hard: [last_moment_over]
  after:
    code: G3
    title: {{nl: "Rond", en: "Complete"}}
    hard: [evaluation_closed, shared, fed_back]
steps:
  - like: request
  - like: date
  - like: goals
{steps}
  - like: evaluation
  - like: impressions
  - like: host-preview
  - like: publish
  - like: feedback
"""

INTERNSHIP = """
  - key: plan
    stage: before
    title: {nl: "Stageplan", en: "Internship plan"}
    demand: task_division
    at: T-4w
    needs: [date_fixed]
    does: negotiate
    negotiates: {form: internship-plan, drafts: teacher, answers: mentor, agrees: [school_leader]}
    asks:
      - to: teacher
        mail: ask
        form: internship-plan
        remind: teachers
        deadline: T-3w
        say: &say
          subject: {nl: "het stageplan", en: "the internship plan"}
          text: {nl: "Kijk naar het stageplan.", en: "Look at the internship plan."}
      - {to: mentor, mail: ask, form: internship-plan, variant: mentor, remind: hosts, deadline: T-2w, say: *say}
      - {to: school_leader, mail: ask, form: internship-plan, variant: school-leader, remind: approval, say: *say}
  - key: tasks
    stage: before
    title: {nl: "Wie doet wat?", en: "Who does what?"}
    at: T-4w
    needs: [date_fixed]
    does: propose-tasks
    proposal: {reception: host, transport: school}
    asks:
      - {to: host_contact, mail: task-division, form: task-division, remind: hosts, deadline: T-2w}
"""

PAIR = """
  - key: pair-plan
    stage: before
    title: {nl: "Plan van het koppel", en: "Plan of the pair"}
    demand: task_division
    at: T-4w
    needs: [date_fixed]
    does: negotiate
    negotiates: {form: pair-plan, drafts: teacher, answers: professional}
    asks:
      - to: teacher
        mail: ask
        form: pair-plan
        remind: teachers
        deadline: T-3w
        say: &say
          subject: {nl: "jullie plan", en: "your plan"}
          text: {nl: "Kijk naar het plan.", en: "Look at the plan."}
      - {to: professional, mail: ask, form: pair-plan, variant: professional, remind: hosts, deadline: T-2w, say: *say}
"""

PLAN = "internship-plan"
PARTIES = (Role.TEACHER, Role.MENTOR, Role.SCHOOL_LEADER)
DRAFT = {
    "agree": "agreed",
    "period__new_1__date": "2026-11-05",
    "period__new_1__begins": "09:00",
    "period__new_1__ends": "12:00",
    "work__new_1__what": "Meekijken bij het lassen",
    "work__new_1__how": "watch",
    "talk__begin__date": "2026-11-05",
    "talk__half_way__date": "2026-11-05",
    "talk__end__date": "2026-11-12",
    "internship_kind": "exploratory",
}


@cache
def _own_playbooks() -> Mapping[str, Playbook]:
    with TemporaryDirectory() as folder:
        for key, steps in (("walk-along", INTERNSHIP), ("walk-in-pairs", PAIR)):
            (Path(folder) / f"{key}.yaml").write_text(BOOK.format(key=key, steps=steps), encoding="utf-8")
        return load_playbooks(Library.load(), [Path(folder)])


def with_own_playbooks(runtime: Runtime) -> Runtime:
    """Return an installation that has both playbooks too."""
    return replace(runtime, library=replace(runtime.library, playbooks=_own_playbooks()))


def on_own_playbooks(play: Play) -> Play:
    """Let a play of one of the chapters below go on."""
    return replace(play, runtime=with_own_playbooks(play.runtime))


async def begin(runtime: Runtime, cast: Cast, kind: str, people: dict[str, Role]) -> Play:
    """Play an activity of T3 with P3's company until what is agreed has been asked of whoever drafts it."""
    play = await Play.begin(
        runtime, cast, kind=kind, purpose="knowledge", title="Meelopen", teachers=["T3"], trip_leader=None, group_size=1
    )
    for code, role in people.items():
        await steer.add_person(runtime, play.activity_id, code, role, now=await play.now(), actor=play.coordinator)
    await play.with_date()
    await play.sleep_to("2026-10-08 10:00")
    return play


INTERNSHIP_ASKED = begun(
    "an internship of T3 with P7 as mentor, of which the plan has been asked",
    lambda runtime, cast: begin(with_own_playbooks(runtime), cast, "walk-along", {"P7": Role.MENTOR}),
)

PAIR_ASKED = begun(
    "a pair of T3 and P7, of which the plan has been asked",
    lambda runtime, cast: begin(with_own_playbooks(runtime), cast, "walk-in-pairs", {"P7": Role.PROFESSIONAL}),
)


async def view(play: Play, subject: str) -> AgreementView:
    """Return an agreement as it stands."""
    async with play.runtime.store.read() as session:
        found = await view_of(session, play.activity_id, subject)
    assert found is not None
    return found


async def stands(play: Play, subject: str) -> Standing:
    """Return who stands behind what."""
    talk = next(talk for _, talk in (await play.loaded()).playbook.agreements() if talk.about == subject)
    async with play.runtime.store.read() as session:
        return await standing_of(session, await view(play, subject), talk)


async def yeses(play: Play, subject: str) -> list[tuple[Role, int, str, bool]]:
    """Return every stored yes: party, version, its fingerprint, and whether it was implied."""
    async with play.runtime.store.read() as session:
        rows = await session.scalars(
            select(PartyWord)
            .join(Agreement, Agreement.id == PartyWord.agreement_id)
            .where(Agreement.subject == subject, Agreement.activity_id == play.activity_id)
            .order_by(PartyWord.said_at, PartyWord.number, PartyWord.is_implied)
        )
        return [(row.party, row.number, row.digest, row.is_implied) for row in rows]


async def asked_of(play: Play, subject: str = PLAN) -> dict[str, list[InvitationState]]:
    """Return who was asked about an agreement, each with how it went, in order."""
    found: dict[str, list[InvitationState]] = {}
    for code in ("T3", "P7", "L1", "L2", "L3"):
        rows = [one.state for one in await play.invitations(code) if one.form == subject]
        if rows:
            found[code] = rows
    return found


async def state(play: Play, subject: str = PLAN) -> tuple[AgreementState, int | None, int]:
    """Return where an agreement is, which version holds, and how many rounds it took."""
    agreement = (await view(play, subject)).agreement
    return agreement.state, agreement.accepted_version, agreement.rounds


async def leader(play: Play) -> str:
    """Return the code of the teacher's school leader."""
    return next(code for code in await asked_of(play) if code.startswith("L"))
