"""A sync server of its own for a test: its data folder, its processes, its PostgreSQL, and every way to hurt them."""

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import psycopg

from ledgerflow_server.cli.services import Hands, run_with, server_of
from ledgerflow_server.cli.tenants import make_tenant
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.devices.endpoints import whole_code
from ledgerflow_server.identity.tokens import Bearer, Tokens, issuer_of
from ledgerflow_server.keys import server_keys
from ledgerflow_server.settings import reading

PATHS = [entry for entry in sys.path if entry.endswith(("shared", "desktop", "sync_server", "tests"))]
# What `init` makes.
FIRST_TENANT = "Main office"
# Companies made ahead, each with codes for so many devices: making one takes longer than most tests.
STOCKED, CODES = 30, 4
_START_SECONDS = 60
_PASSPHRASE = b"correct horse battery staple\n"
_ENV = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(PATHS)}

T = TypeVar("T")


class HeadOffice:
    """A server below `folder`, plain HTTP on loopback. `port` is None while it is down."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port: int | None = None
        self.environment = _ENV | {
            "LEDGERFLOW_DATA_FOLDER": str(self.data),
            "LEDGERFLOW_HOST": "127.0.0.1",
            "LEDGERFLOW_PORT": "0",
            "LEDGERFLOW_METRICS": "false",
            "LEDGERFLOW_RATE_ADDRESS": "1000000/minute",
            "LEDGERFLOW_RATE_DEVICE": "1000000/minute",
            "LEDGERFLOW_RATE_TENANT": "1000000/minute",
            **variables,
        }
        self.postgres = EmbeddedPostgres(self.data / "postgresql")
        self._process: subprocess.Popen[bytes] | None = None
        self._stock: dict[str, list[list[str]]] = {}

    # --- life ----------------------------------------------------------------------------------

    def init(self) -> None:
        """Make keys, database and the first tenant; the database is left stopped."""
        self.command("init")

    def command(self, *arguments: str) -> str:
        """Run `ledgerflow-server` with these arguments; return what it printed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sealed(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command that wants the passphrase of a backup, whatever comes of it."""
        reading_end, writing_end = os.pipe()
        os.write(writing_end, _PASSPHRASE)
        os.close(writing_end)
        try:
            return self.run(*arguments, "--passphrase-fd", str(reading_end), passing=(reading_end,))
        finally:
            os.close(reading_end)

    def run(self, *arguments: str, passing: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Run `ledgerflow-server`, whatever comes of it."""
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "ledgerflow_server", *arguments],
            env=self.environment, capture_output=True, text=True, check=False, timeout=600, pass_fds=passing,
        )  # fmt: skip

    def lose_database(self) -> None:
        """End the server and PostgreSQL as a power cut does, and lose every file of the database."""
        self.kill()
        self.postgres.crash()
        shutil.rmtree(self.data / "postgresql" / "cluster")

    def recovering(self, company: str) -> bool:
        """Return whether a company waits for what a restored database lost."""
        both = "lf.company_head AS head JOIN lf.company USING (tenant_no, company_no)"
        ((state,),) = self.ask(f"SELECT head.state FROM {both} WHERE public_id = '{company}'")
        return state == "recovering"

    def attachments(self, company: str) -> list[tuple[str, int, bool]]:
        """Return (SHA-256, bytes, whether it is whole) of the files of a company as the server lists them."""
        both = "lf.attachment AS file JOIN lf.company USING (tenant_no, company_no)"
        rows = self.ask(
            f"SELECT encode(sha256, 'hex'), size, complete FROM {both} WHERE company.public_id = '{company}'"
        )
        return [(str(sha256), int(str(size)), complete is True) for sha256, size, complete in rows]

    def attachment_files(self, company: str) -> list[str]:
        """Return the names of the files that lie in a company's folder of attachments, of what is there in part too."""
        ((tenant_no, company_no),) = self.ask(
            f"SELECT tenant_no, company_no FROM lf.company WHERE public_id = '{company}'"
        )
        folder = self.data / "attachments" / str(tenant_no) / str(company_no)
        return [file.name for file in folder.iterdir()] if folder.is_dir() else []

    def copied_to(self, folder: Path, **variables: str) -> "HeadOffice":
        """Return a server of its own that begins where this one, which is stopped, stands."""
        folder.mkdir(parents=True, exist_ok=True)
        copy = HeadOffice(folder, **variables)
        copy_tree(self.data, copy.data)
        copy._stock = {tenant: [codes.copy() for codes in stock] for tenant, stock in self._stock.items()}
        return copy

    def start(self, seam: str = "") -> int:
        """Start it, PostgreSQL first; return its port. With `seam` it dies there (see `failing_server`)."""
        (self.data / "armed").unlink(missing_ok=True)
        # Started apart, as where IT runs one: then a killed server leaves it running.
        self.postgres.start()
        program = ["-m", "end_to_end.failing_server", seam] if seam else ["-m", "ledgerflow_server"]
        with (self.folder / "server.log").open("ab") as log:
            begins = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, *program, "serve", "--insecure-loopback"],
                env=self.environment, stderr=log, stdout=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while True:
            said = self.said()[begins:]
            found = re.search(r"serves at http://127\.0\.0\.1:(\d+)", said)
            if found:
                self.port = int(found[1])
                return self.port
            assert self._process.poll() is None and time.monotonic() < deadline, said
            time.sleep(0.01)

    def stop(self) -> None:
        """End the server in order; PostgreSQL stays."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server with kill -9; PostgreSQL stays."""
        self._end(signal.SIGKILL)

    def wait_until_dead(self, seconds: float = 30) -> None:
        """Wait for a server that kills itself at its seam."""
        assert self._process is not None, "it was started"
        assert self._process.wait(seconds) == -signal.SIGKILL, self.said()[-2000:]
        self._process, self.port = None, None

    def close(self) -> None:
        """End everything that was started here."""
        self.kill()
        self.postgres.crash()

    def said(self) -> str:
        """Return the server's log."""
        return (self.folder / "server.log").read_text("utf-8", "replace")

    # --- faults of the database ----------------------------------------------------------------

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Run a query as the superuser; return its rows."""
        with psycopg.connect(self.postgres.administration("ledgerflow"), autocommit=True) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    def kill_backends(self, most: int = 1_000) -> int:
        """Kill -9 processes of PostgreSQL that serve connections; it restarts itself. Return how many.

        None where it is just restarting after the last one.
        """
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        try:
            rows = self.ask(query)
        except psycopg.OperationalError:
            return 0
        return sum(_killed(int(str(pid))) for (pid,) in rows[:most])

    def kill_postmaster(self) -> None:
        """Kill -9 PostgreSQL's first process: the others end with it, nothing restarts."""
        pid = self.postgres.pid()
        assert pid is not None and _killed(pid), "PostgreSQL was running"

    # --- what whoever runs it does ---------------------------------------------------------------

    def act(self, act: Callable[[Hands], Awaitable[T]]) -> T:
        """Do something with the server's own services, as its commands do."""
        return run_with(reading.read(self.environment), act)

    def stock_up(self, companies: int = STOCKED, tenant: str = FIRST_TENANT) -> None:
        """Make companies that wait for their first book, each with codes for its devices, all at once."""

        async def make(hands: Hands) -> None:
            of = await hands.tenant(tenant)
            owner = await hands.user(of, None)
            for _ in range(companies):
                async with hands.services.tenants.session(server_of(of)) as session:
                    made = await hands.companies.create(session, f"Company {os.urandom(6).hex()}")
                codes = [
                    await hands.devices.new_code(server_of(of), made.company_no, owner.public_id, 24)
                    for _ in range(CODES)
                ]
                self._stock.setdefault(tenant, []).append([whole_code(each.code, "") for each in codes])

        self.act(make)

    def new_company(self, tenant: str = FIRST_TENANT) -> list[str]:
        """Take a company that waits for its first book: the codes for its devices."""
        if not self._stock.get(tenant):
            self.stock_up(4, tenant)
        return self._stock[tenant].pop()

    def new_tenant(self, name: str) -> None:
        """Make another tenant with an owner of its own."""

        async def make(hands: Hands) -> None:
            await make_tenant(hands, name, "owner")

        with contextlib.redirect_stdout(io.StringIO()):
            self.act(make)

    def revoke(self, device: str) -> None:
        """Shut a device out."""

        async def shut_out(hands: Hands) -> None:
            await hands.devices.revoke(server_of(await hands.tenant(FIRST_TENANT)), device)

        self.act(shut_out)

    def expired(self, token: str, seconds_ago: int = 3_600) -> str:
        """Return a token like this one that was made so long ago: as long as tokens live, it is about to expire."""
        settings = reading.read(self.environment)
        keys = server_keys.load(settings.key_folder)

        def tokens(ago: int) -> Tokens:
            now = time.time_ns() // 1_000_000 - ago * 1_000
            return Tokens(keys.token, issuer_of(keys.log), settings.token_minutes, lambda: now)

        said = tokens(0).read(token)
        return tokens(seconds_ago).issue(Bearer(said.tenant, said.user, said.role, said.companies, said.device))

    def arm(self) -> None:
        """Let the seam it was started with take effect from now on, once."""
        (self.data / "armed").touch()

    def batches(self) -> int:
        """Return how many batches the logs of this server have."""
        ((count,),) = self.ask("SELECT count(*) FROM lf.log_batch")
        return int(str(count))

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
        self._process, self.port = None, None


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder with its owners and times: PostgreSQL does not run as root and must own its files."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def _killed(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
