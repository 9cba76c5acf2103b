"""A voucher of two thousand lines is typed in as quickly as one of two."""

from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.keyboard_scripts.desk_with_books import at_work, new_books, posted, type_of, voucher_id
from desktop.screens.vouchers.small_company import CASH, POWER
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.screens.destinations import OpenVoucher
from ledgerflow_desktop.screens.widgets.entry_edit import EntryEdit


def test_a_large_voucher_has_one_row_of_fields_and_takes_back_what_is_typed(qtbot: QtBot, tmp_path: Path) -> None:
    entries = [Entry(account=POWER, amount=100, narration=f"meter {at}") for at in range(2_000)]
    large = Voucher(
        id=voucher_id("large"),
        type=type_of(VoucherNature.JOURNAL),
        date=date(2026, 11, 3),
        entries=(*entries, Entry(account=CASH, amount=-200_000)),
    )
    folder = tmp_path / "nila.ledgerflow"
    new_books(folder, [large])
    with at_work(qtbot, folder) as typist:
        typist.window.navigation.open(OpenVoucher(large.id))
        typist.settle()
        table = typist.page.sheet.table
        fields = table.viewport().findChildren(EntryEdit)
        assert len(fields) == 3  # one row of fields, however many lines
        QTest.mouseClick(
            table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.lines.index(3, 1)).center()
        )
        assert table.line == 3
        typist.press("Enter").type("3").press("Ctrl+A")
        assert "2.00" in typist.page.sheet.problem.text()
        typist.press("Ctrl+Z")
        form = typist.page.form
        assert form is not None
        assert form.totals().difference == 0
        typist.press("Esc")
        (after,) = posted(typist)
    assert after.entries == large.entries
