"""people who are known only because they took material from a wall"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.add_column("person", sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=True))
