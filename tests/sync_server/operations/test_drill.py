"""The drill: a loaded server is backed up while it serves, goes on, dies, and is put back elsewhere from the backup.

The offices are real books. They hand back what came after the backup, and nothing that was acknowledged is lost.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from end_to_end.company import SharedCompany
from end_to_end.fault_proxy import FaultProxy
from end_to_end.head_office import HeadOffice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Gives a folder that PostgreSQL's account may enter."""
    with tempfile.TemporaryDirectory(prefix="lf-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def servers(folder: Path) -> Iterator[tuple[HeadOffice, HeadOffice]]:
    """Gives a server that is up, and the machine another one will be put back on."""
    both = HeadOffice(folder / "first"), HeadOffice(folder / "second")
    for server in both:
        server.folder.mkdir()
    try:
        both[0].init()
        both[0].start()
        yield both
    finally:
        for server in both:
            server.close()


def test_nothing_acknowledged_is_lost_when_a_killed_server_is_restored_elsewhere(
    servers: tuple[HeadOffice, HeadOffice], folder: Path, tmp_path: Path
) -> None:
    first, second = servers
    with FaultProxy(first.port) as proxy:
        company = SharedCompany(tmp_path, first, proxy)
        try:
            pune, goa = company.open("Pune", "Goa")
            pune.post(30)
            company.settle()
            backup = folder / "one.backup"
            said = first.sealed("backup", str(backup), "--prove")
            assert "proven" in said.stdout, said.stderr

            pune.post(20)
            pune.drain()
            goa.post(5)
            goa.drain()  # the newest entries are on Goa's disk and the server's only
            first.kill()
            first.kill_postmaster()

            assert "Recovery goes on until you end" in second.sealed("restore", str(backup)).stdout
            second.start()
            company.head_office = second
            proxy.upstream = second.port
            # Pune hands back what it has, and waits: Goa, who has more, must not find that the log went on without it.
            for office in (pune, goa):
                office.sync()
            found = second.run("doctor")
            assert (found.returncode, "1 of 1 companies" in found.stdout) == (1, True), found.stdout
            second.stop()
            second.command("end-recovery", "--yes")
            second.start()
            company.settle()
            verdict = company.check()
            assert verdict.acknowledged == 55
            assert second.command("verify").endswith("All is as it was written.\n")
        finally:
            company.close()
