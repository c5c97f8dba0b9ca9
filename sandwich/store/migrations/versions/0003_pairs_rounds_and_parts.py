"""pairs and rounds, the parts of an activity and what it came of, and who was absent at which contact moment"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    for name in ("part_of_id", "follows_id"):
        op.add_column("activity", sa.Column(name, sa.String(length=24), nullable=True))
        op.create_index(f"ix_activity_{name}", "activity", [name])
    op.add_column("contact_moment", sa.Column("absent", JSON, nullable=True))
    op.create_table(
        "pair",
        sa.Column("activity_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("teacher_id", sa.String(length=24), nullable=False),
        sa.Column("professional_id", sa.String(length=24), nullable=False),
        sa.Column("third_id", sa.String(length=24), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("declined_by", JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("part_id", sa.String(length=24), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_pair_activity_id")),
        sa.ForeignKeyConstraint(["part_id"], ["activity.id"], name=op.f("fk_pair_part_id")),
        sa.ForeignKeyConstraint(["professional_id"], ["participation.id"], name=op.f("fk_pair_professional_id")),
        sa.ForeignKeyConstraint(["teacher_id"], ["participation.id"], name=op.f("fk_pair_teacher_id")),
        sa.ForeignKeyConstraint(["third_id"], ["participation.id"], name=op.f("fk_pair_third_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair")),
        sa.UniqueConstraint("activity_id", "number", name=op.f("uq_pair_activity_id_number")),
    )
    op.create_table(
        "round_plan",
        sa.Column("activity_id", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rounds", JSON, nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_round_plan_activity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_plan")),
        sa.UniqueConstraint("activity_id", "number", name=op.f("uq_round_plan_activity_id_number")),
    )
