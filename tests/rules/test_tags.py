"""A tag finds its like, whoever wrote it."""

import pytest

from sandwich.definitions.library import Library


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("houtskeletbouw", "timber-frame"),
        ("Houtskeletbouw", "timber-frame"),
        ("timber-frame", "timber-frame"),
        ("Timber frame building", "timber-frame"),
        ("lasrobot", "welding"),
        ("BIM", "bim"),
        ("Warmtepompen", "heat-pumps"),
        ("elektrisch  rijden", "electric-driving"),
        ("bouw", "building"),
        ("koepel", "koepel"),
        (" drones  vliegen ", "drones vliegen"),
    ],
)
def test_what_a_form_and_a_list_call_differently_is_kept_alike(library: Library, written: str, kept: str) -> None:
    assert library.tags.kept([written]) == [kept]


def test_each_is_kept_once_and_blank_ones_not_at_all(library: Library) -> None:
    assert library.tags.kept(["prefab", "Prefab bouwen", " ", "Koepel", "koepel"]) == ["prefab", "Koepel"]


def test_a_kept_tag_is_shown_in_words(library: Library) -> None:
    assert library.tags.shown("bim").nl == "BIM en digitaal tekenen"
    assert library.tags.shown("koepel").en == "koepel"
    assert library.tags.shown("Lasrobot").nl == "Lassen en lasrobots", "kept before there were keys"


def test_a_tag_is_looked_for_by_every_name(library: Library) -> None:
    assert {"robots", "magazijnrobots", "Robots and automation"} <= set(library.tags.called("robots"))
    assert library.tags.called("koepel") == ("koepel",)


def test_every_tag_of_the_form_and_of_the_demo_is_known_by_one_key(library: Library) -> None:
    """No word stands for two techniques, and no label of one is a word of another."""
    named: dict[str, str] = {}
    for name in ("techniques", "sectors"):
        for option in library.lists[name].options:
            for word in option.also_called:
                assert named.setdefault(word.casefold(), option.key) == option.key, word
                assert library.tags.kept([word]) == [option.key], word
