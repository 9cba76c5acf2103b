"""Much at once and after a long time: an outbox of eighteen months, thousands of vouchers in one import."""

import random
from datetime import timedelta

import pytest

from end_to_end import long_ways
from end_to_end.company import SharedCompany

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
    assert long_ways.large_import(shared_company, IMPORTED).acknowledged == IMPORTED + 1


def test_a_line_of_64_kbit_with_losses_carries_everything(shared_company: SharedCompany) -> None:
    assert long_ways.narrow_line(shared_company, 400, 20, random.Random(4)).acknowledged == 403


def test_flapping_ends_with_everything_sent(shared_company: SharedCompany) -> None:
    assert long_ways.flapping_line(shared_company, 1, 0.02, 0.1, random.Random(3)).acknowledged >= 6
