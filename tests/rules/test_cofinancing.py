"""What companies gave, and how far that is towards their share."""

from sandwich.rules.cofinancing import Given, Piece, Share, given, share_of

PIECES = (
    Piece(hours=10, is_confirmed=True, rate=45),
    Piece(hours=4, is_confirmed=True, rate=60),
    Piece(hours=7, rate=45),
    Piece(material=250, is_confirmed=True),
    Piece(material=80),
)


def test_only_what_was_confirmed_has_a_value() -> None:
    assert given(PIECES) == Given(14, 7, 250, 80, value=10 * 45 + 4 * 60 + 250)


def test_without_a_rate_hours_have_no_value_that_anybody_knows() -> None:
    assert given((Piece(hours=3, is_confirmed=True), *PIECES)).value is None
    assert given((Piece(hours=3), Piece(material=5, is_confirmed=True))).value == 5, "estimates need no rate"


def test_the_share_is_ten_percent_of_the_costs_and_is_not_reached_before_it_is() -> None:
    assert share_of(given(PIECES), 10_000, 10) == Share(target=1000, reached=940)
    share = share_of(Given(value=999.99), 10_000, 10)
    assert share is not None
    assert share.percent == 99
    assert share_of(given(PIECES), None, 10) is None
    assert share_of(Given(value=None), 10_000, 10) is None
    assert Share(0, 5).percent == 100
