"""mail that comes in, and people who are not there"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.add_column("person", sa.Column("away_from", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("away_until", sa.Date(), nullable=True))
    op.create_table(
        "incoming",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("activity_id", sa.String(length=24), nullable=True),
        sa.Column("message_id", sa.String(length=24), nullable=True),
        sa.Column("person_id", sa.String(length=24), nullable=True),
        sa.Column("call_id", sa.String(length=24), nullable=True),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_incoming_activity_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_incoming_call_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_incoming_message_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_incoming_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming")),
        sa.UniqueConstraint("key", name=op.f("uq_incoming_key")),
    )
    with op.batch_alter_table("incoming", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incoming_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_incoming_kind", ["kind", "received_at"], unique=False)
    op.create_table(
        "incoming_content",
        sa.Column("incoming_id", sa.String(length=24), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incoming_id"], ["incoming.id"], name=op.f("fk_incoming_content_incoming_id")),
        sa.PrimaryKeyConstraint("incoming_id", name=op.f("pk_incoming_content")),
    )
    with op.batch_alter_table("incoming_content", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incoming_content_received_at"), ["received_at"], unique=False)
