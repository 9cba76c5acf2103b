"""Ledger accounts created and altered without leaving the voucher."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.keyboard_scripts.desk_with_books import at_work, books, new_books, posted
from desktop.screens.vouchers.small_company import CASH
from ledgerflow_core.masters.chart import Chart


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_books(tmp_path / "nila.ledgerflow", [])
    return tmp_path / "nila.ledgerflow"


def test_creating_a_party_inside_a_receipt(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F6").entry("cas")
        typist.type("Kiran Stores").press("Alt+C", "Enter", "Enter").entry("2500")  # name, group as proposed, opening
        assert typist.page.sheet.table.amount.hasFocus()
        typist.entry("1000").press("Enter", "Enter", "Enter", "Enter", "Enter")
        typist.say("A receipt from a party created inside it")
        assert typist.page.sheet.message.text() == "Saved here · Receipt R/26-27/00001"
        chart = books(typist, lambda book: book.chart)
        (receipt,) = posted(typist)
    assert isinstance(chart, Chart)
    made = chart.account_named("Kiran Stores")
    assert made is not None
    assert (chart.groups[made.group].name, made.opening, made.bill_by_bill) == ("Sundry Debtors", 250_000, True)
    assert [(e.account, e.amount) for e in receipt.entries] == [(made.id, -100_000), (CASH, 100_000)]
    assert receipt.party == made.id


def test_every_problem_of_a_new_account_stands_beside_its_field(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F6").entry("cas").press("Alt+C")
        typist.entry("asha traders").press("Enter").type("12a").press("Ctrl+A")
        panel = typist.page.sheet.beside.account
        assert "asha traders already" in panel.name.toolTip()
        assert "12a is not an amount" in panel.opening.toolTip()
        assert panel.name.hasFocus()
        typist.press("Esc")
        assert typist.page.sheet.table.account.hasFocus()
        assert books(typist, lambda book: len(book.chart.accounts)) == 11


def test_altering_the_account_that_is_marked(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("cas").type("pow").press("Ctrl+Return")
        typist.entry("Power and light").press("Enter", "Enter")
        assert typist.page.sheet.table.amount.hasFocus()
        assert typist.page.sheet.table.account.text() == "Power and light"
        typist.say("Altering an account inside a payment")
        found = books(typist, lambda book: book.chart.account_named("Power and light"))
    assert found is not None
