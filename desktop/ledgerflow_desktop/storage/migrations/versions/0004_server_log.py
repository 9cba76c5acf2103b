"""Hold the server's log beside one's own: its batches, what it signed, what waits to be sent, what has no effect."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # Where an event of a chain stands: batches name their events by chain and number.
    "CREATE UNIQUE INDEX log_run_by_chain ON log_run (replica_no, first_seq)",
    # The server's log as far as it is held. The events stand in log_run; `header`, `signature` and `verdicts` are as
    # they travelled, `known` counts the leading events of the batch that the log had before, `at` is the server's time.
    """CREATE TABLE server_batch (
        first_gseq INTEGER PRIMARY KEY,
        last_gseq INTEGER NOT NULL,
        replica_no INTEGER NOT NULL REFERENCES replica (no),
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        known INTEGER NOT NULL,
        at TEXT NOT NULL,
        header BLOB NOT NULL,
        signature BLOB NOT NULL,
        verdicts BLOB NOT NULL)""",
    "CREATE INDEX server_batch_by_chain ON server_batch (replica_no, last_seq)",
    # Signed statements of the server, as they came.
    "CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, statement BLOB NOT NULL)",
    """CREATE TABLE receipt (
        replica_no INTEGER NOT NULL REFERENCES replica (no),
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        statement BLOB NOT NULL,
        PRIMARY KEY (replica_no, first_seq))""",
    # Batches sealed and perhaps sent: sent again, they are the same bytes.
    """CREATE TABLE outbox_batch (
        replica_no INTEGER NOT NULL REFERENCES replica (no),
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        header BLOB NOT NULL,
        signature BLOB NOT NULL,
        PRIMARY KEY (replica_no, first_seq)) WITHOUT ROWID""",
    # Events that are in the log and change nothing. `gseq` is NULL while the server has not decided and this is
    # only what is foreseen. `voucher_no` and `master_no` are the numbers its voucher or master has all the same.
    """CREATE TABLE without_effect (
        position INTEGER PRIMARY KEY,
        event_id BLOB NOT NULL,
        gseq INTEGER,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        voucher_id BLOB,
        voucher_no INTEGER,
        master_id BLOB,
        master_no INTEGER,
        resolved_at_position INTEGER)""",
    "CREATE INDEX without_effect_by_event ON without_effect (event_id)",
    "CREATE INDEX without_effect_by_voucher ON without_effect (voucher_id) WHERE voucher_id IS NOT NULL",
    # Events of others that stood in a log the server lost: kept until the log has them again.
    "CREATE TABLE pool (no INTEGER PRIMARY KEY, event_id BLOB NOT NULL UNIQUE, raw BLOB NOT NULL)",
)


def upgrade() -> None:
    """Lay the tables of the server's log."""
    for statement in _STATEMENTS:
        op.execute(statement)
