"""What would make a month of an account larger than the books can hold is parked, and nobody gets stuck behind it."""

from datetime import date

import pytest

from builders import CUSTOMER, RENT, SUPPLIER, a_receipt, a_sale, a_voucher, an_account
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import MasterCreated, MasterMerged
from ledgerflow_core.identifiers import AccountId, MasterId, VoucherTypeId
from ledgerflow_core.masters.voucher_type import VoucherNature, VoucherType
from ledgerflow_core.money.amount import MINOR_MAX
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.database.connecting import Connection
from sync_server.ledger.office import Branch, Office, outcomes, restarted, verified
from sync_server.ledger.test_recovery import hand_back, set_back
from sync_server.people_app import ids

pytestmark = pytest.mark.anyio

TWIN = an_account("Ravi Stores (Nashik)", "sundry-debtors")


def owed(name: str, account: AccountId, amount: int, *, by: AccountId = RENT) -> Voucher:
    return a_voucher(VoucherNature.JOURNAL, (account, amount), (by, -amount), name=name)


def twin_made(branch: Branch) -> MasterMerged:
    """Write a second account of the customer; return the merge of the two."""
    (made,) = branch.write(MasterCreated(master=TWIN))
    into = next(raw for raw in branch.events if CUSTOMER.encode() in raw)
    return MasterMerged(
        merged=TWIN.id, into=CUSTOMER, base=version_hash(made).hex(), into_base=version_hash(into).hex()
    )


async def test_of_two_offices_that_fill_one_month_the_second_is_parked_and_goes_on(
    office: Office, pune: Branch
) -> None:
    dubai = await office.branch()
    pune.post(a_sale("of pune", MINOR_MAX, number="P/1"))
    [too_much, _] = dubai.post(a_sale("of dubai", MINOR_MAX, number="D/1"), a_receipt("small", 5, number="D/2"))
    assert outcomes(await pune.send()) == ["accepted"]
    assert outcomes(await dubai.send()) == ["amount-too-large", "accepted"]
    dubai.post(a_receipt("later", 7, number="D/3"))
    dubai.alter(too_much, a_sale("of dubai", 1, number="D/1"))
    assert outcomes(await dubai.send()) == ["accepted", "unknown-voucher"]
    assert (await verified(pune)).findings == []


async def test_a_month_with_room_again_takes_more(office: Office, pune: Branch) -> None:
    dubai = await office.branch()
    [first] = pune.post(a_sale("of pune", MINOR_MAX, number="P/1"))
    await pune.send()
    [second] = dubai.post(a_sale("of dubai", 1, number="D/1", day=date(2026, 6, 1)))
    dubai.alter(second, a_sale("of dubai", 1, number="D/1"))
    assert outcomes(await dubai.send()) == ["accepted", "amount-too-large"]
    pune.cancel(first, a_sale("of pune").id)
    pune.post(a_sale("instead", MINOR_MAX, number="P/2"))
    assert outcomes(await pune.send()) == ["accepted", "accepted"]
    assert (await verified(pune)).findings == []


async def test_a_batch_may_come_to_too_much_on_its_way(pune: Branch) -> None:
    pune.post(a_sale("full", MINOR_MAX, number="1"))
    [over] = pune.post(a_sale("over", 1, number="2"))
    pune.cancel(over, a_sale("over").id)
    assert outcomes(await pune.send()) == ["accepted"] * 3
    assert (await verified(pune)).findings == []


async def test_but_not_where_the_tables_of_replicas_are_brought_up_to_date(pune: Branch) -> None:
    kind = VoucherType(
        id=VoucherTypeId(MasterId(ids.new())), name="Export sale", abbreviation="EXP", nature=VoucherNature.SALES
    )
    pune.post(a_sale("full", MINOR_MAX, number="1"))
    [over] = pune.post(a_sale("over", 1, number="2"))
    pune.write(MasterCreated(master=kind))
    pune.cancel(over, a_sale("over").id)
    assert outcomes(await pune.send()) == ["accepted", "amount-too-large", "accepted", "unknown-voucher"]
    assert (await verified(pune)).findings == []


async def test_accounts_that_come_to_too_much_together_stay_two(pune: Branch) -> None:
    merge = twin_made(pune)
    pune.post(owed("one", CUSTOMER, MINOR_MAX))
    [other] = pune.post(owed("other", TWIN.id, 1, by=SUPPLIER))
    await pune.send()
    pune.write(merge)
    pune.post(owed("after", TWIN.id, 2, by=SUPPLIER))
    assert outcomes(await pune.send()) == ["amount-too-large", "accepted"]
    pune.cancel(other, owed("other", TWIN.id, 1).id)
    [after] = pune.post(owed("another", TWIN.id, 3, by=SUPPLIER))
    pune.cancel(after, owed("another", TWIN.id, 3).id)
    await pune.send()
    assert (await verified(pune)).findings == []


async def test_what_is_cancelled_makes_room_for_a_merge_in_the_same_batch(pune: Branch) -> None:
    merge = twin_made(pune)
    pune.post(owed("one", CUSTOMER, MINOR_MAX))
    [other] = pune.post(owed("other", TWIN.id, MINOR_MAX, by=SUPPLIER))
    await pune.send()
    pune.cancel(other, owed("other", TWIN.id, 1).id)
    pune.write(merge)
    pune.post(owed("after", TWIN.id, 1, by=SUPPLIER))
    assert outcomes(await pune.send()) == ["accepted", "accepted", "amount-too-large"]
    assert (await verified(pune)).findings == []


async def test_what_was_decided_comes_back_after_a_restore(pune: Branch, as_administrator: Connection) -> None:
    born = pune.sent
    [full, _] = pune.post(a_sale("full", MINOR_MAX, number="1"), a_sale("parked", 1, number="2"))
    assert outcomes(await pune.send()) == ["accepted", "amount-too-large"]
    [over] = pune.post(a_sale("over", 1, number="3"))
    pune.cancel(over, a_sale("over").id)
    pune.cancel(full, a_sale("full").id)
    pune.post(a_sale("instead", MINOR_MAX, number="4"))
    assert outcomes(await pune.send()) == ["accepted"] * 4
    piece = (await pune.get("/log", params={"after": born})).content
    set_back(pune, as_administrator, born, born)
    async with restarted(pune):
        assert (await pune.hello()).state == "recovering"
        assert await hand_back(pune, piece) == (200, {"size": pune.sent})
        pune.post(a_sale("too much", 1, number="5"))
        assert outcomes(await pune.send()) == ["amount-too-large"]
        assert (await verified(pune)).findings == []
