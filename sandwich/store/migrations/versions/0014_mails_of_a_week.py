"""the day on which a mail left as one of its reader's week"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.add_column("message", sa.Column("counted_on", sa.Date(), nullable=True))
    op.create_index("ix_message_counted", "message", ["person_id", "counted_on"])
