"""A lock holds what the period opened with, too."""

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import CUSTOMER
from desktop.builders import a_book
from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.actions import masters, periods


def test_an_opening_balance_stays_while_the_books_are_locked(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        account = book.chart.accounts[CUSTOMER]
        periods.lock(book, date(2026, 4, 30))
        with pytest.raises(InvalidInput) as refused:
            masters.change(book, replace(account, opening=account.opening + 100))
        assert [problem.code for problem in refused.value.problems] == ["opening-balance-locked"]
        assert book.chart.accounts[CUSTOMER].opening == account.opening


def test_a_name_may_change_while_the_books_are_locked(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        periods.lock(book, date(2026, 4, 30))
        masters.change(book, replace(book.chart.accounts[CUSTOMER], name="Renamed Stores"))
        assert book.chart.accounts[CUSTOMER].name == "Renamed Stores"
