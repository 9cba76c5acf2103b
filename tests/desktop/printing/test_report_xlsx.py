"""Reports as worksheets, read back with another library."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerflow_core.money.currency import Currency
from ledgerflow_core.reports.report_table import Column, ColumnKind, ReportTable, Row, RowKind
from ledgerflow_desktop.printing.number_formats import number_format
from ledgerflow_desktop.printing.report_xlsx import report_xlsx, sheet_name

MakeTable = Callable[..., ReportTable]


def opened(table: ReportTable, *, values: bool = False) -> Worksheet:
    out = io.BytesIO()
    report_xlsx(table, out)
    sheet = load_workbook(io.BytesIO(out.getvalue()), data_only=values).active
    assert isinstance(sheet, Worksheet)
    return sheet


def row_of(sheet: Worksheet, label: str) -> tuple[Any, ...]:
    return next(row for row in sheet.iter_rows() if label in [cell.value for cell in row])


def evaluated(formula: str, sheet: Worksheet) -> Decimal:
    """Work a SUM out by hand from the numbers it names, following formulas among them."""
    total = Decimal(0)
    match = re.fullmatch(r"=SUM\((.*)\)", formula)
    assert match is not None
    for part in match[1].split(","):
        cells = sheet[part] if ":" in part else ((sheet[part],),)
        for (cell,) in cells:
            if isinstance(cell.value, str):
                total += evaluated(cell.value, sheet)
            elif cell.value is not None:
                total += Decimal(str(cell.value))
    return total


def test_figures_are_numbers_and_sums_are_formulas_that_agree(trial_balance: MakeTable) -> None:
    formulas, values = opened(trial_balance()), opened(trial_balance(), values=True)
    assert [c.value for c in row_of(values, "Bank")] == ["Bank", 397500, 123456.78, 0, 520956.78]
    total = row_of(formulas, "Total")
    assert all(str(cell.value).startswith("=SUM(") for cell in total[1:])
    for row in formulas.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                stated = values[cell.coordinate].value
                assert evaluated(cell.value, formulas) == Decimal(str(stated)), cell.coordinate


def test_a_figure_that_is_no_sum_of_its_rows_stays_a_number(trial_balance: MakeTable) -> None:
    sheet = opened(replace(trial_balance(), totals=(1, None, 12345678, 0)))
    assert [cell.value for cell in row_of(sheet, "Total")][1:3] == [0.01, None]
    assert str(row_of(sheet, "Total")[3].value).startswith("=SUM(")


def test_a_computed_line_is_left_out_of_a_sum_it_repeats(trial_balance: MakeTable) -> None:
    rows = (
        Row(RowKind.ACCOUNT, "Sales", (-500,)),
        Row(RowKind.ACCOUNT, "Rent", (200,)),
        Row(RowKind.RESULT, "Net profit", (-300,)),
    )
    column = Column("amount", "Amount", ColumnKind.BALANCE)
    sheet = opened(replace(trial_balance(), columns=(column,), rows=rows, totals=(-300,)))
    first = row_of(sheet, "Sales")[0].row
    assert row_of(sheet, "Total")[1].value == f"=SUM(B{first}:B{first + 1})"


def test_dates_are_dates_and_the_head_is_frozen_and_repeated(statement: MakeTable) -> None:
    sheet = opened(statement(3))
    head = row_of(sheet, "Voucher No.")[0].row
    first = sheet.cell(head + 1, 1)
    assert first.value == datetime(2025, 4, 1) and first.is_date  # noqa: DTZ001
    assert sheet.freeze_panes == f"B{head + 1}"
    assert sheet.print_title_rows == f"${head}:${head}"
    assert sheet.cell(head + 1, 5).number_format == '#,##0.000;-#,##0.000;"–"'


def test_groups_fold_and_are_indented(trial_balance: MakeTable) -> None:
    sheet = opened(trial_balance())
    group, cash = row_of(sheet, "Current Assets")[0], row_of(sheet, "Cash")[0]
    assert group.font.b and not cash.font.b
    assert (group.alignment.indent, cash.alignment.indent) == (0, 1)
    levels = [sheet.row_dimensions[cell.row].outlineLevel for cell in (group, cash)]
    assert levels == [0, 1] and sheet.sheet_properties.outlinePr.summaryBelow is False


@pytest.mark.parametrize("rows", [2, 6000])
def test_text_never_becomes_a_formula_or_a_link(rows: int, statement: MakeTable) -> None:
    hostile = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1",
        "https://example.com",
        "{=1}",
        "12",
        "a\x00\x1b\ud800",
    ]
    table = statement(rows)
    added = tuple(replace(table.rows[0], label=name) for name in hostile)
    sheet = opened(replace(table, rows=(*added, *table.rows), totals=(None,) * 6))
    head = row_of(sheet, "Voucher No.")[0].row
    for at, name in enumerate(hostile):
        cell = sheet.cell(head + 1 + at, 2)
        assert cell.data_type == "s" and cell.hyperlink is None
        assert str(cell.value).lstrip() == name.strip() or "\ufffd" in str(cell.value)


def test_a_text_longer_than_a_cell_is_cut_not_dropped(trial_balance: MakeTable) -> None:
    sheet = opened(trial_balance("x" * 40_000))
    assert max(len(str(cell.value or "")) for row in sheet.iter_rows() for cell in row) == 32_767


def test_amounts_of_fifteen_digits_keep_their_decimals(trial_balance: MakeTable) -> None:
    fifteen_digits, largest = 10**15 - 1, 2**53 - 1
    column = Column("amount", "Amount", ColumnKind.AMOUNT)
    rows = (Row(RowKind.ACCOUNT, "Fifteen", (fifteen_digits,)), Row(RowKind.ACCOUNT, "Largest", (largest,)))
    for exponent in (0, 2, 3):
        currency = Currency("XXX", exponent)
        sheet = opened(replace(trial_balance(), columns=(column,), currency=currency, rows=rows, totals=(None,)))
        kept = Decimal(repr(row_of(sheet, "Fifteen")[1].value)).scaleb(exponent)
        assert kept == fifteen_digits
        assert abs(Decimal(repr(row_of(sheet, "Largest")[1].value)).scaleb(exponent) - largest) <= 1


@pytest.mark.parametrize(
    ("whole", "groups"),
    [(1, 0), (99_999, 0), (1_00_000, 2), (99_99_999, 2), (1_00_00_000, 3), (99_99_99_999, 3), (1_00_00_00_000, 4)],
)
def test_lakh_groups_are_as_many_as_the_figure_needs(whole: int, groups: int) -> None:
    made = number_format(-whole, 0, indian=True, is_signed=True).partition('"')[0]
    assert made == ("##\\," * groups + "##0" if groups else "#,##0")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Trial Balance", "Trial Balance"),
        ("a/b:c[d]*?\\", "a b c d"),
        ("'q'", "q"),
        ("", "Report"),
        ("History", "Report"),
    ],
)
def test_a_sheet_has_a_name_a_spreadsheet_takes(title: str, name: str) -> None:
    assert sheet_name(title) == name
    assert len(sheet_name("x" * 99)) == 31


def test_an_empty_report_is_a_sheet_with_a_head(trial_balance: MakeTable) -> None:
    sheet = opened(replace(trial_balance(), rows=(), totals=(None,) * 4))
    assert row_of(sheet, "Opening")
