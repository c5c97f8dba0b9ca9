"""a word of the coordinator's own at the beginning of one mail"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.add_column("message", sa.Column("word", sa.Text(), nullable=True))
