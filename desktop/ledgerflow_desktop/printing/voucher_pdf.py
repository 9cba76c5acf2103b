"""Vouchers on paper: receipts, payment advices, invoices, notes, journals; one or many in a document."""

from collections.abc import Iterable
from typing import BinaryIO

from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.money.amount import grouped_text
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.flow import Flow
from ledgerflow_desktop.printing.paper import Paper, portrait
from ledgerflow_desktop.printing.pen import HAIRLINE, Pen
from ledgerflow_desktop.printing.typesetting import Style, line_width, wrapped
from ledgerflow_desktop.printing.voucher_contents import Block, Contents, Line, voucher_contents

_COMPANY = Style(15, bold=True)
_TITLE = Style(15, bold=True, grey=0.25)
_BODY = Style(9)
_STRONG = Style(9, bold=True)
_SMALL = Style(8, grey=0.3)
_LABEL = Style(7.5, bold=True, grey=0.4)
_GAP = 6.0
_FIGURE_WIDTH_MIN = 84.0
_HEAD_SHADE = 0.94
_SIGNING_ROOM = 44.0


def voucher_pdf(
    voucher: Voucher, company: Company, chart: Chart, voucher_type: VoucherType, out: BinaryIO, *, paper: Paper
) -> None:
    """Write one voucher as PDF."""
    vouchers_pdf([(voucher, voucher_type)], company, chart, out, paper=paper)


def vouchers_pdf(
    vouchers: Iterable[tuple[Voucher, VoucherType]], company: Company, chart: Chart, out: BinaryIO, *, paper: Paper
) -> None:
    """Write vouchers as one PDF; each begins on a page of its own and counts its own pages. At least one."""
    pen: Pen | None = None
    for voucher, voucher_type in vouchers:
        contents = voucher_contents(voucher, company, chart, voucher_type)
        name = f"{contents.title} {visible(voucher.number)}".strip()
        pen = pen or Pen(out, title=name, author=visible(company.name))
        _VoucherPages(contents, company, Flow(pen, portrait(paper))).draw(name)
    assert pen is not None, "a document needs at least one voucher"
    pen.save()


