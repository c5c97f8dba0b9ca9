"""a card that is shared opens nobody's activity, and a coach sees what they coach"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup.

    Whom an activity is shared with stood in it too, and nothing ever wrote it: its card says it.
    """
    if op.get_context().dialect.name == "postgresql":
        for statement in (_of_school(), _OF_COACH, *_policies()):
            op.execute(statement)
    op.drop_column("activity", "share_scope")


_REGIONS = "(SELECT current_setting('sandwich.regions', true))"
_SCHOOL = "(SELECT coalesce(current_setting('sandwich.school', true), ''))"
_COACH = "(SELECT coalesce(current_setting('sandwich.coach', true), ''))"
_PERSON = "(SELECT coalesce(current_setting('sandwich.person', true), ''))"

# In here all rows are seen, or the policies of two tables would ask each other.
_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}({asked} varchar) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  before text := current_setting('sandwich.regions', true);
  found text[];
BEGIN
  PERFORM set_config('sandwich.regions', '*', true);
  found := ARRAY({answer});
  PERFORM set_config('sandwich.regions', before, true);
  RETURN found;
END $$
"""
_OF_COACH = _FUNCTION.format(
    name="sandwich_of_coach",
    asked="asked_person",
    answer="""
      SELECT participation.activity_id FROM participation
      WHERE participation.person_id = asked_person
      AND participation.role = 'coach' AND participation.left_at IS NULL""",
)


def _of_school() -> str:
    return _FUNCTION.format(
        name="sandwich_of_school",
        asked="asked_school",
        answer="""
      SELECT participation.activity_id FROM participation JOIN person ON person.id = participation.person_id
      WHERE person.school_id = asked_school
      UNION
      SELECT activity.id FROM activity JOIN company ON company.id = activity.company_id
      WHERE company.school_id = asked_school""",
    )


_MINE = f"activity.region_id = ANY (string_to_array({_REGIONS}, ','))"
_SEEN = f"""{_MINE} AND (
    ({_SCHOOL} = '' AND {_COACH} = '')
    OR activity.coordinator_id = {_PERSON}
    OR activity.id IN (SELECT unnest(sandwich_of_school({_SCHOOL})))
    OR activity.id IN (SELECT unnest(sandwich_of_coach({_COACH}))))"""

_OF_EITHER = ("message", "attempt", "incoming", "consent")
_OWN = "EXISTS (SELECT 1 FROM activity AS seen WHERE seen.id = {table}.{column})"


def _policies() -> tuple[str, ...]:
    """The activities that are seen; a coach sees nothing either that is about a person and no activity."""
    narrow = [(table, "activity_id") for table in _OF_EITHER] + [("personal_value", "stream")]
    return (
        "DROP POLICY whose ON activity",
        f"CREATE POLICY whose ON activity USING ({_REGIONS} = '*' OR ({_SEEN})) "
        f"WITH CHECK ({_REGIONS} = '*' OR ({_MINE}))",
        *(
            f"CREATE POLICY coaches ON {table} AS RESTRICTIVE FOR SELECT USING "
            f"({_REGIONS} = '*' OR {_COACH} = '' OR {_OWN.format(table=table, column=column)})"
            for table, column in narrow
        ),
    )
