"""Every report's JSON envelope is held to the schema in docs/."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ledgerflow_core.reports.catalogue import REPORTS, run
from ledgerflow_core.reports.comparative import Comparison
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.report_table import as_envelope, as_json
from ledgerflow_core.reports.two_sided import Layout
from shared.reports.memory_figures import MemoryFigures
from shared.reports.plain_books import account_id, read_books

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "report-envelope.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(
    json.loads(SCHEMA.read_text("utf-8")), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
CELL_FORMS = {
    "text": r".*",
    "date": r"\d{4}-\d\d-\d\d",
    "amount": r"-?\d+\.\d\d",
    "balance": r"-?\d+\.\d\d",
    "ratio": r"-?\d+\.\d{4}",
}
ASKED = [
    *((code, ReportOptions()) for code in REPORTS if not REPORTS[code].required),
    ("account", ReportOptions(account="Ravi Stores")),
    ("account", ReportOptions(account="Ravi Stores", offset=1, limit=1)),
    ("account", ReportOptions(account="Ravi Stores", monthly=True)),
    ("group-summary", ReportOptions(group="Current Assets", depth=3)),
    ("trial-balance", ReportOptions(zero_rows=True, flat=True, as_known=date(2025, 5, 1))),
    ("trial-balance", ReportOptions(compare=Comparison.MONTH)),
    ("balance-sheet", ReportOptions(layout=Layout.HORIZONTAL)),
    ("balance-sheet", ReportOptions(compare=Comparison.PREVIOUS_YEAR)),
    ("profit-and-loss", ReportOptions(layout=Layout.HORIZONTAL)),
    ("profit-and-loss", ReportOptions(compare=Comparison.QUARTER)),
    ("cash-flow", ReportOptions(monthly=True)),
]


def books() -> MemoryFigures:
    return read_books("""
        account Ravi Stores in Sundry Debtors, opening 500.00
            opening bill OLD-1 of 2025-03-01 400.00
        account Mills in Sundry Creditors, opening -20.00
        account Lamps in Sales Accounts
        account Rent in Indirect Expenses
        centre Mumbai
        2025-04-05 Sales S-1 "ten lamps"
            Ravi Stores    300.00    new S-1 due 2025-05-31
            Lamps         -300.00    centre Mumbai -300.00
        2025-05-06 Receipt R-1
            Cash           120.00
            Ravi Stores   -120.00    against S-1 -100.00; on-account -20.00
        2025-06-06 Payment P-1
            Rent            30.00
            Cash           -30.00
    """)


@pytest.mark.parametrize(("code", "options"), ASKED)
def test_the_envelope_keeps_to_the_schema(code: str, options: ReportOptions) -> None:
    envelope = json.loads(json.dumps(as_envelope(run(code, books(), options))))
    assert [error.message for error in VALIDATOR.iter_errors(envelope)] == []
    assert envelope["rows"], "an empty report would prove nothing"


@pytest.mark.parametrize(("code", "options"), ASKED)
def test_the_bytes_are_those_another_writer_of_json_makes(code: str, options: ReportOptions) -> None:
    table = replace(run(code, books(), options), company='Śrī "Lotus"\\ \U0001f600\x7f\t\x01\u2028')
    by_the_standard_library = json.dumps(as_envelope(table), ensure_ascii=False, indent=1).encode() + b"\n"
    assert as_json(table) == by_the_standard_library


@pytest.mark.parametrize(("code", "options"), ASKED)
def test_every_row_has_every_column_in_the_form_of_its_type(code: str, options: ReportOptions) -> None:
    envelope: dict[str, Any] = as_envelope(run(code, books(), options))
    form = {column["key"]: column["type"] for column in envelope["columns"]}
    assert len(form) == len(envelope["columns"]), "two columns with one key"
    for row in envelope["rows"]:
        assert set(form) <= set(row)
        for key, cell_type in form.items():
            if cell_type == "count":
                assert row[key] is None or isinstance(row[key], int)
            elif row[key] is not None:
                assert re.fullmatch(CELL_FORMS[cell_type], row[key]), (key, row[key])


def test_the_schema_knows_every_report_and_no_other() -> None:
    assert VALIDATOR.schema["properties"]["report"]["enum"] == list(REPORTS)


def test_the_schema_refuses_what_is_not_an_envelope() -> None:
    envelope: dict[str, Any] = as_envelope(run("trial-balance", books(), ReportOptions()))
    row = envelope["rows"][0]
    for broken in (
        envelope | {"report": "trial-balanse"},
        envelope | {"surprise": 1},
        envelope | {"from": "1 April"},
        envelope | {"rows": [row | {"opening": 1.5}]},
        envelope | {"rows": [row | {"kind": "account"}]},
        envelope | {"rows": [{key: value for key, value in row.items() if key != "path"}]},
        envelope | {"totals": {"opening": "nothing"}},
        envelope | {"columns": [{"key": "closing@April", "title": "Closing", "type": "balance"}]},
        {key: value for key, value in envelope.items() if key != "notes"},
    ):
        assert not VALIDATOR.is_valid(broken)


def test_the_trial_balance_in_json_reads_as_the_documents_say() -> None:
    envelope: dict[str, Any] = as_envelope(run("trial-balance", books(), ReportOptions()))
    assert [column["key"] for column in envelope["columns"]] == ["opening", "debit", "credit", "closing"]
    assert next(row for row in envelope["rows"] if row.get("account") == "Ravi Stores") == {
        "kind": "account",
        "account": "Ravi Stores",
        "id": account_id("Ravi Stores"),
        "path": ["Current Assets", "Sundry Debtors"],
        "level": 2,
        "opening": "500.00",
        "debit": "300.00",
        "credit": "120.00",
        "closing": "680.00",
    }
    assert envelope["totals"] == {"opening": "0.00", "debit": "450.00", "credit": "450.00", "closing": "0.00"}
    assert envelope["notes"] == [{"code": "opening-balances-differ", "value": -48_000}]
