"""How a command reaches the database of the settings: our own, started if need be, or the one a URL names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from ledgerflow_server.database import secrets
from ledgerflow_server.database.connecting import Database, place_of
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.database.failures import DatabaseUnavailable
from ledgerflow_server.keys import files
from ledgerflow_server.settings.settings import Settings

NAME = "ledgerflow"


@dataclass(frozen=True, slots=True)
class Reached:
    """The database, and the connection string of the role that may migrate it (a secret)."""

    database: Database
    administration: str


def database_of(settings: Settings) -> Database:
    """Return where the database is and how our roles log in; makes their passwords where there are none."""
    files.make_folder(settings.key_folder)
    place = place_of(settings.database_url) if settings.database_url else embedded_of(settings).place(NAME)
    return Database(place, secrets.read_or_make(settings.database_secrets, os.urandom), settings.database_pooled)


def embedded_of(settings: Settings) -> EmbeddedPostgres:
    """Return our own PostgreSQL, running or not."""
    return EmbeddedPostgres(settings.database_folder)


@contextmanager
def reached(settings: Settings) -> Iterator[Reached]:
    """Have the database answer while the block runs. Our own is stopped afterwards if it was started here.

    Raises `DatabaseUnavailable` where a URL leads nowhere, `EmbeddedDatabaseFailed` where ours does not start.
    """
    database = database_of(settings)
    if settings.database_url:
        administration = settings.database_admin_url or settings.database_url
        _require_answer(administration)
        yield Reached(database, administration)
        return
    embedded = embedded_of(settings)
    started_here = not embedded.running()
    embedded.start()
    try:
        embedded.ensure_database(NAME)
        yield Reached(database, embedded.administration(NAME))
    finally:
        if started_here:
            embedded.stop()


def _require_answer(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        # psycopg's text names host and role, never the password.
        raise DatabaseUnavailable("LEDGERFLOW_DATABASE_URL", reason=str(error).splitlines()[0]) from None
