"""Reports in a terminal."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.reports.report_table import ReportTable
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.report_text import cut, display_width, report_text

MakeTable = Callable[..., ReportTable]


def test_a_trial_balance_in_a_terminal(trial_balance: MakeTable) -> None:
    table = trial_balance(notes=(("opening-balances-differ", 100),))
    lines = list(report_text(table, width=80))
    assert lines[:4] == [
        "Sample Traders",
        "Trial Balance",
        "1 April 2025 to 31 March 2026, Amounts in INR (₹)",
        "",
    ]
    assert lines[4].split() == ["Particulars", "Opening", "Debit", "Credit", "Closing"]
    assert lines[6].split() == ["Capital", "Account", "4,00,000.00", "Cr", "4,00,000.00", "Cr"]
    assert lines[7].startswith("  Owner's Capital ")
    assert lines[-3].split() == ["Total", "0.00", "1,23,456.78", "1,23,456.78", "0.00"]
    assert lines[-1].startswith("Note: The opening balances")


def test_decimal_points_stand_under_each_other(trial_balance: MakeTable) -> None:
    lines = list(report_text(trial_balance(), width=None))[6:-2]
    assert len({line.rindex(".") for line in lines if line.rstrip().endswith(("Dr", "Cr"))}) == 1


def test_a_terminal_cuts_names_a_file_does_not(trial_balance: MakeTable) -> None:
    name = "n" * 200
    assert max(map(display_width, report_text(trial_balance(name), width=80))) <= 80
    assert any("…" in line for line in report_text(trial_balance(name), width=80))
    assert any(name in line for line in report_text(trial_balance(name), width=None))


def test_figures_are_never_cut(trial_balance: MakeTable) -> None:
    assert any("5,20,956.78 Dr" in line for line in report_text(trial_balance(), width=20))


def test_wide_and_combining_characters_keep_the_columns(trial_balance: MakeTable) -> None:
    lines = list(report_text(trial_balance("漢字商店", "e\u0301cole", "कंपनी"), width=None))
    rows = [line for line in lines if line.strip().endswith("–")]
    assert len({display_width(line.rstrip()) for line in rows}) == 1


def test_a_name_cannot_drive_the_terminal(trial_balance: MakeTable) -> None:
    text = "\n".join(report_text(trial_balance("\x1b[2J", "a\nb\rc", "x\u202ey\u2066", "nul\x00"), width=None))
    assert not set(text) & set("\x00\x1b\r\u202e\u2066")
    assert "\N{REPLACEMENT CHARACTER}[2J" in text and "a b c" in text


def test_empty_and_long_reports(trial_balance: MakeTable, statement: MakeTable) -> None:
    assert len(list(report_text(replace(trial_balance(), rows=(), totals=(None,) * 4), width=80))) == 6
    assert len(list(report_text(statement(5000), width=80))) == 5008


@given(st.text(), st.integers(1, 30))
def test_what_is_cut_fits(text: str, width: int) -> None:
    shown = cut(visible(text), width)
    assert display_width(shown) <= width
