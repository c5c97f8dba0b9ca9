"""agreements of several parties: who said yes to which version, term by term

What was there need not be carried over: the author of a version wanted it, and everybody the one that was accepted.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.create_table(
        "party_word",
        sa.Column("agreement_id", sa.String(length=24), nullable=False),
        sa.Column("activity_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(32), nullable=False),
        sa.Column("is_yes", sa.Boolean(), nullable=False),
        sa.Column("terms", JSON, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_implied", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.String(length=24), nullable=True),
        sa.Column("entered_by_id", sa.String(length=24), nullable=True),
        sa.Column("via", sa.String(32), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_party_word_activity_id")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_party_word_agreement_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name=op.f("fk_party_word_entered_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_party_word_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_word")),
    )
    with op.batch_alter_table("party_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_word_agreement_id"), ["agreement_id"], unique=False)
    with op.batch_alter_table("agreement_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.String(32), nullable=True))
        batch_op.drop_column("host_accepted_at")
        batch_op.drop_column("school_accepted_at")
