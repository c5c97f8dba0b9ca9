"""How the report of a rehearsal says it."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from models.text import Language
from sandwich.rehearsal.rehearse import Rehearsed
from sandwich.rehearsal.report import Report, offset

ZONE = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("days", "said"), [(-42, "T-6w"), (-10, "T-10d"), (0, "T"), (1, "E+1d"), (7, "E+1w"), (15, "E+15d")]
)
def test_a_day_is_told_by_how_far_it_is(visit: Rehearsed, days: int, said: str) -> None:
    whole = visit.record.whole
    assert whole.first == whole.last
    assert offset(whole.first + timedelta(days=days), whole) == said


def test_every_mail_stands_in_it_once(visit: Rehearsed) -> None:
    lines = list(Report(Language.ENGLISH, ZONE).of_one(visit, 1))
    timeline = [line for line in lines if re.match(r"  \w{3} \d\d \w{3} 20\d\d  ", line)]
    people = [re.sub(r"\([^)]*\)", "", line) for line in timeline]
    told = sum(len(re.findall(r" [A-Z]\d+(?:-colleagues)?\+?(?= |$)", line)) for line in people)
    assert told == len({(one.at, one.step, one.mail, one.number, one.what, one.to) for one in visit.record.sent})
    years = [int(line[13:17]) for line in timeline]
    assert years == sorted(years)


def test_both_languages_say_the_same_mails(visit: Rehearsed) -> None:
    said = {language: list(Report(language, ZONE).of_one(visit, 1)) for language in Language}
    assert len(said[Language.DUTCH]) == len(said[Language.ENGLISH])
    for dutch, english in zip(said[Language.DUTCH], said[Language.ENGLISH], strict=True):
        assert re.findall(r"\([A-Z]\d\d\)", dutch) == re.findall(r"\([A-Z]\d\d\)", english)
