"""PDF to pictures. For the worker thread; what comes back may be shown by the GUI thread."""

from io import BytesIO

import pypdfium2
from PySide6.QtGui import QImage

from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.reports.report_table import ReportTable
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.printing.paper import Paper
from ledgerflow_desktop.printing.report_pdf import report_pdf
from ledgerflow_desktop.printing.voucher_pdf import voucher_pdf
from ledgerflow_desktop.storage.book import Book

# Points to the inch: what a PDF measures in.
_POINTS = 72


class PaperPages:
    """The pages of one PDF. Not for two threads at once."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self._document = pypdfium2.PdfDocument(pdf)
        self.count = len(self._document)

    def picture(self, page: int, *, dots_per_inch: float) -> QImage:
        """Return a page, counted from 0, as it looks on paper."""
        bitmap = self._document[page].render(scale=dots_per_inch / _POINTS, rev_byteorder=True, prefer_bgrx=True)
        form = QImage.Format.Format_RGBX8888
        return QImage(bitmap.buffer, bitmap.width, bitmap.height, bitmap.stride, form).copy()


def pages_of(table: ReportTable, paper: Paper) -> PaperPages:
    """Set a report on paper."""
    out = BytesIO()
    report_pdf(table, out, paper=paper)
    return PaperPages(out.getvalue())


def pages_of_voucher(book: Book, voucher_id: VoucherId, paper: Paper) -> PaperPages:
    """Set a voucher of the books on paper, as its last version is."""
    voucher = vouchers.load(book, voucher_id).voucher
    out = BytesIO()
    voucher_pdf(voucher, book.company, book.chart, book.chart.voucher_types[voucher.type], out, paper=paper)
    return PaperPages(out.getvalue())
