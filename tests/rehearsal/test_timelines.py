"""Every kind, rehearsed once: its timeline is the one that was reviewed, so that a change of rhythm shows up in a diff;
and what arrives makes one conversation for each person in each activity.
"""

from collections import defaultdict
from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest

from sandwich.rehearsal.rehearse import Book, Rehearsed
from tests.support.threads import split_on_subject, threads
from tests.support.timelines import TIMELINES, kinds, rehearsed, timeline

KINDS = kinds()
Kind = tuple[Book, list[Rehearsed]]


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """A kind, rehearsed."""
    return rehearsed(request.param)


def mailboxes(played: Rehearsed) -> dict[str, list[Message]]:
    """Return what each person got, in the order in which it arrived."""
    found: dict[str, list[Message]] = defaultdict(list)
    for letter in played.letters:
        mail = message_from_bytes(letter.mail.data, policy=default)
        found[str(mail["To"])].append(mail)
    return found


def test_a_kind_goes_as_its_reviewed_timeline_says(kind: Kind) -> None:
    kept = (TIMELINES / f"{kind[0].playbook.key}.txt").read_text(encoding="utf-8")
    assert timeline(*kind) == kept, "another rhythm: `make timelines`, look at the difference, and commit it"


def test_what_a_person_gets_about_an_activity_is_one_thread(kind: Kind) -> None:
    several = 0
    for played in kind[1]:
        for person, mails in mailboxes(played).items():
            found = [{str(mail["List-Id"]) for mail in thread} for thread in threads(mails)]
            assert all(len(activities) == 1 for activities in found), person
            assert len(found) == len({str(mail["List-Id"]) for mail in mails}), person
            several += len(split_on_subject(mails)) > len(found)
    assert several, "programs that split on the subject show more, which the documentation says"


def test_every_timeline_is_of_a_kind_that_there_is() -> None:
    assert sorted(path.stem for path in TIMELINES.glob("*.txt")) == KINDS
