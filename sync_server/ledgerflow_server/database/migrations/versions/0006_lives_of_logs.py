"""The life each log is of, which its head now always says; and two tables away that nothing used."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A log from before begins a life of its own: which one it was of is not known here. It is the table that is written
# anew, not its rows that are updated: the rows of tenants are out of a migration's sight.
_LIFE = """
    ALTER TABLE lf.company_head
        ALTER incarnation TYPE uuid USING coalesce(incarnation, CASE WHEN size > 0 THEN gen_random_uuid() END),
        ADD CHECK (incarnation IS NOT NULL OR size = 0);
"""


def upgrade() -> None:
    """Let heads say the life, and drop what is not used."""
    op.execute(_LIFE)
    op.execute("DROP TABLE lf.checkpoint, lf.fork_evidence;")
