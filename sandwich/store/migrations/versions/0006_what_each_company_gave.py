"""what each company gave, where several did; when a company told about itself; how long people travel"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.add_column("region", sa.Column("travel", JSON, nullable=True))
    op.add_column("company", sa.Column("profile_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("company_value", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.String(length=24), nullable=True))
        batch_op.drop_constraint(op.f("uq_company_value_activity_id"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_company_value_activity_id_person_id"), ["activity_id", "person_id"])
        batch_op.create_foreign_key(op.f("fk_company_value_person_id"), "person", ["person_id"], ["id"])
