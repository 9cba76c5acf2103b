"""Reports as CSV, and text that would run in a spreadsheet."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.reports.report_table import ReportTable
from ledgerflow_desktop.phrases.cell_safety import disarmed, reads_as_formula
from ledgerflow_desktop.printing.report_csv import report_csv

MakeTable = Callable[..., ReportTable]


def written(table: ReportTable, *, with_byte_order_mark: bool = False) -> bytes:
    out = io.BytesIO()
    report_csv(table, out, with_byte_order_mark=with_byte_order_mark)
    return out.getvalue()


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


def test_amounts_are_plain_decimals_debit_positive(trial_balance: MakeTable) -> None:
    head, *rows = read(written(trial_balance()))
    assert head == ["kind", "level", "path", "label", "opening", "debit", "credit", "closing"]
    assert rows[1] == ["account", "1", "Capital Account", "Owner's Capital", "-400000.00", "0.00", "0.00", "-400000.00"]
    assert rows[-1] == ["total", "0", "", "Total", "0.00", "123456.78", "123456.78", "0.00"]


def test_lines_end_in_cr_lf_and_the_mark_is_optional(trial_balance: MakeTable) -> None:
    data = written(trial_balance())
    assert data.count(b"\r\n") == data.count(b"\n") == 7 and not data.startswith(b"\xef\xbb\xbf")
    assert written(trial_balance(), with_byte_order_mark=True) == b"\xef\xbb\xbf" + data


def test_dates_are_iso_and_nothing_is_empty(statement: MakeTable) -> None:
    assert read(written(statement(1)))[1] == [
        "voucher", "0", "", "Sale 1", "2025-04-01", "Sales", "S/00001", "1.000", "", "1.000"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r1",
        "\n1",
        "  =1",
        "\u00a0=1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        "-",
        '=HYPERLINK("x")',
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str, trial_balance: MakeTable) -> None:
    rows = read(written(trial_balance(text)))
    assert "'" + text in [row[3] for row in rows]


@pytest.mark.parametrize("text", ["Cash", "A-1", "'quoted'", "a=b", "", " Cash", "₹5", "1-2"])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert disarmed(text) == text


def test_a_negative_figure_is_no_text(trial_balance: MakeTable) -> None:
    assert b"'-" not in written(trial_balance())


def test_quotes_commas_and_line_ends_come_back(trial_balance: MakeTable) -> None:
    names = ['say "no"', "a,b", "two\r\nlines"]
    labels = [row[3] for row in read(written(trial_balance(*names)))]
    assert labels[-4:-1] == names


@given(st.text())
def test_any_text_is_written_and_disarmed(text: str) -> None:
    cell = disarmed(text)
    cell.encode("utf-8")
    assert "\x00" not in cell and not reads_as_formula(cell)


def test_empty_and_long_reports(trial_balance: MakeTable, statement: MakeTable) -> None:
    assert len(read(written(replace(trial_balance(), rows=(), totals=(None,) * 4)))) == 1
    assert len(read(written(statement(5000)))) == 5002
