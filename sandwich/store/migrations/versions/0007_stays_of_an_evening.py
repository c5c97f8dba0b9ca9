"""who comes late, leaves early or did not come stands with the rounds, so that the next ones are made with it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.add_column("round_plan", sa.Column("stays", JSON, nullable=True))
