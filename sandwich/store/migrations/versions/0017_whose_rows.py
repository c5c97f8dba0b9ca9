"""whose rows a transaction may see, and the region of a person"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup.

    Whoever is of no school and no company gets a region after the last step, where the audit log can follow it.
    """
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("region_id", sa.String(24), nullable=True))
        person.create_foreign_key(op.f("fk_person_region_id"), "region", ["region_id"], ["id"])
    op.create_index("ix_person_region_id", "person", ["region_id"])
    if op.get_context().dialect.name == "postgresql":
        for statement in (*_FUNCTIONS, *_policies()):
            op.execute(statement)


# ``(SELECT …)`` is worked out once for a statement and not for each row.
_REGIONS = "(SELECT current_setting('sandwich.regions', true))"
_ALL = f"{_REGIONS} = '*'"
_SCHOOL = "(SELECT coalesce(current_setting('sandwich.school', true), ''))"
_PERSON = "(SELECT coalesce(current_setting('sandwich.person', true), ''))"

# In here all rows are seen, or the policies of two tables would ask each other.
_FUNCTION = """
CREATE FUNCTION {name} RETURNS {kind} LANGUAGE plpgsql STABLE AS $$
DECLARE
  before text := current_setting('sandwich.regions', true);
  found {kind};
BEGIN
  PERFORM set_config('sandwich.regions', '*', true);
  found := {answer};
  PERFORM set_config('sandwich.regions', before, true);
  RETURN found;
END $$
"""
_FUNCTIONS = (
    _FUNCTION.format(
        name="sandwich_of_school(asked_school varchar)",
        kind="text[]",
        answer="""
    ARRAY(
      SELECT participation.activity_id FROM participation JOIN person ON person.id = participation.person_id
      WHERE person.school_id = asked_school
      UNION
      SELECT activity.id FROM activity JOIN company ON company.id = activity.company_id
      WHERE company.school_id = asked_school
      UNION
      SELECT card.activity_id FROM impression_card AS card
      WHERE card.state = 'published' AND card.share_scope = 'region')""",
    ),
    _FUNCTION.format(
        name="sandwich_takes_part(asked_school varchar, regions text)",
        kind="boolean",
        answer="""
    EXISTS (
      SELECT 1 FROM person
      JOIN participation ON participation.person_id = person.id
      JOIN activity ON activity.id = participation.activity_id
      WHERE person.school_id = asked_school AND activity.region_id = ANY (string_to_array(regions, ',')))""",
    ),
)


def _mine(column: str) -> str:
    return f"{column} = ANY (string_to_array({_REGIONS}, ','))"


def _there_is(table: str, condition: str) -> str:
    """What can be seen of ``table`` says its own policy."""
    return f"EXISTS (SELECT 1 FROM {table} AS seen WHERE {condition})"  # noqa: S608 - of our own tables


def _activity_of(table: str, column: str = "activity_id") -> str:
    return _there_is("activity", f"seen.id = {table}.{column}")


def _person_of(table: str) -> str:
    return _there_is("person", f"seen.id = {table}.person_id")


def _either_of(table: str) -> str:
    return f"{_activity_of(table)} OR ({table}.activity_id IS NULL AND {_person_of(table)})"


def _of_schools(column: str) -> str:
    schools = f"SELECT seen.id FROM school AS seen WHERE {_mine('seen.region_id')}"  # noqa: S608 - of our own tables
    return f"{_mine(column)} OR {column} IN ({schools})"


_OF_ACTIVITY = (
    "contact_moment",
    "participation",
    "plan_step",
    "agreement",
    "agreement_version",
    "party_word",
    "invitation",
    "link",
    "submission",
    "upload",
    "call",
    "pair",
    "round_plan",
    "impression_card",
    "hours",
    "company_value",
)
_OF_EITHER = ("message", "attempt", "incoming", "consent")
_OF_PERSON = ("contact", "login_code", "web_session")
_PARENTS = {
    "draft": ("invitation_id", "invitation"),
    "upload_content": ("upload_id", "upload"),
    "reply_text": ("call_id", "call"),
    "incoming_content": ("incoming_id", "incoming"),
}
_SEEN = {
    "region": _mine("region.id"),
    "activity": f"""{_mine("activity.region_id")} AND (
        {_SCHOOL} = '' OR activity.share_scope = 'region' OR activity.coordinator_id = {_PERSON}
        OR activity.id IN (SELECT unnest(sandwich_of_school({_SCHOOL}))))""",
    "school": f"{_mine('school.region_id')} OR sandwich_takes_part(school.id, {_REGIONS})",
    "company": f"{_mine('company.region_id')} OR {_there_is('activity', 'seen.company_id = company.id')}",
    "person": " OR ".join(
        (
            _mine("person.region_id"),
            _there_is("school", f"seen.id = person.school_id AND {_mine('seen.region_id')}"),
            _there_is("company", f"seen.id = person.company_id AND {_mine('seen.region_id')}"),
            _there_is("participation", "seen.person_id = person.id"),
            _there_is("activity", "seen.coordinator_id = person.id"),
        )
    ),
    "calendar_block": f"""(calendar_block.school_id IS NULL AND calendar_block.company_id IS NULL)
        OR {_there_is("school", "seen.id = calendar_block.school_id")}
        OR {_there_is("company", "seen.id = calendar_block.company_id")}""",
    "own_text": _of_schools("own_text.owner_id"),
    "card_view": _mine("card_view.region_id"),
    "card_word": _of_schools("card_word.scope"),
    "audit_entry": f"audit_entry.stream = 'registry' OR {_activity_of('audit_entry', 'stream')}",
    "personal_value": f"""{_activity_of("personal_value", "stream")} OR (personal_value.stream = 'registry'
        AND {_person_of("personal_value")})""",
    **{table: _activity_of(table) for table in _OF_ACTIVITY},
    **{table: _either_of(table) for table in _OF_EITHER},
    **{table: _person_of(table) for table in _OF_PERSON},
    **{table: _there_is(parent, f"seen.id = {table}.{column}") for table, (column, parent) in _PARENTS.items()},
}
"""Which rows of each table may be seen."""

_WRITTEN = {
    "activity": _mine("activity.region_id"),
    # What is written about a change is written with it, also about an activity that is there no more.
    "audit_entry": "true",
    "personal_value": "true",
}
"""Which rows may be written, where it is another matter."""


def _policies() -> Iterator[str]:
    for table, seen in _SEEN.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        written = _WRITTEN.get(table, seen)
        yield f"CREATE POLICY whose ON {table} USING ({_ALL} OR ({seen})) WITH CHECK ({_ALL} OR ({written}))"
