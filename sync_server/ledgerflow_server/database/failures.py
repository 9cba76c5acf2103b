"""What can go wrong between the server and PostgreSQL, with codes instead of the database's own words."""

from ledgerflow_core.errors import LedgerFlowError


class DatabaseUnavailable(LedgerFlowError):
    """No connection could be had in time. Nothing was written; the same request may be sent again."""

    code = "database-unavailable"


class StorageFull(DatabaseUnavailable):
    """PostgreSQL has no room to write. Nothing was written; there will be an answer once somebody made room."""

    code = "storage-full"


class CommitUnknown(LedgerFlowError):
    """COMMIT was sent and its outcome is not known: answer "unknown, send the same again", never "accepted"."""

    code = "outcome-unknown"


class TransactionBroken(LedgerFlowError):
    """A statement failed earlier and the failure was swallowed: PostgreSQL would answer COMMIT with a rollback."""

    code = "transaction-broken"


class EmbeddedDatabaseFailed(LedgerFlowError):
    """Our own PostgreSQL could not be made, started or stopped; fact `reason` says why."""

    code = "embedded-database-failed"


class SecretsUnreadable(LedgerFlowError):
    """The file with the passwords of our database roles is there and cannot be used."""

    code = "database-secrets-unreadable"


class DatabaseTooOld(LedgerFlowError):
    """PostgreSQL is older than what the tables need (facts `version`, `wanted`)."""

    code = "database-too-old"


class SchemaBehind(LedgerFlowError):
    """The tables are of another version than this program (facts `schema`, `wanted`): migrate first."""

    code = "schema-behind"
