"""A PgBouncer of its own in transaction mode, before the PostgreSQL of a test."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ledgerflow_server.database.unprivileged import account_of_postgres

# A shell of root may have a path without the folders this lies in.
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_PORT = 6432
_START_SECONDS = 10
_SETTINGS = """\
[databases]
* = host={host} port={port}
[pgbouncer]
pool_mode = transaction
default_pool_size = {size}
auth_type = scram-sha-256
auth_file = {folder}/users
listen_addr =
listen_port = {listen}
unix_socket_dir = {folder}
logfile = {folder}/log
"""


@contextmanager
def pooled(place: Mapping[str, str], passwords: Mapping[str, str], size: int = 1) -> Iterator[dict[str, str]]:
    """Have a pooler before the database at `place`, for the roles with these passwords; give where it listens.

    Each role has `size` connections: of one, whatever a transaction leaves on it, the next one finds.
    """
    assert PROGRAM is not None, "tests that need it are skipped where it is not"
    with tempfile.TemporaryDirectory(prefix="lf-pool-") as made:
        folder = Path(made)
        host, port = place["host"], place.get("port", "5432")
        settings = _SETTINGS.format(host=host, port=port, size=size, folder=folder, listen=_PORT)
        (folder / "settings").write_text(settings)
        (folder / "users").write_text("".join(f'"{role}" "{word}"\n' for role, word in passwords.items()))
        # It refuses to run as root, as PostgreSQL does, and runs as the same account.
        account, as_root = account_of_postgres(), os.geteuid() == 0
        for path in (folder, *folder.iterdir()):
            os.chown(path, account.uid, account.gid)
        process = subprocess.Popen(
            [PROGRAM, "--quiet", str(folder / "settings")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            user=account.uid if as_root else None, group=account.gid if as_root else None,
            extra_groups=[] if as_root else None,
        )  # fmt: skip
        found = dict(place) | {"host": str(folder), "port": str(_PORT)}
        try:
            _wait_until_it_answers(process, found, passwords["lf_app"])
            yield found
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", place: Mapping[str, str], password: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(**place, user="lf_app", password=password).close()
            return
        log = Path(place["host"]) / "log"
        said = log.read_text("utf-8", "replace") if log.exists() else ""
        assert process.poll() is None and time.monotonic() < deadline, said
        time.sleep(0.01)
