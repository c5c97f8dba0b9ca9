"""Back-pressure: half as much in hand at a refusal, a little more at every good answer, between one and the limit."""

from sandwich.orchestration.pressure import ANSWERS, CUT_SECONDS, LONGEST_HOLD_SECONDS, SLOW_SECONDS, Pressure


def good(pressure: Pressure, answers: int, now: float) -> None:
    for _ in range(answers):
        pressure.answered(200, 0.03, 0.0, now)


def test_refusals_halve_down_to_one_and_good_answers_grow_back_to_the_limit() -> None:
    pressure = Pressure(8)
    seen = []
    for number in range(5):
        pressure.answered(503, 0.03, 0.0, now=number * CUT_SECONDS)
        seen.append(pressure.room(number * CUT_SECONDS))
    assert seen == [4, 2, 1, 1, 1]
    assert pressure.refused == 5
    grown = []
    for _ in range(12):
        good(pressure, ANSWERS * pressure.room(100), now=100)
        grown.append(pressure.room(100))
    assert grown[:3] == [1, 2, 3] or grown[:3] == [2, 3, 4]
    assert grown == sorted(grown)
    assert grown[-1] == 8


def test_refusals_of_one_moment_are_one_sign() -> None:
    pressure = Pressure(8)
    for _ in range(20):
        pressure.answered(429, 0.03, 0.0, now=7.0)
    assert pressure.room(7.0) == 4
    assert pressure.refused == 20


def test_nothing_is_begun_before_the_moment_that_the_server_asked_for() -> None:
    pressure = Pressure(8)
    pressure.answered(503, 0.03, 10.0, now=0.0)
    good(pressure, 100, now=1.0)
    assert [pressure.room(now) for now in (0.0, 9.9)] == [0, 0]
    assert pressure.room(10.0) >= 4
    pressure.answered(503, 0.03, 1e9, now=20.0)
    assert pressure.room(20.0 + LONGEST_HOLD_SECONDS) >= 1, "not for ever, whatever a server says"


def test_an_answer_that_takes_long_or_never_comes_counts_as_a_refusal() -> None:
    pressure = Pressure(8)
    pressure.answered(200, SLOW_SECONDS + 1, 0.0, now=0.0)
    assert pressure.room(0.0) == 4
    pressure.refuse(now=CUT_SECONDS)
    assert pressure.room(CUT_SECONDS) == 2


def test_a_client_error_is_no_sign_of_a_busy_server() -> None:
    pressure = Pressure(8)
    pressure.answered(404, 0.03, 0.0, now=0.0)
    assert pressure.room(0.0) == 8


def test_others_get_the_same_part_of_a_number_of_their_own() -> None:
    pressure = Pressure(8)
    assert pressure.room(0.0, 4) == 4
    pressure.refuse(now=0.0)
    assert pressure.room(0.0, 4) == 2
    pressure.refuse(now=CUT_SECONDS, retry_after=5.0)
    assert pressure.room(CUT_SECONDS, 4) == 0
    assert pressure.room(CUT_SECONDS + 5.0, 4) == 1
