"""who holds an office of a region, and the words of people for whoever may read them"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_REGIONS = "(SELECT current_setting('sandwich.regions', true))"
_WORDS = "(SELECT coalesce(current_setting('sandwich.words', true), ''))"
_TABLES = ("submission", "draft", "upload_content", "reply_text", "incoming_content", "personal_value")


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.create_table(
        "held_office",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("person_id", sa.String(24), nullable=False),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_held_office_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_office")),
    )
    op.create_index("ix_held_office_person_id", "held_office", ["person_id"])
    if op.get_context().dialect.name != "postgresql":
        return
    person = "EXISTS (SELECT 1 FROM person AS seen WHERE seen.id = held_office.person_id)"
    whose = f"{_REGIONS} = '*' OR {person}"
    op.execute("ALTER TABLE held_office ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE held_office FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY whose ON held_office USING ({whose}) WITH CHECK ({whose})")
    for table in _TABLES:
        op.execute(f"CREATE POLICY words ON {table} AS RESTRICTIVE USING ({_WORDS} <> 'hidden')")
