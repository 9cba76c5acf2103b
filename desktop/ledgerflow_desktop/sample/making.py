"""Make the sample company: the last financial year and this one to today, every kind of voucher, by a fixed seed."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from ledgerflow_core.calendar import FinancialYear, one_year_earlier
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import companies, masters
from ledgerflow_desktop.actions.companies import Created, NewCompany
from ledgerflow_desktop.actions.vouchers import post
from ledgerflow_desktop.sample.chart import sample_chart
from ledgerflow_desktop.sample.people import COMPANY
from ledgerflow_desktop.sample.trade import Trade
from ledgerflow_desktop.settings.machine import Machine

_SEED = 20_240_401
_CHUNK = 500


def make_sample(
    path: Path,
    passphrase: str,
    machine: Machine,
    *,
    vouchers: int = 3000,
    progress: Callable[[int, int], None] | None = None,
) -> Created:
    """Create the sample company at `path` with about that many vouchers; never overwrites."""
    today = machine.today()
    begin = FinancialYear(4, 1).year_of(one_year_earlier(today)).first
    form = NewCompany(name=COMPANY, country="IN", state="27", currency="INR", books_begin=begin.isoformat())
    created = companies.create(path, form, passphrase, machine)
    with companies.open_company(created.folder, machine, passphrase=passphrase) as book:
        chart = sample_chart(machine, begin, _rates(begin, today))
        masters.create(book, chart.masters)
        masters.change(book, chart.cash)
        chance = random.Random(_SEED)  # noqa: S311 - not for secrets
        trade = Trade(chart, chance, machine.identifiers().new)
        done = 0
        for chunk in _chunks(trade.vouchers(begin, today, vouchers)):
            post(book, chunk)
            done += len(chunk)
            if progress is not None:
                progress(done, vouchers)
    return created


def _chunks(made: Iterator[Voucher]) -> Iterator[list[Voucher]]:
    chunk: list[Voucher] = []
    for voucher in made:
        chunk.append(voucher)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _rates(begin: date, today: date) -> tuple[tuple[date, str], ...]:
    """A rate a month, wandering a little around 84 rupees."""
    rates, day, step = [], begin, random.Random(_SEED)  # noqa: S311 - not for secrets
    paise = 8420
    while day <= today:
        rates.append((day, f"{paise // 100}.{paise % 100:02d}"))
        paise += step.randrange(-45, 60)
        day = (day.replace(day=1) + timedelta(32)).replace(day=1)
    return tuple(rates)
