"""The models of reports under Qt's own tester, and how little of a long one is read."""

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from ledgerflow_core.calendar import Period
from ledgerflow_core.money.currency import currency
from ledgerflow_core.reports.report_table import Column, ColumnKind, ReportTable, Row, RowKind
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.screens.reports.models import WINDOW, LongModel, TreeModel
from ledgerflow_desktop.screens.reports.view import ReportView

YEAR = Period(date(2026, 4, 1), date(2027, 3, 31))
TREE = ReportTable(
    report="trial-balance", title="Trial Balance", company="Nila", currency=currency("INR"), period=YEAR,
    columns=(Column("closing", "Closing", ColumnKind.BALANCE),),
    rows=(
        Row(RowKind.GROUP, "Assets", (1_234_567_89,), 0, "g1"),
        Row(RowKind.GROUP, "Bank", (150_00,), 1, "g2", ("Assets",)),
        Row(RowKind.ACCOUNT, "Hill Bank", (150_00,), 2, "a1", ("Assets", "Bank")),
        Row(RowKind.ACCOUNT, "Cash", (-50,), 1, "a2", ("Assets",)),
        Row(RowKind.GROUP, "Capital", (0,), 0, "g3"),
    ),
    totals=(0,), indian_grouping=True,
)  # fmt: skip
LONG = replace(TREE, report="day-book", rows=(), columns=(Column("amount", "Amount", ColumnKind.AMOUNT),))


def labels(model: TreeModel) -> list[str]:
    return [str(model.data(model.index(at, 0))) for at in range(model.rowCount())]


def test_a_tree_passes_qts_own_checks_while_it_opens_closes_and_filters(qtbot: QtBot) -> None:
    model = TreeModel(TREE)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert labels(model) == ["Assets", "Bank", "Hill Bank", "Cash", "Capital"]
    model.toggle(1)
    assert labels(model) == ["Assets", "Bank", "Cash", "Capital"]
    model.toggle_all()
    assert labels(model) == ["Assets", "Bank", "Hill Bank", "Cash", "Capital"]
    model.toggle_all()
    assert labels(model) == ["Assets", "Capital"]
    model.filter("hill")
    assert labels(model) == ["Assets", "Bank", "Hill Bank"]
    model.filter("")
    assert labels(model) == ["Assets", "Capital"]
    del tester


def test_amounts_are_grouped_as_the_company_groups_and_say_their_side() -> None:
    model = TreeModel(TREE)
    assert model.data(model.index(0, 1)) == "12,34,567.89 Dr"
    assert model.data(model.index(3, 1)) == "0.50 Cr"
    assert model.data(model.index(4, 1)) == "–"
    western = TreeModel(replace(TREE, indian_grouping=False))
    assert western.data(western.index(0, 1)) == "1,234,567.89 Dr"


def test_figures_stand_at_the_trailing_edge_and_words_at_the_leading_one() -> None:
    model = TreeModel(TREE)
    sides = [model.data(model.index(0, column), Qt.ItemDataRole.TextAlignmentRole) for column in (0, 1)]
    assert sides[0] & Qt.AlignmentFlag.AlignLeading.value
    assert sides[1] & Qt.AlignmentFlag.AlignTrailing.value


def test_copied_lines_are_plain_numbers_under_their_headings() -> None:
    model = TreeModel(TREE)
    rows = [row for at in (0, 3) if (row := model.row_at(at)) is not None]
    assert model.cells.tsv(rows) == "Particulars\tClosing\nAssets\t1234567.89\n  Cash\t-0.50"


class Shelf:
    """Where the lines of a long report are read from; remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def rows(self, window: int) -> list[Row]:
        first = window * WINDOW
        return [Row(RowKind.VOUCHER, f"line {at}", (at,), drill=str(at)) for at in range(first, first + WINDOW)]


def test_a_long_report_passes_qts_own_checks(qtbot: QtBot) -> None:
    shelf = Shelf()
    model = LongModel(LONG, 1000, shelf.asked.append)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert model.data(model.index(450, 0)) == "…"
    model.take(2, shelf.rows(2))
    assert model.data(model.index(450, 0)) == "line 450"
    model.show_found([])
    model.add_found(shelf.rows(0)[:3])
    assert model.rowCount() == 3
    model.show_found(None)
    assert model.rowCount() == 1000
    del tester


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_a_million_lines_are_shown_by_reading_two_windows(qtbot: QtBot, qapp: object) -> None:
    shelf = Shelf()
    view = ReportView(Look(qapp, "light"), None)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(1000, 700)
    model = LongModel(LONG, 1_000_000, lambda window: (shelf.asked.append(window), answer(window))[0], view)  # type: ignore[arg-type, return-value]
    pending: list[int] = []

    def answer(window: int) -> None:
        pending.append(window)

    view.show_model(model)
    view.show()
    qtbot.waitUntil(lambda: bool(pending))
    for window in list(pending):
        model.take(window, shelf.rows(window))
    view.select_line(999_999)
    qtbot.waitUntil(lambda: 4999 in shelf.asked)
    model.take(4999, shelf.rows(4999))
    assert model.data(model.index(999_999, 0)) == "line 999999"
    assert set(shelf.asked) == {0, 4999}
    assert model.rows_in_memory == 2 * WINDOW


def test_scrolling_through_everything_keeps_a_few_screens(qtbot: QtBot) -> None:
    shelf = Shelf()
    model = LongModel(LONG, 1_000_000, shelf.asked.append)
    for window in range(200):
        model.take(window, shelf.rows(window))
    assert model.rows_in_memory <= 30 * WINDOW


def test_windows_scrolled_past_are_no_longer_wanted() -> None:
    model = LongModel(LONG, 1_000_000, lambda window: None)
    for at in range(0, 20 * WINDOW, WINDOW):
        model.row_at(at)
    assert not model.wants(0)
    assert model.wants(19)
