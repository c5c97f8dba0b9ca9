"""the register of companies: who keeps the contact, when to phone somebody, why a company was asked all the same"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.add_column("activity", sa.Column("asked_anyway", JSON, nullable=True))
    op.add_column("company", sa.Column("owner_id", sa.String(length=24), nullable=True))
    op.add_column("person", sa.Column("best_time", sa.Text(), nullable=True))
    op.add_column("region", sa.Column("eligible_costs", sa.Double(), nullable=True))
    op.create_index("ix_company_owner_id", "company", ["owner_id"])
