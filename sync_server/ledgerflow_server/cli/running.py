"""Who serves or works on a data folder, by a lock that ends with the process: behind a pooler no query can tell."""

import contextlib
import fcntl
from collections.abc import Iterator
from typing import TextIO

from ledgerflow_core.errors import refuse
from ledgerflow_server.database.connecting import Database, connect
from ledgerflow_server.settings.settings import Settings

_FILE = "running.lock"
_RUNNING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE usename = 'lf_app' AND datname = current_database() AND pid <> pg_backend_pid()
"""


def running(settings: Settings) -> TextIO:
    """Say that this process goes by the incarnation it reads after this; true for as long as the file stays open."""
    file = open(settings.data_folder / _FILE, "a", encoding="ascii")  # noqa: SIM115 - open for the process's life
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextlib.contextmanager
def nobody_running(settings: Settings, database: Database) -> Iterator[None]:
    """Keep servers and workers from starting while the block runs; refuses `server-is-running` where one is up."""
    with running(settings) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refuse("server-is-running") from None
        # A server on another machine has a data folder of its own. What a pooler keeps open is nobody's.
        if not database.pooled:
            with connect(database, "lf_app", autocommit=True) as connection:
                if connection.execute(_RUNNING).fetchone() != (0,):
                    raise refuse("server-is-running")
        yield
