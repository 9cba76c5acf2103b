"""Gives tests an office: one company on a real server, in a database of their module's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledgerflow_server.database.connecting import Database
from sync_server.ledger.office import Branch, Office, an_open_office


@pytest.fixture
async def office(tmp_path: Path, database: Database) -> AsyncIterator[Office]:
    async with an_open_office(tmp_path, database) as opened:
        yield opened


@pytest.fixture
async def pune(office: Office) -> Branch:
    """The branch the company was born in."""
    return await office.first_branch()
