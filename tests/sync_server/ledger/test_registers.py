"""The registers a process keeps: those it last worked on, as many as there is room for."""

from datetime import date
from typing import Any, cast

import pytest
from msgspec.structs import replace

from builders import a_company, an_account
from ledgerflow_core.masters.chart import Chart, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.rates import ForeignCurrency, currency_id
from ledgerflow_server.ledger.service.registers import RegisterCache, Registers, weight_of
from ledgerflow_server.tenancy.session import TenantSession

pytestmark = pytest.mark.anyio

LIFE, LATER = "0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"


class AskedTheDatabase(Exception):
    """The registers were not kept."""


class SilentSession:
    """A session of tenant 1 whose database answers nothing."""

    tenant_no = 1

    async def fetch_as(self, *_: object) -> Any:
        raise AskedTheDatabase

    fetch_all = fetch_one = fetch_value = fetch_as


def whole(chart: Chart, company: Company) -> int:
    return weight_of(company) + sum(map(weight_of, chart.masters.values()))


def of_weight(weight: int, masters_at: int = 7) -> Registers:
    return Registers(masters_at, None, "", predefined_chart(), {}, None, "", {}, weight)


async def asked(cache: RegisterCache, company_no: int, masters_at: int = 7, life: str = LIFE) -> Registers | None:
    """Return what the cache has of a company, None where it went to the database."""
    try:
        return await cache.of(cast("TenantSession", SilentSession()), company_no, life, masters_at)
    except AskedTheDatabase:
        return None


async def test_a_thousand_small_companies_are_kept() -> None:
    cache = RegisterCache()
    chart = predefined_chart()
    for number in range(90 - len(chart.masters)):
        chart.put(an_account(f"Account {number}"))
    weight = whole(chart, a_company())
    kept = {company_no: of_weight(weight) for company_no in range(1_000)}
    for company_no, registers in kept.items():
        cache.keep(1, company_no, LIFE, registers)
    assert all([await asked(cache, company_no) is registers for company_no, registers in kept.items()])


async def test_the_company_used_longest_ago_makes_room() -> None:
    cache = RegisterCache(bytes_most=300)
    for company_no in (1, 2, 3):
        cache.keep(1, company_no, LIFE, of_weight(100))
    assert await asked(cache, 1)
    cache.keep(1, 4, LIFE, of_weight(100))
    assert [bool(await asked(cache, company_no)) for company_no in (1, 2, 3, 4)] == [True, False, True, True]


async def test_registers_that_are_kept_again_take_their_room_once() -> None:
    cache = RegisterCache(bytes_most=300)
    cache.keep(1, 1, LIFE, of_weight(100))
    for _ in range(50):
        cache.keep(1, 2, LIFE, of_weight(150))
    assert await asked(cache, 1) and await asked(cache, 2)


async def test_a_company_larger_than_the_room_is_kept_alone() -> None:
    cache = RegisterCache(bytes_most=300)
    cache.keep(1, 1, LIFE, of_weight(100))
    cache.keep(1, 2, LIFE, of_weight(1_000))
    assert await asked(cache, 1) is None
    assert await asked(cache, 2)


async def test_registers_of_an_earlier_entry_are_read_again() -> None:
    cache = RegisterCache()
    cache.keep(1, 1, LIFE, of_weight(10, masters_at=7))
    assert await asked(cache, 1, masters_at=8) is None


async def test_registers_of_the_same_entry_in_another_life_are_read_again() -> None:
    cache = RegisterCache()
    cache.keep(1, 1, LIFE, of_weight(10))
    assert await asked(cache, 1, life=LATER) is None
    assert await asked(cache, 1, life=LIFE)


def test_a_master_weighs_what_it_takes_in_memory_and_not_one() -> None:
    """The bytes as tracemalloc counted them for a plain account, one with 100 aliases, 10,000 rates."""
    light = an_account("Light")
    with_aliases = replace(light, aliases=tuple(f"17.{at}" for at in range(100)))
    rates = ((date(2026, 4, 1), "83"),) * 10_000
    dealt_in = ForeignCurrency(id=currency_id("USD"), code="USD", rates=rates)
    for kept, measured in ((light, 800), (with_aliases, 20_500), (dealt_in, 1_470_000)):
        assert 0.8 * measured < weight_of(kept) < 2 * measured


def test_registers_weigh_as_much_after_a_change_as_if_they_were_read_anew() -> None:
    chart, company = predefined_chart(), a_company()
    before = Registers(7, company, "", chart, {}, None, "", {}, whole(chart, company))
    facts = before.facts()
    facts.chart = facts.chart.copied()
    facts.company = replace(a_company(), address=("12 Main Road", "Pune"))
    light = an_account("Light")
    facts.chart.put(replace(light, aliases=("Lamp",) * 50))
    facts.chart.put(replace(light, aliases=("Lamp",)))
    facts.chart.retire(next(iter(facts.chart.groups)))
    assert before.after(facts, 8, {}).weight == whole(facts.chart, facts.company)
