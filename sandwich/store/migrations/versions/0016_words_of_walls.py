"""the words by which walls are searched, and how often colleagues hear of new cards"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup.

    What stands on walls already is indexed by the running parts.
    """
    op.create_table(
        "card_view",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("activity_id", sa.String(24), nullable=False),
        sa.Column("region_id", sa.String(24), nullable=False),
        sa.Column("school_id", sa.String(24), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_card_view_activity_id")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_card_view_region_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_card_view_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_view")),
    )
    op.create_index("ix_card_view_activity_id", "card_view", ["activity_id"])
    op.create_index("ix_card_view_published_at", "card_view", ["region_id", "published_at"])
    op.create_table(
        "card_word",
        sa.Column("scope", sa.String(24), nullable=False),
        sa.Column("word", sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql"), nullable=False),
        sa.Column("view_id", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(["view_id"], ["card_view.id"], name=op.f("fk_card_word_view_id")),
        sa.PrimaryKeyConstraint("scope", "word", "view_id", name=op.f("pk_card_word")),
    )
    op.create_index("ix_card_word_view_id", "card_word", ["view_id"])
    op.add_column("school", sa.Column("weeks_between_digests", sa.Integer(), nullable=True))
