"""what schools and regions say in their mails themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UNIQUE = "uq_own_text_owner_id_mail_language_readers_piece"


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.create_table(
        "own_text",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("owner_id", sa.String(24), nullable=False),
        sa.Column("mail", sa.String(64), nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("readers", sa.String(32), nullable=False),
        sa.Column("piece", sa.String(32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_text")),
        sa.UniqueConstraint("owner_id", "mail", "language", "readers", "piece", name=op.f(UNIQUE)),
    )
