"""what coordinators note about a company"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.add_column("company", sa.Column("note", sa.Text(), nullable=True))
