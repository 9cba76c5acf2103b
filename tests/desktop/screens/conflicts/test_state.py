"""What a person may do about a conflict."""

from msgspec.structs import replace as changed

from builders import a_sale
from desktop.actions.test_conflict_words import an_event, listed
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions.conflicts import Sides
from ledgerflow_desktop.screens.conflicts import state
from ledgerflow_desktop.storage.replica_store import Conflict


def sides(stands: Voucher | None, parked: Voucher | None) -> Sides:
    return Sides(Conflict(an_event(), "stale-base", 7, ""), "", stands, parked, (), (), None)


def test_only_what_waits_for_a_lock_opens_the_period() -> None:
    assert state.is_about_a_lock(listed(reason="period-locked"))
    assert not state.is_about_a_lock(listed(reason="stale-base"))


def test_a_cancelled_voucher_has_nothing_to_correct() -> None:
    sale, cancelled = a_sale(), changed(a_sale(), state=VoucherState.CANCELLED)
    assert state.may_be_corrected(sides(None, sale)) and state.may_be_corrected(sides(sale, sale))
    assert not any(map(state.may_be_corrected, (sides(sale, None), sides(sale, cancelled), sides(cancelled, sale))))
