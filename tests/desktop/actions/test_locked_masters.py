"""A lock holds what the period opened with, too."""

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import CUSTOMER, a_group, an_account
from desktop.builders import a_book
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.masters.group import group_id
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


def codes(error: InvalidInput) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in error.problems]


def test_no_account_comes_with_an_opening_balance_while_the_books_are_locked(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        periods.lock(book, date(2026, 4, 30))
        with pytest.raises(InvalidInput) as refused:
            masters.create(book, [an_account("Light", opening=100)])
        assert codes(refused.value) == [("opening-balance-locked", "opening")]
        masters.create(book, [an_account("Light")])


def test_nothing_moves_to_another_group_while_the_books_are_locked(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        north = a_group("North", group_id("sundry-debtors"))
        masters.create(book, [north])
        periods.lock(book, date(2026, 4, 30))
        with pytest.raises(InvalidInput) as account:
            masters.change(book, replace(book.chart.accounts[CUSTOMER], group=north.id))
        assert codes(account.value) == [("group-locked", "group")]
        with pytest.raises(InvalidInput) as group:
            masters.change(book, replace(north, parent=group_id("sundry-creditors")))
        assert codes(group.value) == [("group-locked", "parent")]
        masters.change(book, replace(north, name="North and East"))
