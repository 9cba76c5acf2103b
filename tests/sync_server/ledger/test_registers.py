"""The registers a process keeps: those it last worked on, as many as there is room for."""

from typing import Any, cast

import pytest

from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_server.ledger.service.registers import RegisterCache, Registers
from ledgerflow_server.tenancy.session import TenantSession

pytestmark = pytest.mark.anyio


class AskedTheDatabase(Exception):
    """The registers were not kept."""


class SilentSession:
    """A session of tenant 1 whose database answers nothing."""

    tenant_no = 1

    async def fetch_as(self, *_: object) -> Any:
        raise AskedTheDatabase

    fetch_all = fetch_one = fetch_value = fetch_as


def of_masters(count: int, masters_at: int = 7) -> Registers:
    numbers = {f"master {n}": n for n in range(count)}
    return Registers(masters_at, None, "", predefined_chart(), {}, None, "", numbers)


async def asked(cache: RegisterCache, company_no: int, masters_at: int = 7) -> Registers | None:
    """Return what the cache has of a company, None where it went to the database."""
    try:
        return await cache.of(cast("TenantSession", SilentSession()), company_no, masters_at)
    except AskedTheDatabase:
        return None


async def test_a_thousand_small_companies_are_kept() -> None:
    cache = RegisterCache()
    kept = {company_no: of_masters(90) for company_no in range(1_000)}
    for company_no, registers in kept.items():
        cache.keep(1, company_no, registers)
    assert all([await asked(cache, company_no) is registers for company_no, registers in kept.items()])


async def test_the_company_used_longest_ago_makes_room() -> None:
    cache = RegisterCache(masters_most=300)
    for company_no in (1, 2, 3):
        cache.keep(1, company_no, of_masters(100))
    assert await asked(cache, 1)
    cache.keep(1, 4, of_masters(100))
    assert [bool(await asked(cache, company_no)) for company_no in (1, 2, 3, 4)] == [True, False, True, True]


async def test_registers_that_are_kept_again_take_their_room_once() -> None:
    cache = RegisterCache(masters_most=300)
    cache.keep(1, 1, of_masters(100))
    for _ in range(50):
        cache.keep(1, 2, of_masters(150))
    assert await asked(cache, 1) and await asked(cache, 2)


async def test_a_company_larger_than_the_room_is_kept_alone() -> None:
    cache = RegisterCache(masters_most=300)
    cache.keep(1, 1, of_masters(100))
    cache.keep(1, 2, of_masters(1_000))
    assert await asked(cache, 1) is None
    assert await asked(cache, 2)


async def test_registers_of_an_earlier_entry_are_read_again() -> None:
    cache = RegisterCache()
    cache.keep(1, 1, of_masters(10, masters_at=7))
    assert await asked(cache, 1, masters_at=8) is None
