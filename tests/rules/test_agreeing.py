"""Who stands behind what, and that an agreement is made only where everybody said yes to the same."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.negotiates import Negotiates
from models.roles import Role
from sandwich.rules.agreeing import Word, standing, whose_turn
from sandwich.rules.differences import applied, differences_between, digest_of, prints_of, terms_of

DRAFTS, ANSWERS, AGREES = Role.TEACHER, Role.MENTOR, Role.SCHOOL_LEADER
TALK = Negotiates(form="internship-plan", drafts=DRAFTS, answers=ANSWERS, agrees=(AGREES,))

cells = st.dictionaries(st.sampled_from(["who", "name", "ready_on"]), st.text(max_size=3) | st.none())
rows = st.dictionaries(st.sampled_from(["tour", "photos", "new-1", "new-2"]), cells, max_size=4)
tables = rows.map(lambda found: [{"row": key, "label": f"name of {key}", **row} for key, row in found.items()])
versions: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "tasks": tables,
        "period": tables,
        "max_group": st.integers(0, 3) | st.none(),
        "safety": st.lists(st.sampled_from(["shoes", "helmet"]), unique=True),
        "note": st.text(max_size=3),
    },
)
parties = st.sampled_from(TALK.parties)


def version(**terms: Any) -> dict[str, Any]:
    """Return a version with one row in a table and what else is said."""
    return {"work": [{"row": "new-1", "label": "Lassen", "how": "join"}], **terms}


def whole(party: Role, terms: dict[str, Any]) -> Word:
    """Return a yes to a whole version."""
    return Word(party, prints_of(terms))


@given(versions, versions)
def test_applying_the_difference_to_the_old_version_gives_the_new(old: dict[str, Any], new: dict[str, Any]) -> None:
    made = applied(old, differences_between(old, new))
    assert prints_of(made) == prints_of(new)
    assert digest_of(made) == digest_of(new)
    assert differences_between(made, new) == ()


@given(versions, versions)
def test_versions_differ_exactly_where_their_fingerprints_do(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert (digest_of(old) == digest_of(new)) is (differences_between(old, new) == ())
    kept = {name for name, print_ in prints_of(old).items() if prints_of(new).get(name) == print_}
    named = {f"{one.question}/{one.row}" if one.row else one.question for one in differences_between(old, new)}
    assert kept | named == terms_of(old).keys() | terms_of(new).keys()
    assert not kept & named


@given(versions, st.lists(st.tuples(parties, versions, st.booleans()), max_size=6))
def test_agreed_only_where_the_last_word_of_every_party_is_this_very_version(
    current: dict[str, Any], said: list[tuple[Role, dict[str, Any], bool]]
) -> None:
    words = [Word(party, prints_of(terms)) for party, terms, _ in said]
    found = standing(prints_of(current), words, TALK.parties)
    last = {word.party: word.prints for word in words}
    everybody_said_this = all(last.get(party) == prints_of(current) for party in TALK.parties)
    assert found.is_agreed is (everybody_said_this and bool(prints_of(current)))


@given(versions, versions, versions)
def test_a_yes_to_single_terms_opens_nothing_and_closes_only_those(
    agreed: dict[str, Any], changed: dict[str, Any], other: dict[str, Any]
) -> None:
    words = [whole(DRAFTS, agreed), whole(ANSWERS, agreed), whole(ANSWERS, changed)]
    before = standing(prints_of(changed), words, (DRAFTS, ANSWERS))
    chosen = {name: prints_of(changed).get(name, "") for name in terms_of(other)}
    after = standing(prints_of(changed), [*words, Word(DRAFTS, chosen, whole=False)], (DRAFTS, ANSWERS))
    assert set(after.open_for(DRAFTS)) == set(before.open_for(DRAFTS)) - chosen.keys()


@given(versions, versions)
def test_a_later_change_opens_only_what_it_touches(agreed: dict[str, Any], changed: dict[str, Any]) -> None:
    words = [whole(party, agreed) for party in TALK.parties]
    found = standing(prints_of(changed), [*words, whole(ANSWERS, changed)], TALK.parties)
    touched = {f"{one.question}/{one.row}" if one.row else one.question for one in differences_between(agreed, changed)}
    assert found.open_terms == touched
    assert set(found.open_for(DRAFTS)) == touched
    assert found.open_for(ANSWERS) == ()


def test_whoever_proposed_something_else_since_takes_the_earlier_yes_back() -> None:
    first, second = version(max_group=12), version(max_group=8)
    words = [whole(DRAFTS, first), whole(ANSWERS, first), whole(ANSWERS, second), whole(DRAFTS, first)]
    found = standing(prints_of(first), words, (DRAFTS, ANSWERS))
    assert found.open_for(ANSWERS) == ("max_group",)
    assert not found.is_agreed


def test_a_struck_row_is_open_until_the_others_leave_it_out_too() -> None:
    before, after = version(max_group=12), {"max_group": 12}
    words = [whole(DRAFTS, before), whole(ANSWERS, before), whole(ANSWERS, after)]
    found = standing(prints_of(after), words, (DRAFTS, ANSWERS))
    assert found.open_for(DRAFTS) == ("work/new-1",)
    agreed = standing(prints_of(after), [*words, whole(DRAFTS, after)], (DRAFTS, ANSWERS))
    assert agreed.is_agreed
    assert agreed.behind.keys() == {"max_group"}


def test_the_two_who_negotiate_come_before_those_who_only_agree() -> None:
    draft = version()
    drafted = standing(prints_of(draft), [whole(DRAFTS, draft)], TALK.parties)
    assert whose_turn(TALK, drafted) == (ANSWERS,)
    answered = standing(prints_of(draft), [whole(DRAFTS, draft), whole(ANSWERS, draft)], TALK.parties)
    assert whose_turn(TALK, answered) == (AGREES,)
    words = [whole(party, draft) for party in TALK.parties]
    assert whose_turn(TALK, standing(prints_of(draft), words, TALK.parties)) == ()


def test_nothing_at_all_is_no_agreement() -> None:
    assert not standing({}, [whole(party, {}) for party in TALK.parties], TALK.parties).is_agreed
