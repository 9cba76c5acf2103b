"""The examples of docs/interchange.md are books that can be imported, and they leave no kind and no field out."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from desktop.storage.sample_company import CHEAP, PASSPHRASE, machine, open_it
from ledgerflow_core.identifiers import CompanyId, named
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.group import PREDEFINED_GROUPS, group_id
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_desktop.actions import reports
from ledgerflow_desktop.actions.importing import import_files
from ledgerflow_desktop.interchange import jsonl
from ledgerflow_desktop.interchange.group_mapping import GroupMapping
from ledgerflow_desktop.interchange.proof import Proof
from ledgerflow_desktop.interchange.records import Record
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "interchange.md").read_text("utf-8")
ACME = Company(
    id=CompanyId(named("test-company", "Acme Traders")), name="Acme Traders", country="IN", currency="INR", exponent=2,
    year_start_month=4, year_start_day=1, books_begin=date(2026, 4, 1),
)  # fmt: skip
ROOT_BY_NATURE = {"asset": "Assets", "liability": "Liabilities", "income": "Income", "expense": "Expenses"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The examples as the page says they stand in a file: one line each."""
    examples = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    path = tmp_path / "examples.jsonl"
    path.write_text("".join(json.dumps(json.loads(example)) + "\n" for example in examples), "utf-8")
    return path


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    here = machine()
    path = tmp_path / "Acme.ledgerflow"
    create_company(CompanyFolder(path), ACME, PASSPHRASE, here, costs=CHEAP)
    with open_it(path, here) as opened:
        yield opened


def imported(book: Book, file: Path) -> Proof:
    return import_files(book, [file]).value


def test_the_examples_are_imported_and_a_second_time_change_nothing(book: Book, file: Path) -> None:
    first, second = imported(book, file), imported(book, file)

    assert (first.vouchers_posted, first.accounts_made, first.accounts_known) == (4, 7, 1)
    assert first.not_imported == [("budgets", 2, "Year 2026")]
    assert (second.vouchers_posted, second.vouchers_known, second.accounts_made) == (0, 4, 0)


def test_the_accounts_close_where_the_examples_say(book: Book, file: Path) -> None:
    """Worked by hand. Bank 100000 - 2500; Lotus 8000 + 1180, as the page states; Ferry 8321.50 twice."""
    proof = imported(book, file)
    table = reports.run(book, "trial-balance", ReportOptions(last=date(2026, 6, 1), flat=True))
    closing = {row.label: row.cells[3] for row in table.rows}

    assert (proof.checked, proof.differences) == (1, [])
    assert closing == {
        "Lotus Readers": 9180_00, "Ferry Imports": 16643_00, "Bank of Meridian": 97500_00,
        "Owner's Capital": -116321_50, "Sales of Books": -9501_50, "Rent": 2500_00,
    }  # fmt: skip


def test_the_examples_have_every_kind_of_record_and_every_field(file: Path) -> None:
    shown: dict[type, set[str]] = {}
    for placed in jsonl.read([file]):
        note_fields(placed.record, shown)

    wanted = {struct: {field.name for field in msgspec.structs.fields(struct)} for struct in structs_of(Record)}
    left_out = {struct.__name__: fields - shown.get(struct, set()) for struct, fields in wanted.items()}
    assert {name: fields for name, fields in left_out.items() if fields} == {}


def note_fields(record: msgspec.Struct, shown: dict[type, set[str]]) -> None:
    """Note which fields of a record, and of the records inside it, are not at their default."""
    for field in msgspec.structs.fields(record):
        value = getattr(record, field.name)
        if value not in ("", None, [], {}, False) and value != field.default:
            shown.setdefault(type(record), set()).add(field.name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, msgspec.Struct):
                note_fields(inner, shown)


def structs_of(wanted: Any) -> set[type[msgspec.Struct]]:
    """Every record type, and every type its fields hold."""
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        return {wanted}.union(*(structs_of(field.type) for field in msgspec.structs.fields(wanted)))
    return set().union(*(structs_of(inner) for inner in get_args(wanted)))


def test_the_table_of_groups_says_where_each_name_goes() -> None:
    said = re.findall(r"^\| ([^|]+) \| `([a-z-]+)` \| ([a-z]+) \| ?([^|]*) ?\|$", PAGE, re.MULTILINE)

    assert [(name, reserved, nature) for name, reserved, nature, _ in said] == [
        (group.name, group.reserved, group.nature.value) for group in PREDEFINED_GROUPS
    ]
    for name, reserved, nature, others in said:
        for alias in filter(None, (name, *others.strip().split(", "))):
            groups = GroupMapping(predefined_chart(), lambda text: pytest.fail(f"made a group for {text}"), {})
            assert groups.group_of([ROOT_BY_NATURE[nature], alias]) == group_id(reserved)


def test_the_table_of_roots_says_where_unknown_groups_go() -> None:
    table = PAGE.partition("what is unknown below it goes under |\n|---|---|\n")[2].partition("\n\n")[0]
    group_by_name = {group.name: group.id for group in PREDEFINED_GROUPS}

    for line in table.splitlines():
        roots, place = (cell.strip() for cell in line.strip("| ").split("|"))
        for root in roots.split(", "):
            assert GroupMapping(predefined_chart(), pytest.fail, {}).group_of([root]) == group_by_name[place]
