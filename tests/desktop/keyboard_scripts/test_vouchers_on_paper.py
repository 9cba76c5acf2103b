"""A voucher on paper with one key: from the voucher that is looked at, and right after saving one."""

from datetime import date
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader
from pytestqt.qtbot import QtBot

from desktop.keyboard_scripts.desk_with_books import Typist, at_work, new_books, type_of, voucher_id
from desktop.screens.office import watched_actions
from desktop.screens.vouchers.small_company import CASH, POWER
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.screens.destinations import OpenVoucher
from ledgerflow_desktop.screens.paper.page import PaperPage


def bill_of_power(amount: int) -> Voucher:
    return Voucher(
        id=voucher_id("a"),
        type=type_of(VoucherNature.PAYMENT),
        date=date(2026, 11, 3),
        entries=(Entry(account=POWER, amount=amount), Entry(account=CASH, amount=-amount)),
    )


def text_on_paper(typist: Typist, folder: Path) -> str:
    """Return what the PDF says that is saved from the preview in front."""
    preview = typist.window.navigation.front
    assert isinstance(preview, PaperPage)
    typist.settle()
    saved = folder / preview.file_name()
    preview.save_to(saved)
    typist.settle()
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(saved.read_bytes())).pages)


def test_a_voucher_of_the_books_is_printed_as_it_stands_there(qtbot: QtBot, tmp_path: Path) -> None:
    new_books(tmp_path / "nila.ledgerflow", [bill_of_power(1_234_500)])
    with at_work(qtbot, tmp_path / "nila.ledgerflow") as typist, watched_actions() as slow:
        typist.window.navigation.open(OpenVoucher(voucher_id("a")))
        typist.settle()
        typist.press("Enter", "Enter").type("999").press("Alt+P")
        said = text_on_paper(typist, tmp_path)
        assert "12,345.00" in said and "999" not in said
        assert "P/26-27/00001" in said
        assert (tmp_path / "Payment P-26-27-00001.pdf").exists()
        typist.press("Esc")
        assert typist.page.title() == "Payment P/26-27/00001"
        assert typist.page.form is not None and typist.page.form.is_touched
    assert slow == []


def test_the_voucher_just_saved_is_printed_from_the_empty_form(qtbot: QtBot, tmp_path: Path) -> None:
    new_books(tmp_path / "nila.ledgerflow", [])
    with at_work(qtbot, tmp_path / "nila.ledgerflow") as typist:
        typist.press("F5")
        typist.press("Alt+P")
        assert "Accept the voucher first" in typist.page.sheet.problem.text()
        typist.entry("cas").entry("pow").entry("750").press("Ctrl+A")
        typist.press("Alt+P")
        said = text_on_paper(typist, tmp_path)
        assert "P/26-27/00001" in said and "750.00" in said
        typist.press("Esc").entry("cas").entry("pow").entry("80").press("Ctrl+A", "Alt+P")
        assert "P/26-27/00002" in text_on_paper(typist, tmp_path)
