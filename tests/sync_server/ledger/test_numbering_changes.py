"""A voucher has its number for itself, or not, by its type as it was when the voucher was posted."""

import pytest
from msgspec.structs import replace

from builders import a_sale
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import MasterChanged
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, voucher_type_id
from ledgerflow_server.database.connecting import Connection
from sync_server.ledger.office import Branch, outcomes, verified

pytestmark = pytest.mark.anyio

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
