"""Keep what is being typed: drafts are no part of the books, in no log and in no report, and go when posted."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of drafts; `kind` says which screen wrote one, `saved_at` is the machine's UTC time as text."""
    op.execute(
        """CREATE TABLE draft (
            id BLOB PRIMARY KEY,
            kind TEXT NOT NULL,
            saved_at TEXT NOT NULL,
            body BLOB NOT NULL) WITHOUT ROWID"""
    )
