"""What becomes of events that do not fit: in the log, parked for a stated reason, without effect on the books."""

from datetime import date

import pytest

from builders import CUSTOMER, RENT, SUPPLIER, a_centre, a_company, a_journal, a_receipt, a_sale, a_voucher, an_account
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import (
    Body,
    CompanyCreated,
    ConflictResolved,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import EventId
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Connection
from sync_server.ledger.office import Branch, Office, outcomes, verified
from sync_server.people_app import ids

pytestmark = pytest.mark.anyio

NOT_BALANCED = a_voucher(VoucherNature.JOURNAL, (RENT, 700), (SUPPLIER, -699), name="lopsided")
OF_NOBODY = a_voucher(VoucherNature.JOURNAL, (an_account("Nobody's").id, 1), (SUPPLIER, -1), name="of nobody")
EARLY = a_journal("early", day=date(2020, 1, 1))
NO_BASE = "00" * 32


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (VoucherPosted(voucher=NOT_BALANCED), "unbalanced"),
        (VoucherPosted(voucher=OF_NOBODY), "unknown-master"),
        (VoucherPosted(voucher=EARLY), "invalid"),
        (VoucherPosted(voucher=a_sale("there already")), "voucher-exists"),
        (VoucherPosted(voucher=a_sale("another", number="S/1")), "number-duplicate"),
        (VoucherAltered(base=NO_BASE, voucher=a_sale("there already", 5, number="S/1")), "stale-base"),
        (VoucherAltered(base=NO_BASE, voucher=a_sale("never posted")), "unknown-voucher"),
        (VoucherCancelled(base=NO_BASE, voucher=a_sale("never posted").id), "unknown-voucher"),
        (MasterCreated(master=an_account("Rent")), "master-exists"),
        (MasterChanged(master=an_account("Rent"), base=NO_BASE), "stale-base"),
        (MasterChanged(master=an_account("Nobody's"), base=NO_BASE), "unknown-master"),
        (CompanyCreated(company=a_company()), "company-exists"),
        (PeriodLocked(until=date(2026, 4, 30), base=NO_BASE), "stale-base"),
        (ConflictResolved(event=EventId(ids.new()), decision="kept"), "unknown-event"),
    ],
)
async def test_what_cannot_take_effect_is_parked(pune: Branch, body: Body, reason: str) -> None:
    pune.post(a_sale("there already", number="S/1"))
    await pune.send()
    pune.write(body)
    pune.post(a_receipt("comes after", number="R/1"))
    assert outcomes(await pune.send()) == [reason, "accepted"]
    assert [raw for raw, _ in await pune.entries()] == pune.events
    assert (await verified(pune)).findings == []


async def test_an_alteration_that_changes_the_number_is_parked(pune: Branch) -> None:
    [base] = pune.post(a_sale("one", number="S/1"))
    await pune.send()
    pune.alter(base, a_sale("one", number="S/2"))
    assert outcomes(await pune.send()) == ["not-allowed-change"]


async def test_of_three_alterations_of_one_version_the_first_to_arrive_counts(office: Office, pune: Branch) -> None:
    branches = [await office.branch() for _ in range(3)]
    [base] = pune.post(a_sale("one", number="S/1"))
    await pune.send()
    for number, branch in enumerate(branches):
        branch.alter(base, a_sale("one", 1_000 + number, number="S/1"))
    assert [outcomes(await branch.send()) for branch in branches] == [["accepted"], ["stale-base"], ["stale-base"]]
    assert (await verified(pune)).findings == []


async def test_who_may_not_do_something_gets_it_parked(office: Office, pune: Branch) -> None:
    till, guest = await office.branch(Role.BRANCH), await office.branch(Role.VIEWER)
    till.write(PeriodLocked(until=date(2026, 4, 30)))
    till.post(a_sale("of the till"))
    guest.post(a_sale("of the guest"))
    assert outcomes(await till.send()) == ["not-permitted", "accepted"]
    assert outcomes(await guest.send()) == ["not-permitted"]


