"""The commands of whoever looks after a server whose database is behind PgBouncer in transaction mode."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.database.secrets import DatabaseSecrets
from sync_server.machines import Machine, new_machine
from sync_server.pgbouncer import PROGRAM, pooled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed (Debian: apt-get install pgbouncer)"),
]


@pytest.fixture(scope="module")
def machine(own_cluster: Callable[[], EmbeddedPostgres]) -> Iterator[Machine]:
    """Gives a machine that was set up directly and goes through the pooler since."""
    cluster = own_cluster()
    cluster.ensure_database("books")
    direct = _url(cluster.place("books"))
    with new_machine() as made:
        made.environment["LEDGERFLOW_DATABASE_URL"] = direct
        done = made.run("init")
        assert done.returncode == 0, done.stderr
        secrets = msgspec.json.decode((made.folder / "keys" / "database.key").read_bytes(), type=DatabaseSecrets)
        # A backup holds one moment on one connection and reads on another.
        with pooled(cluster.place("books"), secrets.passwords, size=2) as place:
            made.environment |= {
                "LEDGERFLOW_DATABASE_URL": _url(place),
                "LEDGERFLOW_DATABASE_ADMIN_URL": direct,
                "LEDGERFLOW_DATABASE_POOLED": "true",
            }
            yield made


@pytest.mark.parametrize("command", ["migrate", "doctor", "list", "verify", "worker --once", "jobs"])
def test_a_command_does_what_it_does_without(machine: Machine, command: str) -> None:
    done = machine.run(*command.split())
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_server_serves(machine: Machine) -> None:
    with machine.serving() as (address, _):
        assert address.startswith("https://")


def test_a_backup_is_made(machine: Machine, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"correct horse battery staple\n")
    os.close(writing)
    command = machine.command("backup", str(tmp_path), "--passphrase-fd", str(reading))
    done = subprocess.run(
        command, env=machine.environment, capture_output=True, text=True, check=False, pass_fds=[reading]
    )
    os.close(reading)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.backup"))) == 1


def test_connections_the_pooler_keeps_open_are_no_server_that_runs(machine: Machine) -> None:
    assert machine.run("list").returncode == 0
    assert machine.run("end-recovery", "--yes").returncode == 0
    with machine.serving():
        assert machine.run("end-recovery", "--yes").stderr.endswith("[server-is-running]\n")


def _url(place: dict[str, str]) -> str:
    return f"postgresql://postgres@/{place['dbname']}?host={quote(place['host'], safe='')}&port={place['port']}"
