"""The print preview: one page at a time, saved or printed from here."""

from pathlib import Path

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPixmap
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.paper import Paper
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import PreviewPrint, PreviewVoucher
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.paper.rendering import PaperPages, pages_of, pages_of_voucher
from ledgerflow_desktop.storage.company_folder import write_atomically

_DOTS_PER_INCH = 96
_PRINTER_DOTS_PER_INCH = 300
_ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)


class Desktop(QScrollArea):
    """What the sheet lies on. PgUp and PgDn move over the sheet, and on from its ends."""

    turned = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_PageDown and bar.value() == bar.maximum():
            self.turned.emit(1)
        elif event.key() == Qt.Key.Key_PageUp and bar.value() == bar.minimum():
            self.turned.emit(-1)
        else:
            super().keyPressEvent(event)


class PaperPage(Page):
    """PgUp and PgDn turn pages, plus and minus change the size, Alt+P prints, Alt+E saves the PDF."""

    def __init__(self, desk: Desk, destination: PreviewPrint | PreviewVoucher) -> None:
        super().__init__(desk)
        self._destination = destination
        self._pages: PaperPages | None = None
        self._at = 0
        self._zoom = 1.0
        self._build()
        for command, act in (
            (Command.PRINT, self._print),
            (Command.EXPORT, self._save),
            (Command.ZOOM_IN, lambda: self._change_zoom(1)),
            (Command.ZOOM_OUT, lambda: self._change_zoom(-1)),
        ):
            self.command(command, act, self.tr("Save as PDF") if command is Command.EXPORT else "")
        if isinstance(destination, PreviewVoucher):
            voucher = destination.voucher
            desk.work(self, lambda book: pages_of_voucher(book, voucher, Paper.A4), self._take_pages)
        else:
            table = destination.table
            desk.run(self, lambda: pages_of(table, Paper.A4), self._take_pages)

    def title(self) -> str:
        return self.tr("Print preview")

    def first_focus(self) -> QWidget:
        return self._area

    @property
    def page_count(self) -> int:
        """How many pages there are; 0 until they are set."""
        return self._pages.count if self._pages is not None else 0

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(SPACE.section, SPACE.large, SPACE.section, SPACE.large)
        head.setSpacing(SPACE.medium)
        given = self._destination
        name = QLabel(visible(given.table.title) if isinstance(given, PreviewPrint) else given.name, self)
        name.setProperty("role", "title")
        self._number = QLabel(self.tr("Setting pages…"), self)
        self._number.setProperty("role", "quiet")
        head.addWidget(name)
        head.addWidget(self._number)
        head.addStretch(1)
        self._back = self._button(self.tr("Page up"), lambda: self.turn(-1))
        self._on = self._button(self.tr("Page down"), lambda: self.turn(1))
        head.addWidget(self._back)
        head.addWidget(self._on)
        head.addWidget(self._button(self.tr("Save as PDF"), self._save))
        head.addWidget(self._button(self.tr("Print"), self._print))
        column.addLayout(head)
        if isinstance(given, PreviewVoucher) and given.note:
            note = QLabel(given.note, self)
            note.setProperty("role", "banner-warning")
            note.setMargin(SPACE.small)
            column.addWidget(note)
        self._sheet = QLabel(self)
        self._sheet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sheet.setProperty("role", "desk")
        self._sheet.setMargin(SPACE.section)
        self._sheet.setAccessibleName(self.tr("Page on paper"))
        self._area = Desktop(self)
        self._area.turned.connect(self.turn)
        self._area.setProperty("role", "desk")
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._sheet)
        self._area.setAccessibleName(self.tr("Print preview"))
        column.addWidget(self._area, 1)

    def _button(self, words: str, act: object) -> QPushButton:
        button = QPushButton(words, self)
        button.clicked.connect(act)
        return button

    def turn(self, step: int) -> None:
        """Go forth or back some pages."""
        at = max(0, min(self._at + step, self.page_count - 1))
        if at != self._at:
            self._at = at
            bar = self._area.verticalScrollBar()
            bar.setValue(bar.minimum() if step > 0 else bar.maximum())
        self._show_page()

    def _change_zoom(self, step: int) -> None:
        at = min(range(len(_ZOOMS)), key=lambda at: abs(_ZOOMS[at] - self._zoom))
        self._zoom = _ZOOMS[max(0, min(at + step, len(_ZOOMS) - 1))]
        self._show_page()

    def _take_pages(self, pages: PaperPages) -> None:
        self._pages = pages
        self._show_page()

    def _show_page(self) -> None:
        pages, at = self._pages, self._at
        if pages is None:
            return
        self._back.setEnabled(at > 0)
        self._on.setEnabled(at < pages.count - 1)
        self._number.setText(self.tr("Page {0} of {1}").format(at + 1, pages.count))
        dots = _DOTS_PER_INCH * self._zoom * self.devicePixelRatioF()
        self.desk.run(self, lambda: pages.picture(at, dots_per_inch=dots), lambda picture: self._draw(at, picture))

    def _draw(self, at: int, picture: QImage) -> None:
        if at == self._at:
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            self._sheet.setPixmap(QPixmap.fromImage(picture))

    def _save(self) -> None:
        dialog = QFileDialog(self, self.tr("Save as PDF"), self.file_name(), "PDF (*.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.open()

    def file_name(self) -> str:
        """Return the name a PDF of this is suggested to have: no folder in it, whatever a number holds."""
        given = self._destination
        name = given.table.report if isinstance(given, PreviewPrint) else given.name
        return "".join("-" if letter in '/\\:*?"<>|' else letter for letter in name) + ".pdf"

    def save_to(self, path: Path) -> None:
        """Write the PDF; a file that is there is replaced only by a whole new one."""
        pages = self._pages
        if pages is not None:
            self.desk.run(self, lambda: write_atomically(path, pages.pdf), lambda _: self._saved(path))

    def _saved(self, path: Path) -> None:
        self._number.setText(self.tr("Saved as {0}").format(visible(path.name)))

    def _print(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._send(printer))
        dialog.show()

    def _send(self, printer: QPrinter) -> None:
        """Send the pages to a printer, each rendered off the GUI thread and drawn when it comes."""
        pages = self._pages
        if pages is None:
            return
        first = (printer.fromPage() or 1) - 1
        last = min(printer.toPage() or pages.count, pages.count)
        painter = QPainter()

        def render(at: int) -> None:
            self.desk.run(
                self,
                lambda: pages.picture(at, dots_per_inch=_PRINTER_DOTS_PER_INCH),
                lambda picture: draw(at, picture),
            )

        def draw(at: int, picture: QImage) -> None:
            if at == first and not painter.begin(printer):
                self._number.setText(self.tr("The printer does not answer."))
                return
            if at > first:
                printer.newPage()
            room = printer.paperRect(QPrinter.Unit.DevicePixel).toRect()
            size = picture.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRect(-printer.pageRect(QPrinter.Unit.DevicePixel).toRect().topLeft(), size), picture)
            if at + 1 < last:
                render(at + 1)
            else:
                painter.end()
                self._number.setText(self.tr("Sent to the printer."))

        render(first)
