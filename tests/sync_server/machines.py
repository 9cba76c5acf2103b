"""A machine of its own for tests of commands: a data folder, an environment, real processes, a real PostgreSQL."""

import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledgerflow_server.database.embedded import EmbeddedPostgres

PATHS = [entry for entry in sys.path if entry.endswith(("shared", "sync_server"))]


class Machine:
    """A data folder and an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.environment = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(PATHS),
            "LEDGERFLOW_DATA_FOLDER": str(self.folder),
            "LEDGERFLOW_HOST": "127.0.0.1",
            "LEDGERFLOW_PORT": "0",
            "LEDGERFLOW_METRICS": "false",
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-W", "error", "-m", "ledgerflow_server", *arguments]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **variables}
        return subprocess.run(
            self.command(*arguments), env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
        process = subprocess.Popen(
            self.command("serve", *arguments), env=self.environment, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        try:
            said = process.stderr.readline()
            found = re.search(r"https?://\S+:\d+", said)
            assert found, said + process.stderr.read()
            yield found.group(), process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.folder / "keys" / "authority.pem")

    def postgres(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.folder / "postgresql")


@contextmanager
def new_machine() -> Iterator[Machine]:
    """Make a machine outside of pytest's folders: every start of pytest shuts them to all accounts but its own, and
    PostgreSQL, which does not run as root, would lose sight of its files."""
    with tempfile.TemporaryDirectory(prefix="ledgerflow-test-") as folder:
        made = Machine(Path(folder))
        try:
            yield made
        finally:
            made.postgres().stop()
