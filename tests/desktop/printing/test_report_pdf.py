"""Reports on paper, read back: everything is there, inside the page, and the head is on every page."""

import io
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from desktop.printing.pdf_pieces import assert_inside, joined, pieces
from ledgerflow_core.reports.comparative import comparative_columns
from ledgerflow_core.reports.report_table import Column, ColumnKind, ReportTable, Row, RowKind
from ledgerflow_core.reports.two_sided import both_totals, facing, two_sided_columns
from ledgerflow_desktop.printing.paper import Paper
from ledgerflow_desktop.printing.report_pdf import report_pdf

MakeTable = Callable[..., ReportTable]


def printed(table: ReportTable, paper: Paper = Paper.A4) -> PdfReader:
    out = io.BytesIO()
    report_pdf(table, out, paper=paper)
    return PdfReader(io.BytesIO(out.getvalue()))


@pytest.mark.parametrize(("paper", "size"), [(Paper.A4, (595.28, 841.89)), (Paper.LETTER, (612.0, 792.0))])
def test_a_trial_balance_fits_an_upright_page(
    paper: Paper, size: tuple[float, float], trial_balance: MakeTable
) -> None:
    reader = printed(trial_balance(), paper)
    (page,) = reader.pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(size, abs=0.01)
    text = page.extract_text()
    for said in (
        "Sample Traders",
        "Trial Balance",
        "1 April 2025 to 31 March 2026",
        "Amounts in INR (₹)",
        "Page 1 of 1",
    ):
        assert said in text
    for said in ("4,00,000.00", "1,23,456.78", "5,20,956.78", "1,20,956.78"):
        assert said in text
    assert_inside(reader)


def test_western_groups_and_three_decimals(statement: MakeTable) -> None:
    assert "1,234.000" in joined(printed(statement(1234)))


def test_amounts_stand_on_their_decimal_point(trial_balance: MakeTable) -> None:
    """With figures of one width, two amounts with equally many decimals are aligned when their right edges are."""
    (page,) = printed(trial_balance()).pages
    ends = {piece.right for piece in pieces(page) if piece.text in ("2,500.00", "3,97,500.00")}
    assert max(ends) - min(ends) < 0.02


def test_the_head_is_repeated_and_pages_are_counted(statement: MakeTable) -> None:
    reader = printed(statement(300))
    pages = len(reader.pages)
    assert pages > 4
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert f"Page {number} of {pages}" in text
        assert "Voucher No." in text.replace("\n", " ") and "Balance" in text and "Sample Trading" in text
    assert_inside(reader)


def test_no_row_is_lost_or_printed_twice(statement: MakeTable) -> None:
    text = joined(printed(statement(500)))
    assert [text.count(f"S/{at:05d}") for at in range(1, 501)] == [1] * 500


def test_5000_rows_print_in_time_that_grows_with_the_rows_alone(statement: MakeTable) -> None:
    def seconds(rows: int) -> float:
        table, begin = statement(rows), time.perf_counter()
        report_pdf(table, io.BytesIO(), paper=Paper.A4)
        return time.perf_counter() - begin

    seconds(50)
    assert seconds(5000) < 15 * seconds(1000)


def test_an_empty_report_is_a_page_with_its_head(trial_balance: MakeTable) -> None:
    reader = printed(replace(trial_balance(), rows=(), totals=(None,) * 4))
    assert len(reader.pages) == 1
    assert "Particulars" in joined(reader) and "Page 1 of 1" in joined(reader)


def test_a_name_of_200_letters_without_blanks_is_whole(trial_balance: MakeTable) -> None:
    name = "".join(chr(ord("a") + at % 26) for at in range(200))
    reader = printed(trial_balance(name))
    assert name in joined(reader).replace("\n", "")
    assert_inside(reader)


def test_a_name_taller_than_a_page_runs_on(trial_balance: MakeTable) -> None:
    name = "".join(f"<{at:04d}>" for at in range(2500))
    reader = printed(trial_balance("before", name, "after"))
    text = joined(reader)
    assert len(reader.pages) > 2
    assert all(f"<{at:04d}>" in text.replace("\n", "") for at in range(0, 2500, 50))
    assert text.index("before") < text.index("<0001>") < text.index("after")
    assert_inside(reader)


