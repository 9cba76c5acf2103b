"""The rows of the queue as whoever looks after the server sees them. The queue itself writes its own."""

from dataclasses import dataclass
from datetime import datetime

from ledgerflow_server.database.connecting import Database, connect

_FAILED = """
    SELECT id, task_name, attempts, args::text, (
        SELECT max(at) FROM jobs.procrastinate_events AS event WHERE event.job_id = job.id)
    FROM jobs.procrastinate_jobs AS job WHERE status = 'failed' ORDER BY id
"""
_WAITING = "SELECT count(*), min(scheduled_at) FROM jobs.procrastinate_jobs WHERE status = 'todo'"
_RETRY = """
    UPDATE jobs.procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = now()
    WHERE status = 'failed' AND (id = %(id)s OR %(id)s IS NULL)
"""
_FORGET = "DELETE FROM jobs.procrastinate_jobs WHERE status = 'failed' AND (id = %(id)s OR %(id)s IS NULL)"


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that was given up: which, how often it was tried, its numbers and ids, and when it failed."""

    number: int
    task: str
    attempts: int
    arguments: str
    at: datetime | None


def failed(database: Database) -> list[FailedJob]:
    """Return the jobs that were given up, oldest first."""
    with connect(database, "lf_queue") as connection:
        return [FailedJob(*row) for row in connection.execute(_FAILED).fetchall()]


def waiting(database: Database) -> int:
    """Return how many jobs wait."""
    with connect(database, "lf_queue") as connection:
        row = connection.execute(_WAITING).fetchone()
    assert row is not None, "a count has a row"
    return int(row[0])


def retry(database: Database, number: int | None = None) -> int:
    """Let a failed job, or all of them, be tried again; return how many."""
    with connect(database, "lf_queue") as connection:
        return connection.execute(_RETRY, {"id": number}).rowcount


def forget(database: Database, number: int | None = None) -> int:
    """Delete a failed job, or all of them; return how many."""
    with connect(database, "lf_queue") as connection:
        return connection.execute(_FORGET, {"id": number}).rowcount
