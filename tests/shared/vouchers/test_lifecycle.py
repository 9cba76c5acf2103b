"""What may become of a posted voucher."""

from datetime import date

import pytest
from msgspec.structs import replace

from builders import CUSTOMER, a_payment, a_sale
from ledgerflow_core.calendar import FinancialYear
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.voucher_type import predefined_voucher_types
from ledgerflow_core.posting.effect import entries_in_books
from ledgerflow_core.vouchers.lifecycle import cancelled, problems_in_alteration
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

YEAR = FinancialYear(4, 1)
POSTED = a_sale(number="S/26-27/00001")


def found(before: Voucher, after: Voucher) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in problems_in_alteration(before, after, YEAR)]


def test_a_cancelled_voucher_keeps_everything_and_moves_nothing() -> None:
    after = cancelled(POSTED)
    assert (after.number, after.entries, after.date) == (POSTED.number, POSTED.entries, POSTED.date)
    assert after.state is VoucherState.CANCELLED
    kind = next(made for made in predefined_voucher_types() if made.id == POSTED.type)
    assert entries_in_books(POSTED, kind) == POSTED.entries
    assert entries_in_books(after, kind) == ()


def test_everything_but_identity_may_be_altered() -> None:
    entries = (Entry(account=CASH, amount=1), Entry(account=CUSTOMER, amount=-1))
    after = replace(
        POSTED, date=date(2027, 3, 31), narration="ten lamps", party=None, entries=entries, state=VoucherState.OPTIONAL
    )
    assert found(POSTED, after) == []


def test_number_type_and_year_stay() -> None:
    after = replace(POSTED, type=a_payment().type, number="S/26-27/00002", date=date(2027, 4, 1))
    assert found(POSTED, after) == [
        ("type-cannot-change", "type"),
        ("number-cannot-change", "number"),
        ("leaves-its-year", "date"),
    ]
    assert found(POSTED, replace(POSTED, date=date(2026, 4, 1))) == []
    assert found(POSTED, replace(POSTED, date=date(2026, 3, 31))) == [("leaves-its-year", "date")]


def test_a_voucher_without_a_number_may_leave_its_year() -> None:
    unnumbered = replace(POSTED, number="")
    assert found(unnumbered, replace(unnumbered, date=date(2027, 4, 1))) == []


def test_what_is_cancelled_stays_so() -> None:
    assert found(cancelled(POSTED), POSTED) == [("voucher-cancelled", "")]


def test_an_alteration_does_not_cancel() -> None:
    assert found(POSTED, cancelled(POSTED)) == [("cancel-it-instead", "state")]
    assert found(cancelled(POSTED), cancelled(POSTED)) == [("voucher-cancelled", "")]


def test_an_alteration_is_of_the_same_voucher() -> None:
    with pytest.raises(AssertionError):
        problems_in_alteration(POSTED, a_sale("another"), YEAR)
