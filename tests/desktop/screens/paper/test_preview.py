"""The preview shows the PDF itself."""

from io import BytesIO
from pathlib import Path

from pypdf import PdfReader
from pytestqt.qtbot import QtBot

from desktop.screens.office import books, office
from ledgerflow_desktop.screens.paper.page import PaperPage


def test_the_preview_has_the_pages_of_the_pdf_and_saves_them(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("D", "Alt+P")
        page = desk.front
        assert isinstance(page, PaperPage)
        page.save_to(tmp_path / "day-book.pdf")
        desk.settle()
        saved = (tmp_path / "day-book.pdf").read_bytes()
        assert page.page_count == len(PdfReader(BytesIO(saved)).pages) > 1
        assert not page._sheet.pixmap().isNull()
        desk.press("PgDown", "PgDown", "PgDown")
        assert page._number.text().startswith("Page 2 of")
        desk.press("Escape")
        assert desk.front.title() == "Day Book"
