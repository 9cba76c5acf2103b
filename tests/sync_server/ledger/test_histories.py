"""Random histories of two branches: the tables are what the log, folded anew in memory, says; nothing is lost."""

import asyncio
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import a_sale
from ledgerflow_server.database.connecting import Database
from strategies import Alter, Cancel, Deed, Post, histories
from sync_server.ledger.office import Branch, Office, an_open_office, outcomes, verified

_folders = iter(range(1_000_000))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("histories")


def write(branch: Branch, deeds: list[Deed], versions: dict[int, str], vouchers: list[str]) -> None:
    for deed in deeds:
        match deed:
            case Post(voucher):
                [version] = branch.post(voucher)
                versions[len(vouchers)] = version
                vouchers.append(voucher.id)
            case Alter(at, content):
                versions[at] = branch.alter(versions[at], content)
            case Cancel(at):
                versions[at] = branch.cancel(versions[at], vouchers[at])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=histories(), second=histories(), cut=st.integers(1, 6))
def test_the_tables_are_what_the_log_says(
    folder: Path, database: Database, first: list[Deed], second: list[Deed], cut: int
) -> None:
    async def run() -> None:
        async with an_open_office(folder / str(next(_folders)), database) as office:
            pune = await office.first_branch()
            dubai = await office.branch()
            write(pune, first, {}, [])
            # Both write vouchers of the same ids: the second to come is parked, with all that stands on it.
            write(dubai, second, {}, [])
            await in_turns(pune, dubai, cut)
            assert {raw for raw, _ in await pune.entries()} == {*pune.events, *dubai.events}
            assert (await verified(pune)).findings == []

    asyncio.run(run())


async def in_turns(one: Branch, other: Branch, cut: int) -> None:
    while one.sent < len(one.events) or other.sent < len(other.events):
        for branch in (one, other):
            if branch.sent < len(branch.events):
                await branch.send(branch.batch(last=min(branch.sent + cut, len(branch.events))))


@pytest.mark.anyio
async def test_the_number_of_questions_does_not_depend_on_the_size_of_a_batch(
    office: Office, pune: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = psycopg.AsyncCursor.execute

    async def counted(cursor: psycopg.AsyncCursor, query: object, *arguments: object, **options: object) -> object:
        asked.append(str(query))
        return await plain(cursor, query, *arguments, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    counts = []
    for size in (2, 400):
        pune.post(*(a_sale(f"{size}/{number}", number=f"{size}/{number}") for number in range(size)))
        asked.clear()
        assert set(outcomes(await pune.send())) == {"accepted"}
        counts.append(len(asked))
    assert counts[0] == counts[1]
