"""People of every temper do what they are made for, and the activity goes on all the same."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from models.tables.asking import ANSWERED, Invitation, InvitationState
from models.tables.mail import CallState
from sandwich.rehearsal.acting import at_the_desk, awake
from sandwich.rehearsal.record import Sent
from sandwich.rehearsal.rehearse import Rehearsed
from sandwich.rehearsal.tempers import Temper

ZONE = ZoneInfo("Europe/Amsterdam")


def codes(played: Rehearsed, temper: Temper) -> list[str]:
    """Return who is of a temper."""
    found = [player.code for player in played.cast.players.values() if player.temper is temper]
    assert found, f"nobody is {temper}"
    return found


def mails_to(played: Rehearsed, code: str) -> list[Sent]:
    """Return what somebody got."""
    return [one for one in played.record.sent if one.to == code]


def asked(played: Rehearsed, code: str) -> list[Invitation]:
    """Return what somebody was asked."""
    return [one for one, _, who in played.record.invitations if who == code]


def test_it_ends_with_everybody_at_once(visit: Rehearsed) -> None:
    assert visit.ended
    assert not visit.record.unworded
    assert all(call.state in {CallState.DONE, CallState.DROPPED} for call in visit.record.calls)


def test_who_is_early_is_never_reminded(visit: Rehearsed) -> None:
    for code in codes(visit, Temper.EARLY):
        assert "reminder" not in {one.mail for one in mails_to(visit, code)}


def test_who_is_late_answers_after_a_reminder(visit: Rehearsed) -> None:
    for code in codes(visit, Temper.LATE):
        assert "reminder" in {one.mail for one in mails_to(visit, code)}
        assert {one.state for one in asked(visit, code)} <= {InvitationState.ANSWERED, InvitationState.CLOSED}


def test_who_phones_gets_no_mail_and_answers_all_the_same(visit: Rehearsed) -> None:
    for code in codes(visit, Temper.PHONE):
        assert not mails_to(visit, code)
        assert InvitationState.PHONED in {one.state for one in asked(visit, code)}


def test_an_address_that_does_not_exist_becomes_a_call(visit: Rehearsed) -> None:
    for code in codes(visit, Temper.BOUNCE):
        assert not mails_to(visit, code)
        assert {"bounced", "no-address"} <= {one.what for one in visit.record.sent if one.about == code}
        assert InvitationState.PHONED in {one.state for one in asked(visit, code)}


def test_who_never_answers_is_phoned_in_vain(visit: Rehearsed) -> None:
    for code in codes(visit, Temper.NEVER):
        assert not {one.state for one in asked(visit, code)} & set(ANSWERED)
        assert "no-answer" in {one.what for one in visit.record.sent if one.about == code}


def test_who_leaves_said_yes_before(visit: Rehearsed) -> None:
    for code in codes(visit, Temper.LEAVE):
        assert InvitationState.ANSWERED in {one.state for one in asked(visit, code) if one.form == "registration"}
        assert "change-stop" in {one.what for one in visit.record.sent if one.about == code}
        last = max(one.at for one in mails_to(visit, code))
        assert last < visit.record.whole.starts_at


def test_who_wants_it_otherwise_gets_it_agreed(visit: Rehearsed) -> None:
    [host] = [code for code in codes(visit, Temper.COUNTER) if code.startswith("H")]
    assert "counter-proposal" in {one.what for one in visit.record.sent if one.to == "C1"} | {
        one.mail for one in visit.record.sent
    }
    assert "agreed" in {one.mail for one in mails_to(visit, host)}


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-10-05 12:00", "2026-10-05 14:00"),
        ("2026-10-05 03:00", "2026-10-05 08:15"),
        ("2026-10-05 21:00", "2026-10-06 08:15"),
    ],
)
def test_nobody_answers_at_night(at: str, then: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert f"{awake(moment, ZONE).astimezone(ZONE):%Y-%m-%d %H:%M}" == then


def test_the_coordinator_comes_to_it_the_next_weekday() -> None:
    friday = datetime(2026, 10, 9, 8, 0, tzinfo=UTC)
    assert f"{at_the_desk(friday, ZONE):%a %d %b %H:%M}" == "Mon 12 Oct 10:30"


def test_the_clock_stands_still_while_mail_leaves(visit: Rehearsed) -> None:
    asked_at = {one.asked_at for one, _, _ in visit.record.invitations}
    due_at = {call.due_at for call in visit.record.calls}
    for moments in (asked_at, due_at, {one.at for one in visit.record.sent}):
        assert moments
        assert {one for one in moments if one.microsecond} == set(), "how fast the machine is decides what was due"
