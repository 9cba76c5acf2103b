"""Passwords that somebody else gave, which their owner changes when signing in with them."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mark passwords that must be changed. Those from before are taken for their owners' own."""
    op.execute("ALTER TABLE idn.credential ADD COLUMN must_change boolean NOT NULL DEFAULT false;")
