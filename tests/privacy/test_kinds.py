"""The table of what is kept: no column with something of a person is missing, and nothing stands there that is not."""

from models.data_kinds import DataKind
from models.tables import Table
from models.tables.base import PERSONAL
from sandwich.privacy.due import At, due
from sandwich.privacy.kinds import KEPT, UNMARKED
from sandwich.settings import Settings, read_settings

CONTENT = {"upload_content.content", "incoming_content.content", "incoming_content.sender", "draft.typed"}
CONTENT |= {"reply_text.words", "personal_value.value", "card_word.word"}
"""What people wrote or sent and stands outside the audited tables, where nothing is marked."""


def columns() -> set[str]:
    """Return every column that is marked as somebody's, or leads to somebody."""
    return {
        f"{table.name}.{column.name}"
        for table in Table.metadata.tables.values()
        for column in table.columns
        if PERSONAL in column.info or any(key.target_fullname == "person.id" for key in column.foreign_keys)
    }


def test_every_column_with_something_of_a_person_has_a_kind_and_every_kind_its_columns() -> None:
    told = {place for one in KEPT for place in one.places}
    assert columns() | CONTENT <= told
    known = {f"{table.name}.{column.name}" for table in Table.metadata.tables.values() for column in table.columns}
    assert told <= known
    assert known >= UNMARKED


def test_each_kind_stands_there_once_with_a_term_that_is_a_setting() -> None:
    assert [one.kind for one in KEPT] == list(DataKind)
    for one in KEPT:
        assert one.setting is None or one.setting in Settings.model_fields
        assert ("{n}" in one.term.nl and "{n}" in one.term.en) is (one.setting is not None), one.kind
        assert one.asks_first <= (one.setting is not None)


def test_a_month_ago_is_a_day_that_there_is() -> None:
    from datetime import UTC, datetime

    at = At("r", read_settings({}, environment="development"), datetime(2027, 3, 31, 12, tzinfo=UTC))
    assert at.before_months(1).date().isoformat() == "2027-02-28"
    assert at.before_months(15).date().isoformat() == "2025-12-28"
    assert due.__doc__
