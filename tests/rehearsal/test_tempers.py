"""Who of a group takes it how."""

import pytest

from sandwich.rehearsal.tempers import Temper, tempers

GONE = {Temper.LEAVE, Temper.NEVER}


@pytest.mark.parametrize("number", range(1, 31))
@pytest.mark.parametrize("minimum", [1, 3, 6])
def test_enough_people_stay_and_the_first_answers(number: int, minimum: int) -> None:
    found = tempers(number, min(number, minimum))
    assert len(found) == number
    assert sum(temper not in GONE for temper in found) >= min(number, minimum)
    assert found[0] is Temper.EARLY


def test_a_group_of_ten_has_all_of_them() -> None:
    assert set(tempers(10, 3)) == set(Temper)