async def test_a_lock_that_came_first_holds(office: Office, pune: Branch) -> None:
    dubai = await office.branch()
    [base] = pune.post(a_sale("old", day=date(2026, 4, 20)))
    locked = pune.write(PeriodLocked(until=date(2026, 4, 30)))
    await pune.send()
    dubai.post(a_sale("late", day=date(2026, 4, 30)), a_sale("in time", day=date(2026, 5, 1)))
    dubai.cancel(base, a_sale("old").id)
    assert outcomes(await dubai.send()) == ["period-locked", "accepted", "period-locked"]
    lock = version_hash(locked[0]).hex()
    pune.write(PeriodUnlocked(until=None, reason="a late bill", base=lock))
    await pune.send()
    dubai.post(a_sale("later still", day=date(2026, 4, 30)))
    assert outcomes(await dubai.send()) == ["accepted"]


async def test_a_parked_event_is_resolved_once(pune: Branch, as_administrator: Connection) -> None:
    [parked_id, first, second] = ids.many(3)
    pune.write(VoucherPosted(voucher=NOT_BALANCED), event_ids=[parked_id])
    await pune.send()
    decided = ConflictResolved(event=EventId(parked_id), decision="kept")
    pune.write(decided, decided, event_ids=[first, second])
    receipt = await pune.send()
    assert outcomes(receipt) == ["accepted", "already-resolved"]
    pune.write(decided)
    assert outcomes(await pune.send()) == ["already-resolved"]
    rows = as_administrator.execute(
        "SELECT reason, resolved_gseq FROM lf.parked WHERE tenant_no = %s ORDER BY gseq", [pune.tenant.tenant_no]
    ).fetchall()
    assert rows[0] == ("unbalanced", receipt.size - 1)
    assert [row[1] for row in rows[1:]] == [None, None]


async def test_what_stands_on_a_merged_account_counts_on_the_other(
    office: Office, pune: Branch, as_administrator: Connection
) -> None:
    twin = an_account("Ravi Stores (Nashik)", "sundry-debtors")
    created = pune.write(MasterCreated(master=twin))
    sale = a_voucher(VoucherNature.JOURNAL, (twin.id, 900), (RENT, -900), name="on the twin")
    pune.post(sale, a_sale("on the other", 100))
    await pune.send()
    into = next(raw for raw in pune.events if CUSTOMER.encode() in raw)
    merge = MasterMerged(
        merged=twin.id, into=CUSTOMER, base=version_hash(created[0]).hex(), into_base=version_hash(into).hex()
    )
    pune.write(merge)
    pune.post(a_voucher(VoucherNature.JOURNAL, (twin.id, 30), (RENT, -30), name="after the merge"))
    assert outcomes(await pune.send())[0] == "accepted"
    rows = as_administrator.execute(
        "SELECT sum(debit) FROM lf.month_total JOIN lf.master USING (tenant_no, company_no) "
        "WHERE account_no = master_no AND public_id = %s AND tenant_no = %s",
        [CUSTOMER, pune.tenant.tenant_no],
    ).fetchone()
    assert rows == (1_030,)
    assert (await verified(pune)).findings == []


async def test_numbers_and_ids_that_come_twice_in_one_batch_are_noticed(pune: Branch) -> None:
    pune.post(a_sale("one", number="S/1"), a_sale("two", number="S/1"), a_sale("one", number="S/3"))
    assert outcomes(await pune.send()) == ["accepted", "number-duplicate", "voucher-exists"]


async def test_a_number_no_database_can_hold_is_parked(pune: Branch) -> None:
    pune.post(a_sale("one", number="S\0"), a_sale("two"))
    assert outcomes(await pune.send()) == ["invalid", "accepted"]


async def test_an_event_of_a_later_version_is_kept_and_parked(pune: Branch) -> None:
    raw = pune.write(MasterCreated(master=a_centre()))[0]
    pune.events[-1] = raw.replace(b'{"v":1,', b'{"v":2,')
    pune.rehash()
    assert outcomes(await pune.send()) == ["unsupported-version"]
    assert (await verified(pune)).findings == []


async def test_a_voucher_of_hundreds_of_entries_is_taken(pune: Branch) -> None:
    many = [*[Entry(account=RENT, amount=1)] * 600, Entry(account=SUPPLIER, amount=-600)]
    pune.post(a_voucher(VoucherNature.JOURNAL, name="long", entries=many))
    assert outcomes(await pune.send()) == ["accepted"]
