"""Gives tests of conflicts an office of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Database
from sync_server.ledger.office import Branch, Office, an_open_office
from sync_server.vouchers.people import Person, a_person


@pytest.fixture
async def office(tmp_path: Path, database: Database) -> AsyncIterator[Office]:
    async with an_open_office(tmp_path, database) as opened:
        yield opened


@pytest.fixture
async def pune(office: Office) -> Branch:
    """The branch the company was born in."""
    return await office.first_branch()


@pytest.fixture
async def desk(office: Office, pune: Branch) -> Person:
    """An accountant at the head office, who has no replica."""
    return await a_person(office, Role.ACCOUNTANT)
