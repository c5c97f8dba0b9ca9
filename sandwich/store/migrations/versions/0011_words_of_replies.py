"""what somebody wrote by mail that a coordinator has to read"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.create_table(
        "reply_text",
        sa.Column("call_id", sa.String(length=24), nullable=False),
        sa.Column("person_id", sa.String(length=24), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_reply_text_call_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reply_text_person_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_reply_text")),
    )
    with op.batch_alter_table("reply_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_text_person_id"), ["person_id"], unique=False)