def test_hostile_names_print_as_harmless_text(trial_balance: MakeTable) -> None:
    reader = printed(trial_balance("pay\u202egnp.exe", "nul\x00here", "\ud800", "(\\) Tj ET", "<b>&amp;"))
    text = joined(reader)
    for said in ("paygnp.exe", "nul\ufffdhere", "(\\) Tj ET", "<b>&amp;"):
        assert said in text
    assert_inside(reader)


def test_no_letter_of_the_carried_scripts_is_a_missing_box(trial_balance: MakeTable) -> None:
    text = joined(printed(trial_balance("Rent ₹ € £ Łódź Ελλάδα Москва", "नमन", "שלום", "漢")))
    for said in ("Rent ₹ € £ Łódź Ελλάδα Москва", "नमन"):
        assert said in text
    assert "\ufffd" in text, "a character no carried font has is shown as missing, not as nothing"


def test_many_columns_turn_the_sheet_and_then_make_bands(trial_balance: MakeTable) -> None:
    def with_months(count: int) -> ReportTable:
        table = trial_balance()
        months = [*table.period.months(), *table.period.months()][:count]
        columns = comparative_columns("closing", "Closing", months)
        rows = tuple(replace(row, cells=(row.cells[3],) * count) for row in table.rows)
        return replace(table, columns=columns, rows=rows, totals=(0,) * count)

    (page,) = printed(with_months(9)).pages
    assert page.mediabox.width > page.mediabox.height
    assert "Apr 2025" in page.extract_text()
    reader = printed(with_months(24))
    assert len(reader.pages) > 1
    assert all("Owner's Capital" in page.extract_text() for page in reader.pages)
    assert joined(reader).count("4,00,000.00 Cr") == 48
    assert_inside(reader)


def test_a_two_sided_account_indents_both_its_sides(trial_balance: MakeTable) -> None:
    left = [Row(RowKind.GROUP, "Purchases", (100,)), Row(RowKind.ACCOUNT, "Paper", (100,), 1)]
    right = [Row(RowKind.GROUP, "Sales", (-100,)), Row(RowKind.ACCOUNT, "Books", (-100,), 1)]
    rows = (*facing(left, right, left_is_debit=True), Row(RowKind.TOTAL, "Total", both_totals(100)))
    columns = two_sided_columns(("debit", "Amount"), ("credit", "Particulars"))
    table = replace(trial_balance(), columns=columns, rows=rows, totals=(None,) * 3)
    (page,) = printed(table).pages
    at = {piece.text: piece.left for piece in pieces(page)}
    assert at["Paper"] > at["Purchases"] and at["Books"] > at["Sales"] > at["Purchases"]


def test_notes_stand_at_the_end_in_plain_words(trial_balance: MakeTable) -> None:
    text = joined(printed(trial_balance(notes=(("opening-balances-differ", 500000),))))
    assert "differ by INR 5,000.00 Dr" in text.replace("\n", " ")


def test_the_same_table_gives_the_same_bytes(trial_balance: MakeTable) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    report_pdf(trial_balance(), first, paper=Paper.A4)
    report_pdf(trial_balance(), second, paper=Paper.A4)
    assert first.getvalue() == second.getvalue()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(labels=st.lists(st.text(max_size=120), max_size=8), amount=st.integers(-(2**53) + 1, 2**53 - 1))
def test_any_text_and_any_amount_print_inside_the_page(
    labels: list[str], amount: int, trial_balance: MakeTable
) -> None:
    column = Column("amount", "Amount", ColumnKind.BALANCE)
    rows = tuple(Row(RowKind.ACCOUNT, label, (amount,), level) for level, label in enumerate(labels))
    table = replace(trial_balance(company=labels[0] if labels else ""), columns=(column,), rows=rows, totals=(None,))
    assert_inside(printed(table, Paper.LETTER))
