"""Gives tests of reports an office of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledgerflow_server.database.connecting import Database
from sync_server.ledger.office import Office, an_open_office


@pytest.fixture
async def office(tmp_path: Path, database: Database) -> AsyncIterator[Office]:
    async with an_open_office(tmp_path, database) as opened:
        yield opened
