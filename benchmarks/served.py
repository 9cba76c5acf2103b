"""A real server over a database of its own, thrown away afterwards, for benchmarks that ask it over HTTP."""

import http.client
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psycopg
from bench_ingest import cpu, cpu_of_postgres, serving
from figure import figure

from ledgerflow_server.database import secrets
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.database.migrating import migrate
from ledgerflow_server.keys import incarnation, server_keys
from ledgerflow_server.ledger.endpoints import BATCH
from ledgerflow_server.settings.settings import Settings


class Spent(NamedTuple):
    """Processor seconds of whoever works in a benchmark."""

    server: float
    postgres: float
    sender: float

    def since(self, before: "Spent") -> "Spent":
        """Return what was spent since then."""
        return Spent(*(now - then for now, then in zip(self, before, strict=True)))

    def figures(self, name: str, of: str, n: int, seconds: float) -> None:
        """Print what one of `n` things (`of` says what they are) cost each of them in so many seconds."""
        for who, spent in zip(("the server", "PostgreSQL", "the sender"), self, strict=True):
            beside = f"{spent / seconds:.2f} cores"
            figure(f"  time of {who}, {name}", spent / n * 1e6, f"us/{of}", n=n, beside=beside)


@dataclass(frozen=True)
class Served:
    """A server that runs, as `ledgerflow-server serve` does, on `port` of this machine."""

    folder: Path
    embedded: EmbeddedPostgres
    database: Database
    port: int
    process: int

    def spent(self) -> "Spent":
        """Return the processor seconds of the server, of PostgreSQL and of this process so far."""
        return Spent(cpu(self.process), cpu_of_postgres(self.embedded), time.process_time())

    def count(self, query: str) -> int:
        """Return the number a query of the superuser comes to."""
        with psycopg.connect(self.embedded.administration("ledgerflow")) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None, query
        return int(row[0])

    def require(self, vouchers: int) -> None:
        """Fail unless exactly so many vouchers are in the books of all companies, and none was parked."""
        kept, parked = self.count("SELECT count(*) FROM lf.voucher"), self.count("SELECT count(*) FROM lf.parked")
        assert (kept, parked) == (vouchers, 0), f"{kept} vouchers of {vouchers}, {parked} parked"


@contextmanager
def served() -> Iterator[Served]:
    """Run a server with an empty database while the block runs. All senders share one address, so that has no limit."""
    folder = Path(tempfile.mkdtemp(prefix="ledgerflow-bench-"))
    settings = Settings(data_folder=folder)
    embedded = EmbeddedPostgres(settings.database_folder)
    os.environ["LEDGERFLOW_RATE_ADDRESS"] = ""
    try:
        server_keys.create(settings.key_folder, os.urandom)
        incarnation.renew(folder, os.urandom)
        embedded.start()
        embedded.ensure_database("ledgerflow")
        database = Database(embedded.place("ledgerflow"), secrets.read_or_make(settings.database_secrets, os.urandom))
        migrate(database, embedded.administration("ledgerflow"))
        with serving(folder) as (port, process):
            yield Served(folder, embedded, database, port, process)
    finally:
        embedded.stop()
        shutil.rmtree(folder)


class Line:
    """One connection to the server that is kept open. For one thread at a time."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def send(self, method: str, path: str, token: str, body: bytes | None = None) -> http.client.HTTPMessage:
        """Send a request and read its answer; return the answer's headers. Fails where it is no good answer."""
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = BATCH
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        assert answer.status == 200, f"{method} {path}: {answer.status} {said[:300]!r}"
        return answer.headers

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
