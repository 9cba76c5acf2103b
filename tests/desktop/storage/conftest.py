"""Two offices of one company, for the tests of what their files hold of the server's log."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from builders import a_payment, a_sale
from desktop.storage.replica_books import Office, a_first_office, a_further_office
from ledgerflow_desktop.actions import vouchers

OTHER_LIFE = "0198c0de-0000-7000-8000-000000000002"


@pytest.fixture
def head(tmp_path: Path) -> Iterator[Office]:
    office = a_first_office(tmp_path, state=tmp_path / "state of head")
    vouchers.post(office.book, [a_sale("s1"), a_payment("p1")])
    office.sync()
    yield office
    with suppress(sqlcipher.ProgrammingError):  # a test may have closed it
        office.book.close()


@pytest.fixture
def branch(tmp_path: Path, head: Office) -> Iterator[Office]:
    office = a_further_office(tmp_path, head, "branch")
    office.sync()
    yield office
    with suppress(sqlcipher.ProgrammingError):  # a test may have closed it
        office.book.close()
