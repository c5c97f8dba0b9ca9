"""the days on which a company is closed"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    with op.batch_alter_table("calendar_block", schema=None) as batch_op:
        batch_op.add_column(sa.Column("company_id", sa.String(length=24), nullable=True))
        batch_op.create_foreign_key(op.f("fk_calendar_block_company_id"), "company", ["company_id"], ["id"])
