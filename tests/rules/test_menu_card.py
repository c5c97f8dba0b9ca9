"""A company's menu card inside its profile."""

from sandwich.rules.menu_card import Offer, menu_card, said_of_offer, with_offer


def test_a_line_is_added_changed_and_emptied_and_the_rest_stays() -> None:
    profile = {"limits": "Niet in december", "offers": [{"row": "one", "offered": False}]}
    changed = with_offer(profile, "two", offered=True, max_people=12)
    changed = with_offer(changed, "one", offered=True, months="maart")
    changed = with_offer(changed, "two", max_people=None, per_year=2)
    assert changed == {
        "limits": "Niet in december",
        "offers": [
            {"row": "one", "offered": True, "months": "maart"},
            {"row": "two", "offered": True, "per_year": 2},
        ],
    }
    assert profile["offers"] == [{"row": "one", "offered": False}], "a new profile, for the log compares"
    assert menu_card(changed) == (
        Offer("one", True, None, "maart", None),
        Offer("two", True, 2, None, None),
    )


def test_what_a_company_did_not_say_is_no_line() -> None:
    assert menu_card(None) == ()
    assert menu_card({"offers": [{"row": "one", "per_year": 2}]}) == ()
    assert said_of_offer({"offers": []}, "one") == {}


def test_a_profile_that_was_erased_has_no_lines() -> None:
    assert menu_card({"offers": "erased"}) == ()
    assert with_offer({"offers": "erased"}, "one", offered=True) == {"offers": [{"row": "one", "offered": True}]}
