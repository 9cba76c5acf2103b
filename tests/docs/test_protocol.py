"""docs/protocol.md lists the refusals a client meets, as the core has them and with the statuses the server sends."""

import re
from pathlib import Path

import pytest

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.sync.refusals import REFUSALS
from ledgerflow_server.database.failures import CommitUnknown, DatabaseUnavailable, StorageFull
from ledgerflow_server.edge.problems import response_of

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
_ROW = re.compile(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| (\d{3}) \|", re.MULTILINE)


def test_the_table_of_refusals_is_the_one_the_core_has() -> None:
    listed = {
        code: int(status)
        for codes, status in _ROW.findall(PAGE.read_text("utf-8"))
        for code in re.findall(r"[a-z-]+", codes)
    }
    assert listed == {code: refusal.status for code, refusal in REFUSALS.items()}


@pytest.mark.parametrize("error", [CommitUnknown(), DatabaseUnavailable(), StorageFull()])
def test_what_the_database_does_to_a_client_is_in_the_table(error: LedgerFlowError) -> None:
    assert REFUSALS[error.code].status == response_of(error).status_code
