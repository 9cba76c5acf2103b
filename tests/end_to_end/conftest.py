"""A server, a line to it and a company of several offices for each test that asks.

`shared_company` is a new company at one server that the tests of a pytest process share; `own_company` one at a server
of its own, for tests that kill it, fill its disk or set it back.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from end_to_end.company import SharedCompany
from end_to_end.fault_proxy import FaultProxy
from end_to_end.head_office import HeadOffice


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """Gives a folder outside of pytest's, which PostgreSQL's account may not enter."""
    with tempfile.TemporaryDirectory(prefix="lf-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def template(short_folder: Path) -> HeadOffice:
    """Gives a server that was made and never started: others begin as copies of it."""
    made = HeadOffice(short_folder / "template")
    made.folder.mkdir()
    made.init()
    made.stock_up()
    made.postgres.stop()
    return made


@pytest.fixture(scope="session")
def head_office(template: HeadOffice, short_folder: Path) -> Iterator[HeadOffice]:
    """Gives the server that tests share; none of them ends it."""
    made = template.copied_to(short_folder / "shared", LEDGERFLOW_BODY_SECONDS="1")
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def shared_company(head_office: HeadOffice, tmp_path: Path) -> Iterator[SharedCompany]:
    with FaultProxy(head_office.port) as proxy:
        made = SharedCompany(tmp_path, head_office, proxy)
        yield made
        made.close()


@pytest.fixture
def strangers_company(head_office: HeadOffice, tmp_path: Path) -> Iterator[SharedCompany]:
    """Gives a company of another tenant at the server that tests share."""
    head_office.new_tenant("Strangers")
    with FaultProxy(head_office.port) as proxy:
        made = SharedCompany(tmp_path / "strangers", head_office, proxy, tenant="Strangers")
        yield made
        made.close()


@pytest.fixture
def own_head_office(template: HeadOffice, short_folder: Path) -> Iterator[Callable[..., HeadOffice]]:
    """Gives a way to make servers of one's own, from the template, with settings of their own."""
    made: list[HeadOffice] = []

    def make(**variables: str) -> HeadOffice:
        office = template.copied_to(Path(tempfile.mkdtemp(dir=short_folder)), **variables)
        office.folder.chmod(0o755)
        made.append(office)
        return office

    yield make
    for office in made:
        office.close()


@pytest.fixture
def own_company(own_head_office: Callable[..., HeadOffice], tmp_path: Path) -> Iterator[SharedCompany]:
    office = own_head_office()
    office.start()
    with FaultProxy(office.port) as proxy:
        made = SharedCompany(tmp_path, office, proxy)
        yield made
        made.close()
