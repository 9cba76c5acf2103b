"""Find optional and post-dated vouchers without reading the others: reports ask for them each time."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the few vouchers that are neither regular nor cancelled."""
    op.execute("CREATE INDEX voucher_waiting ON voucher (state, day, no) WHERE state IN (1, 2)")
