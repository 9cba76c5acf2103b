"""Know which attachments the log names: whether each was here once, and when the server was last known to have it."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of attachments; `at_server` is a day (days since 1970-01-01), 0 where the server never had one."""
    op.execute(
        """CREATE TABLE attachment (
            sha256 BLOB PRIMARY KEY,
            size INTEGER NOT NULL,
            media_type TEXT NOT NULL,
            kept INTEGER NOT NULL,
            at_server INTEGER NOT NULL) WITHOUT ROWID"""
    )
