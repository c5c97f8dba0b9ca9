"""${message}"""

# ruff: noqa: E501 - written by `python -m sandwich.store.migrate revision`

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    ${upgrades or "pass"}
