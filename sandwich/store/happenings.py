"""What happens is noted for whoever wants to be told, in the transaction in which it happens.

It is seen in the rows themselves, so that no service can forget it. Where nobody wants to be told, looking costs one
small query in a transaction in which something happened, and nothing in any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, insert, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from models.happenings import Happening
from models.tables.activities import Activity, ContactMoment
from models.tables.agreements import Agreement
from models.tables.asking import Submission
from models.tables.base import Table, new_id
from models.tables.hooks import Hook, Notice, NoticeState
from models.tables.mail import Call, CallState
from models.tables.results import CardState, ImpressionCard
from sandwich.store.audit import TRAIL, ChangeSession, Trail

_SEEN = "happenings"
"""Key in a session's ``info`` of what was noted already: a transaction may write one row several times."""


@dataclass(frozen=True)
class _Happened:
    what: Happening
    activity_id: str
    said: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, ...]:
        return (self.what, self.activity_id, *map(str, self.said.values()))


@event.listens_for(ChangeSession, "after_flush")
def _note(session: Session, _context: UOWTransaction) -> None:
    seen: set[tuple[str, ...]] = session.info.setdefault(_SEEN, set())
    new = session.new
    found = {
        one.key: one
        for row in (*new, *session.dirty)
        for one in _happened(row, is_new=row in new)
        if one.key not in seen
    }
    if not found:
        return
    seen |= found.keys()
    connection = session.connection()
    hooks = connection.execute(select(Hook.id, Hook.region_id, Hook.events).where(Hook.ended_at.is_(None))).all()
    if not hooks:
        return
    ids = {one.activity_id for one in found.values()}
    regions = connection.execute(select(Activity.id, Activity.region_id).where(Activity.id.in_(ids)))
    of = {row.id: row.region_id for row in regions}
    trail: Trail = session.info[TRAIL]
    notices = [
        {
            "id": new_id(),
            "hook_id": hook.id,
            "event": one.what,
            "body": {
                "type": one.what.value,
                "timestamp": trail.at.isoformat(),
                "data": {"activity_id": one.activity_id, **one.said},
            },
            "queued_at": trail.at,
            "due_at": trail.at,
            "state": NoticeState.WAITING,
            "attempts": 0,
        }
        for one in found.values()
        for hook in hooks
        if hook.region_id == of.get(one.activity_id) and (not hook.events or one.what in hook.events)
    ]
    if notices:
        connection.execute(insert(Notice), notices)


def _happened(row: Table, *, is_new: bool) -> Iterator[_Happened]:
    """Return what happened by the writing of one row."""

    def became(column: str) -> bool:
        return is_new or inspect(row).attrs[column].history.has_changes()

    match row:
        case Activity() if is_new:
            yield _Happened(Happening.STARTED, row.id, {"status": row.status.value})
        case Activity():
            if became("status"):
                yield _Happened(Happening.STATUS_CHANGED, row.id, {"status": row.status.value})
            if became("date_fixed_at"):
                yield _Happened(Happening.DATE_CHANGED, row.id, {})
        case ContactMoment() if not is_new and became("starts_at"):
            yield _Happened(Happening.DATE_CHANGED, row.activity_id, {})
        case Submission() if is_new:
            said = {"submission_id": row.id, "invitation_id": row.invitation_id, "form": row.form}
            yield _Happened(Happening.ANSWERED, row.activity_id, said)
        case Call() if row.state is CallState.OPEN and became("state"):
            yield _Happened(Happening.CALL_OPENED, row.activity_id, {"call_id": row.id, "about": row.what})
        case Call() if row.state is CallState.DONE and not is_new and became("state"):
            yield _Happened(Happening.CALL_DONE, row.activity_id, {"call_id": row.id, "about": row.what})
        case Agreement() if row.accepted_version is not None and became("accepted_version"):
            agreed = {"subject": row.subject, "version": row.accepted_version}
            yield _Happened(Happening.AGREED, row.activity_id, agreed)
        case ImpressionCard() if row.state is CardState.PUBLISHED and became("state"):
            yield _Happened(Happening.SHARED, row.activity_id, {})
