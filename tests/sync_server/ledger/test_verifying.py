"""`verify` proves a log and its books, and names what somebody with the database's own password changed."""

import tracemalloc

import pytest

from builders import CASH, SALES, a_receipt, a_sale, a_voucher, an_account
from ledgerflow_core.events.event import MasterChanged
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Connection
from sync_server.ledger.office import Branch, Office, verified

pytestmark = pytest.mark.anyio


async def test_books_that_were_left_alone_prove(office: Office, pune: Branch) -> None:
    dubai = await office.branch(Role.BRANCH)
    first, second = pune.post(a_sale("one", number="1"), a_receipt("two", number="2"))
    third = pune.alter(first, a_sale("one", 50_000, number="1"))
    pune.cancel(second, a_receipt("two").id)
    await pune.send()
    pune.cancel(third, a_sale("one").id)
    pune.post(a_sale("three", number="3"))
    await pune.send()
    dubai.post(a_sale("four", number="3"), a_sale("five", number="5"))
    dubai.write(MasterChanged(master=an_account("Ravi Stores", "sundry-debtors", opening=1), base="00" * 32))
    await dubai.send()
    for result in (
        await verified(pune),
        await verified(pune, stretch_entries=1),
        await verified(pune, stretch_bytes=1),
    ):
        assert result.findings == []
        assert (result.entries, result.vouchers) == (len(pune.events) + 3, 4)


_BIT = "SET {0} = set_byte({0}, {1}, get_byte({0}, {1}) # 1) WHERE first_gseq = 10"
ALTERATIONS = [
    (
        "log_batch",
        _BIT.format("sealed", 600),
        "seal-wrong",
        10,
    ),
    (
        "log_batch",
        _BIT.format("leaves", 40),
        "leaves-differ",
        11,
    ),
    ("log_batch", 'SET outcomes = \'[[2,"parked","invalid",0]]\' WHERE first_gseq = 10', "leaves-differ", 10),
    ("log_batch", "SET received_at = received_at + interval '1 ms' WHERE first_gseq = 10", "leaves-differ", 10),
    ("company_head", "SET frontier = ''", "head-differs", 11),
    ("replica", "SET head_seq = head_seq - 1", "replica-differs", None),
    ("posting", "SET amount = amount + 1 WHERE voucher_no = 11", "row-differs", 11),
    ("voucher", "SET narration = 'something else' WHERE voucher_no = 10", "row-differs", 10),
    ("day_total", "SET debit = debit + 1", "row-differs", None),
    ("month_total", "SET entries = entries + 1", "row-differs", None),
    ("day_total", "SET day = day + 1 WHERE account_no > 0 AND debit > 0", "row-extra", None),
    ("day_count", "SET vouchers = vouchers - 1", "row-differs", None),
    ("posting", "SET voucher_no = 4711 WHERE voucher_no = 11", "row-extra", 4711),
    ("voucher", "SET voucher_no = -1 WHERE voucher_no = 11", "row-extra", 11),
    ("event_key", "SET gseq = 3 WHERE gseq = 10", "row-missing", 10),
    ("master", "SET body = replace(convert_from(body, 'UTF8'), 'Rent', 'Hire')::bytea", "row-differs", None),
]


@pytest.mark.parametrize(("table", "change", "code", "gseq"), ALTERATIONS)
async def test_what_was_changed_behind_the_servers_back_is_named(
    pune: Branch, as_administrator: Connection, table: str, change: str, code: str, gseq: int | None
) -> None:
    pune.post(a_sale("one", number="1"), a_receipt("two", number="2"))
    await pune.send()
    where = f" tenant_no = {pune.tenant.tenant_no}"
    statement = change + (" AND" if "WHERE" in change else " WHERE") + where
    as_administrator.execute(f"UPDATE lf.{table} {statement}")
    findings = (await verified(pune)).findings
    assert (code, gseq) in {(finding.code, finding.gseq) for finding in findings}
    by_stretches = (await verified(pune, stretch_entries=1)).findings
    assert {(finding.code, finding.gseq) for finding in by_stretches} >= {(code, gseq)}


async def test_a_row_that_is_gone_is_missed(pune: Branch, as_administrator: Connection) -> None:
    pune.post(a_sale("one"))
    await pune.send()
    as_administrator.execute("DELETE FROM lf.posting WHERE tenant_no = %s AND amount > 0", [pune.tenant.tenant_no])
    findings = (await verified(pune)).findings
    assert [(finding.code, finding.gseq) for finding in findings] == [("row-missing", 10)]


async def test_rows_of_a_log_that_began_long_ago_are_compared_with_what_came_since(
    pune: Branch, as_administrator: Connection
) -> None:
    first = pune.post(a_sale("one", number="1"))[0]
    await pune.send()
    pune.post(a_receipt("two", number="2"))
    await pune.send()
    pune.alter(first, a_sale("one", 50_000, number="1"))
    await pune.send()
    assert (await verified(pune, stretch_entries=1)).findings == []
    as_administrator.execute(
        "DELETE FROM lf.voucher_version WHERE tenant_no = %s AND voucher_no = 10", [pune.tenant.tenant_no]
    )
    findings = (await verified(pune, stretch_entries=1)).findings
    assert [(finding.code, finding.gseq) for finding in findings] == [("row-missing", 10)]


async def test_a_book_four_times_as_large_takes_no_more_memory_to_prove(pune: Branch) -> None:
    peaks = []
    for _ in range(2):
        for _ in range(3 if peaks else 1):
            for number in range(4):
                pune.post(*(a_sale(f"{pune.sent} {number} {at}") for at in range(125)))
                await pune.send()
        await verified(pune)  # what is loaded once and kept is not the book's
        tracemalloc.start()
        result = await verified(pune, stretch_entries=250)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert result.findings == []
    assert result.vouchers == 2_000
    assert peaks[1] < peaks[0] * 1.3


async def test_long_vouchers_take_no_more_memory_to_prove_where_there_are_many(pune: Branch) -> None:
    lines = [(CASH, 2), (SALES, -2)] * 500
    peaks = []
    for vouchers in (2, 8):
        while len(pune.events) < 9 + vouchers:
            pune.post(a_voucher(VoucherNature.JOURNAL, *lines, name=f"long {pune.sent}"))
            await pune.send()
        await verified(pune)  # what is loaded once and kept is not the book's
        tracemalloc.start()
        result = await verified(pune, stretch_bytes=100_000)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (result.findings, result.vouchers) == ([], vouchers)
    assert peaks[1] < peaks[0] * 1.3
