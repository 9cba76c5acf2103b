"""A voucher has its number for itself, or not, by its type as it was when the voucher was posted."""

import asyncio
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import a_sale
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import MasterChanged, VoucherPosted, decode_event
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, VoucherType, voucher_type_id
from ledgerflow_server.database.connecting import Connection, Database
from sync_server.ledger.office import Branch, an_open_office, outcomes, verified

SALES_TYPE = predefined_chart().voucher_types[voucher_type_id(VoucherNature.SALES)]


def number(branch: Branch, numbering: Numbering, base: str = "") -> str:
    """Write that sales are numbered another way; return the type's version hash (hex)."""
    changed = MasterChanged(master=replace(SALES_TYPE, numbering=numbering), base=base)
    return version_hash(branch.write(changed)[0]).hex()


def numbers_kept(branch: Branch, database: Connection) -> list[tuple[str, bool]]:
    """Every voucher's number, and whether no other may have it."""
    kept = database.execute(
        """SELECT number, year IS NOT NULL, EXISTS (SELECT FROM lf.voucher_number taken
               WHERE (taken.tenant_no, taken.voucher_no) = (voucher.tenant_no, voucher.voucher_no))
           FROM lf.voucher WHERE tenant_no = %s ORDER BY voucher_no""",
        [branch.tenant.tenant_no],
    ).fetchall()
    assert all(by_year == in_table for _, by_year, in_table in kept)
    return [(text, by_year) for text, by_year, _ in kept]


@pytest.mark.anyio
async def test_a_batch_that_makes_numbers_unique_behind_one_given_twice_is_taken(
    pune: Branch, as_administrator: Connection
) -> None:
    repeatable = number(pune, Numbering.MANUAL_REPEATABLE)
    await pune.send()
    one, _ = pune.post(a_sale("one", number="7"), a_sale("two", number="7"))
    number(pune, Numbering.MANUAL, repeatable)
    assert outcomes(await pune.send()) == ["accepted"] * 3
    pune.alter(one, a_sale("one", 200, number="7"))
    pune.post(a_sale("three", number="7"), a_sale("four", number="7"))
    assert outcomes(await pune.send()) == ["accepted", "accepted", "number-duplicate"]
    assert numbers_kept(pune, as_administrator) == [("7", False), ("7", False), ("7", True)]
    assert (await verified(pune)).findings == []


@pytest.mark.anyio
async def test_a_number_stays_taken_when_its_type_lets_numbers_repeat_for_a_while(
    pune: Branch, as_administrator: Connection
) -> None:
    manual = number(pune, Numbering.MANUAL)
    await pune.send()
    pune.post(a_sale("one", number="7"))
    repeatable = number(pune, Numbering.MANUAL_REPEATABLE, manual)
    pune.post(a_sale("two", number="7"))
    await pune.send()
    number(pune, Numbering.MANUAL, repeatable)
    await pune.send()
    pune.post(a_sale("three", number="7"))
    assert outcomes(await pune.send()) == ["number-duplicate"]
    assert numbers_kept(pune, as_administrator) == [("7", True), ("7", False)]
    assert (await verified(pune)).findings == []
    assert (await verified(pune, stretch_entries=2)).findings == []


async def numbers_in_log(branch: Branch) -> list[tuple[str, bool]]:
    """Every voucher's number, and whether no other may have it, by its type as the log had it before."""
    found, numbering = [], Numbering.AUTOMATIC
    for raw, became in await branch.entries():
        match became == "accepted" and decode_event(raw).body:
            case MasterChanged(master=VoucherType() as kind):
                numbering = kind.numbering
            case VoucherPosted(voucher=voucher):
                found.append((voucher.number, numbering is not Numbering.MANUAL_REPEATABLE))
            case _:
                pass
    return found


_companies = count(1)
# Which of two branches does it, and what: a number it types, or another way to number.
steps = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([*"1122", *Numbering])), min_size=6, max_size=24
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, cut=st.integers(1, 8))
def test_whatever_two_branches_change_meanwhile_a_number_counts_by_the_type_in_the_log(
    tmp_path: Path, database: Database, as_administrator: Connection, steps: list[tuple[int, str]], cut: int
) -> None:
    async def run() -> None:
        async with an_open_office(tmp_path / str(next(_companies)), database) as office:
            branches = [await office.first_branch(), await office.branch()]
            base = ""
            for at, (which, what) in enumerate(steps):
                if isinstance(what, Numbering):
                    base = number(branches[which], what, base)
                else:
                    branches[which].post(a_sale(f"{which}/{at}", number=what))
            # In turns, a piece at a time: whoever comes second meets the types of the other.
            while any(branch.sent < len(branch.events) for branch in branches):
                for branch in branches:
                    if branch.sent < len(branch.events):
                        await branch.send(branch.batch(last=min(branch.sent + cut, len(branch.events))))
            assert numbers_kept(branches[0], as_administrator) == await numbers_in_log(branches[0])
            assert (await verified(branches[0])).findings == []

    asyncio.run(run())
