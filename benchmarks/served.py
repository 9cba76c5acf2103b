"""A real server over a database of its own, thrown away afterwards, for benchmarks that ask it over HTTP."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import processor
import psycopg
from figure import figure

from ledgerflow_server.database import secrets
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.database.migrating import migrate
from ledgerflow_server.keys import incarnation, server_keys
from ledgerflow_server.ledger.endpoints import BATCH
from ledgerflow_server.settings.settings import Settings

PROCESSES = 2
_SECONDS_TO_START = 30


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
        postgres = self.embedded.pid()
        assert postgres is not None, "PostgreSQL has stopped"
        return Spent(
            server=processor.seconds_of(self.process),
            postgres=processor.seconds_of(postgres),
            sender=time.process_time(),
        )

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
    """Run a server with an empty database while the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="ledgerflow-bench-"))
    settings = Settings(data_folder=folder)
    embedded = EmbeddedPostgres(settings.database_folder)
    try:
        server_keys.create(settings.key_folder, os.urandom)
        incarnation.renew(folder, os.urandom)
        embedded.start()
        embedded.ensure_database("ledgerflow")
        database = Database(embedded.place("ledgerflow"), secrets.read_or_make(settings.database_secrets, os.urandom))
        migrate(database, embedded.administration("ledgerflow"))
        with _serving(folder) as (port, process):
            yield Served(folder, embedded, database, port, process)
    finally:
        embedded.stop()
        shutil.rmtree(folder)


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[int, int]]:
    """Run `ledgerflow-server serve` as a user does; give (port, process id)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mine = {name: value for name, value in os.environ.items() if not name.startswith("LEDGERFLOW_BENCH")}
    environment = mine | {
        "LEDGERFLOW_DATA_FOLDER": str(folder),
        "LEDGERFLOW_PORT": str(port),
        "LEDGERFLOW_HOST": "127.0.0.1",
        "LEDGERFLOW_METRICS": "false",
        "LEDGERFLOW_LOG_LEVEL": "warning",
        # All senders share one address here, so that has no limit.
        "LEDGERFLOW_RATE_ADDRESS": "",
    }
    command = [sys.executable, "-m", "ledgerflow_server", "serve", "--processes", str(PROCESSES), "--insecure-loopback"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass  # nobody listens there yet
        finally:
            connection.close()
        time.sleep(0.05)
    raise SystemExit("the server did not start")


class Line:
    """One connection to the server that is kept open. For one thread at a time."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def send(self, method: str, path: str, token: str, body: bytes | None = None) -> tuple[Message, bytes]:
        """Send a request; return headers and body of the answer. Fails where it is no good answer."""
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = BATCH
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        assert answer.status == 200, f"{method} {path}: {answer.status} {said[:300]!r}"
        return answer.headers, said

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