class _VoucherPages:
    def __init__(self, contents: Contents, company: Company, flow: Flow) -> None:
        self.contents, self.company, self.flow, self.sheet = contents, company, flow, flow.sheet
        widest = max((line_width(self._digits(f), _STRONG) for f in self._all_figures()), default=0.0)
        self.figure_width = max(_FIGURE_WIDTH_MIN, widest + 2 * _GAP)
        self.names_right = self.sheet.right - self.figure_width * len(contents.figure_titles)

    def draw(self, name: str) -> None:
        self._draw_head()
        self._draw_blocks()
        self._draw_entries()
        self._draw_words()
        self._draw_signatures()
        self.flow.draw(f"{visible(self.contents.company.title)}  ·  {name}", self.contents.stamp)

    def _all_figures(self) -> list[int | None]:
        return [*self.contents.totals, *(f for line in self.contents.lines for f in line.figures)]

    def _digits(self, amount: int | None) -> str:
        if amount is None:
            return ""
        digits = grouped_text(amount, self.company.exponent, indian=self.company.groups_digits_indian)
        return f"-{digits}" if amount < 0 else digits

    def _draw_head(self) -> None:
        """Company on the left, title and number on the right, whichever is taller giving the height."""
        flow, middle = self.flow, self.sheet.left + self.sheet.text_width * 0.58
        flow.paragraph(self.contents.company.title, _COMPANY, self.sheet.left, middle)
        for line in self.contents.company.lines:
            flow.paragraph(line, _SMALL, self.sheet.left, middle)
        left_end, left_page, flow.y = flow.y, len(flow.pages), self.sheet.top
        if left_page > 1:  # an address longer than a page: the facts follow below it
            flow.y = left_end
        labels = middle + 12
        for line in wrapped(self.contents.title, _TITLE, self.sheet.right - labels):
            flow.write_to(line, self.sheet.right, flow.y - _TITLE.size, _TITLE)
            flow.y -= _TITLE.line_height
        flow.skip(3)
        for label, value in self.contents.facts:
            flow.write(label, labels, flow.y - _BODY.size, _SMALL)
            for line in wrapped(value, _BODY, self.sheet.right - labels - 76):
                flow.need(_BODY.line_height)
                flow.write_to(line, self.sheet.right, flow.y - _BODY.size, _BODY)
                flow.y -= _BODY.line_height
        flow.y = min(flow.y, left_end) if left_page == len(flow.pages) else flow.y
        flow.skip(8)
        flow.rule()
        flow.skip(8)

    def _draw_blocks(self) -> None:
        """The party, and what the money went through."""
        for block in (self.contents.party, self.contents.through):
            if block is not None:
                self._draw_block(block, first_line_strong=block is self.contents.party)
        if self.contents.remark:
            self.flow.paragraph(self.contents.remark, _SMALL, self.sheet.left, self.sheet.right)
            self.flow.skip(6)

    def _draw_block(self, block: Block, *, first_line_strong: bool) -> None:
        self.flow.need(_LABEL.line_height + _BODY.line_height)
        self.flow.paragraph(block.title, _LABEL, self.sheet.left, self.sheet.right)
        for at, line in enumerate(block.lines):
            style = _STRONG if at == 0 and first_line_strong else _BODY
            self.flow.paragraph(line, style, self.sheet.left, self.sheet.right)
        self.flow.skip(8)

    def _draw_entries(self) -> None:
        flow = self.flow
        flow.need(4 * _BODY.line_height)
        self._draw_entries_head()
        flow.on_new_page = self._draw_entries_head
        for line in self.contents.lines:
            self._draw_line(line)
        flow.need(_STRONG.line_height + 6)
        flow.rule()
        self._draw_figures("Total", self.contents.totals, flow.y - 3)
        flow.y -= _STRONG.line_height + 5
        flow.rule()
        flow.on_new_page = lambda: None
        flow.skip(8)

    def _draw_entries_head(self) -> None:
        flow, height = self.flow, _STRONG.line_height + 5
        flow.shade(height, grey=_HEAD_SHADE)
        flow.rule()
        baseline = flow.y - 3 - _STRONG.size
        flow.write("Particulars", self.sheet.left + _GAP, baseline, _STRONG)
        code = self.company.currency
        for at, title in enumerate(self.contents.figure_titles):
            flow.write_to(f"{title} ({code})", self._figure_right(at), baseline, _STRONG)
        flow.y -= height
        flow.rule()
        flow.skip(2)

    def _figure_right(self, at: int) -> float:
        return self.names_right + (at + 1) * self.figure_width - _GAP

    def _draw_figures(self, name: str, figures: tuple[int, ...], top: float) -> None:
        baseline = top - _STRONG.size
        self.flow.write(name, self.sheet.left + _GAP, baseline, _STRONG)
        for at, amount in enumerate(figures):
            self.flow.write_to(self._digits(amount), self._figure_right(at), baseline, _STRONG)

    def _draw_line(self, line: Line) -> None:
        flow, left = self.flow, self.sheet.left + _GAP
        flow.need(_BODY.line_height)
        for at, amount in enumerate(line.figures):
            flow.write_to(self._digits(amount), self._figure_right(at), flow.y - _BODY.size, _BODY)
        flow.paragraph(line.name, _BODY, left, self.names_right - _GAP)
        for detail in line.details:
            flow.paragraph(detail, _SMALL, left + 10, self.names_right - _GAP)
        flow.skip(2)
        flow.rule(weight=HAIRLINE / 2, grey=0.8)
        flow.skip(2)

    def _draw_words(self) -> None:
        flow = self.flow
        for label, text in (("Amount in words", self.contents.total_words), ("Narration", self.contents.narration)):
            if text.strip():
                flow.need(_LABEL.line_height + _BODY.line_height)
                flow.paragraph(label, _LABEL, self.sheet.left, self.sheet.right)
                flow.paragraph(text, _BODY, self.sheet.left, self.sheet.right)
                flow.skip(7)

    def _draw_signatures(self) -> None:
        """A line to sign on for each; the company stands over the last."""
        flow, signatures = self.flow, self.contents.signatures
        name_lines = wrapped(f"for {self.contents.company.title}", _SMALL, self.sheet.text_width)
        flow.need(_SIGNING_ROOM + (len(name_lines) + 1) * _SMALL.line_height)
        for line in name_lines:
            flow.write_to(line, self.sheet.right, flow.y - _SMALL.size, _SMALL)
            flow.y -= _SMALL.line_height
        flow.y -= _SIGNING_ROOM
        part = self.sheet.text_width / max(3, len(signatures))
        for at, who in enumerate(signatures):
            right_to_left = len(signatures) - 1 - at
            right = self.sheet.right - right_to_left * (self.sheet.text_width - part) / max(1, len(signatures) - 1)
            flow.sign_line(right - part + 2 * _GAP, right)
            flow.write_to(who, right, flow.y - _SMALL.size - 2, _SMALL)
        flow.y -= _SMALL.line_height + 2
