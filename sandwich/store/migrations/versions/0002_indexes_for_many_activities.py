"""indexes that keep what goes on quick to find beside a hundred thousand activities that have ended"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    op.create_index("ix_activity_started_at", "activity", ["region_id", "started_at"])
    op.create_index("ix_activity_status", "activity", ["status", "region_id"])
    op.create_index("ix_impression_card_published_at", "impression_card", ["state", "published_at"])
    op.create_index("ix_plan_step_state", "plan_step", ["state", "shown_at"])
