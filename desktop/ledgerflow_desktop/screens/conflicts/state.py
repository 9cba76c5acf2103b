"""What a person may do about a conflict, without Qt."""

from ledgerflow_core.vouchers.voucher import VoucherState
from ledgerflow_desktop.actions.conflict_list import Listed
from ledgerflow_desktop.actions.conflicts import Sides


def is_about_a_lock(one: Listed) -> bool:
    """Whether applying it needs the period to be opened for it, for a reason that stays on record."""
    return one.reason == "period-locked"


def may_be_corrected(sides: Sides) -> bool:
    """Whether a voucher is parked that a person can put right: what is cancelled has nothing to correct."""
    parked, stands = sides.parked, sides.stands
    if parked is None or parked.stock or parked.state is VoucherState.CANCELLED:
        return False
    return stands is None or stands.state is not VoucherState.CANCELLED
