"""for whose number of mails in an hour an attempt counts"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.add_column("attempt", sa.Column("counts_for", sa.String(24), nullable=True))
    op.create_index("ix_attempt_counts_for", "attempt", ["counts_for", "started_at"])
