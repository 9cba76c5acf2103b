"""Much at once and after a long time: an outbox of eighteen months, thousands of vouchers in one import."""

from datetime import timedelta

import pytest

from end_to_end.company import SharedCompany
from ledgerflow_core.sync.replica import Status

pytestmark = pytest.mark.slow
EIGHTEEN_MONTHS = 548
IMPORTED = 5_000


def test_an_office_that_was_away_for_eighteen_months_sends_all_of_it(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    delhi.at_clock_off_by(-EIGHTEEN_MONTHS * 86_400_000)
    begin = delhi.machine.today()
    for day in range(0, EIGHTEEN_MONTHS, 7):
        delhi.save([delhi.a_voucher(on=begin + timedelta(day)) for _ in range(5)])
        if day % 28 == 0:
            pune.post(1)
            pune.sync()
    delhi.at_clock_off_by(0)
    verdict = shared_company.end()
    assert verdict.acknowledged == 395 + 20
    assert pune.parked() == delhi.parked() == []


def test_thousands_of_vouchers_saved_at_once_go_in_batches_that_need_no_setting(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.save([pune.a_voucher() for _ in range(IMPORTED)])
    delhi.post(1)
    assert pune.sync().status is Status.UP_TO_DATE
    assert shared_company.end().acknowledged == IMPORTED + 1
