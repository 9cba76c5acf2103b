"""The neutral format read and written: what each kind of line means, and what is said of a bad one."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_desktop.interchange import jsonl, lines
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    BillRecord,
    CompanyRecord,
    CostCategoryRecord,
    CostCentreRecord,
    CurrencyRecord,
    EntryRecord,
    ForeignRecord,
    GroupRecord,
    NotImported,
    PartyRecord,
    Record,
    StockRecord,
    VoucherRecord,
    VoucherTypeRecord,
)

ONE_OF_EACH: list[Record] = [
    CompanyRecord(name="Acme", currency="INR", books_begin="2025-04-01"),
    GroupRecord(path=["Assets", "Current"], maps_to="current-assets"),
    AccountRecord(id=1, name="Cash", group=["Assets"], kind="cash"),
    AccountRecord(id="c", name="अमर", group=["Assets"], opening="-1.50", party=PartyRecord(tax_ids={"PAN": "X"})),
    CurrencyRecord(code="USD", rates=[("2025-04-01", "85.5")]),
    CostCategoryRecord(name="Projects"),
    CostCentreRecord(name="Mill", category="Projects"),
    VoucherTypeRecord(name="Cash Memo", parent="Sales"),
    VoucherRecord(
        id="v1",
        type="sales",
        date="2025-04-02",
        entries=[
            EntryRecord(1, "10.00", foreign=ForeignRecord(currency="USD", amount="1", rate="10")),
            EntryRecord("c", "-10.00", bills=[BillRecord(kind="new", amount="-10.00", name='7" nail')]),
        ],
        narration='say "hello"\\',
        stock=[StockRecord(item="Nail", kept={"batch": "B"})],
        kept={"a": "b"},
    ),
    VoucherRecord(id="v2", type="memorandum", date="2025-04-02", entries=[]),
    NotImported(what="budget", count=2, example="2026"),
]


def voucher(**changes: Any) -> dict[str, Any]:
    entries = [{"ledger": 1, "amount": "5.00"}, {"ledger": 2, "amount": "-5.00"}]
    return {"id": "v", "type": "sales", "date": "2025-04-01", "entries": entries} | changes


def entry(**more: Any) -> dict[str, Any]:
    return {"ledger": 1, "amount": "1"} | more


def file_of(tmp_path: Path, *given_lines: str | bytes | dict[str, Any]) -> Path:
    path = tmp_path / "books.jsonl"
    whole = [json.dumps(line) if isinstance(line, dict) else line for line in given_lines]
    path.write_bytes(b"\n".join(line.encode() if isinstance(line, str) else line for line in whole))
    return path


def refusal(path: Path) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as caught:
        list(jsonl.read([path]))
    (problem,) = caught.value.problems
    return problem.code, problem.place


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    out = io.BytesIO()
    jsonl.write(ONE_OF_EACH, out)
    path = tmp_path / "books.jsonl"
    path.write_bytes(out.getvalue())
    placed = list(jsonl.read([path]))
    assert [each.record for each in placed] == ONE_OF_EACH
    assert [each.place for each in placed] == [f"books.jsonl:{n}" for n in range(1, len(ONE_OF_EACH) + 1)]
    assert [p.record for p in jsonl.read_masters([path])] == [
        record for record in ONE_OF_EACH if not isinstance(record, VoucherRecord)
    ]


def test_a_line_without_kind_is_an_account_by_its_group_and_opening(tmp_path: Path) -> None:
    with_opening = {"id": 1, "name": "Cash", "group": ["Assets"], "opening": "0", "kind": "cash"}
    without = {"kind": "account", "id": 2, "name": "Bank", "group": ["Assets"]}
    assert [each.record for each in jsonl.read([file_of(tmp_path, with_opening, without)])] == [
        AccountRecord(id=1, name="Cash", group=["Assets"], kind="cash"),
        AccountRecord(id=2, name="Bank", group=["Assets"]),
    ]


def test_chunks_give_back_the_line_of_every_voucher(tmp_path: Path) -> None:
    account = {"id": 1, "name": '"entries"', "group": ["Assets"], "opening": "0"}
    a, b, c, d = (json.dumps(voucher(id=name)) for name in "abcd")
    path = file_of(tmp_path, a, b, "", c, account, "  ", d)
    assert [(first, [v.id for v in chunk]) for first, chunk in jsonl.read_vouchers_in_chunks(path)] == [
        (1, ["a", "b"]),
        (4, ["c"]),
        (7, ["d"]),
    ]


def test_lines_keep_their_numbers_over_many_blocks_and_with_either_line_end(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl"
    one = [json.dumps(voucher(id=str(n), narration="x" * (n % 700))) for n in range(1, 3001)]
    for line_end in ("\n", "\r\n"):
        path.write_bytes(line_end.join(one).encode())
        ids = [(first + at, v.id) for first, chunk in jsonl.read_vouchers_in_chunks(path) for at, v in enumerate(chunk)]
        assert ids == [(n, str(n)) for n in range(1, 3001)]


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        (b'{"kind": "group"', "bad-json", ""),
        (b"nonsense", "bad-json", ""),
        (b'{"kind": "group"} {}', "bad-json", ""),
        (b'{"kind": "group", "path": [NaN]}', "bad-json", ""),
        (b"[" * 100_000, "bad-json", ""),
        (b'{"entries":[' + b"[" * 100_000, "bad-json", ""),
        (b'{"id": "\xff", "entries": []}', "bad-utf-8", ""),
        (b'{"kind": "\xff"}', "bad-utf-8", ""),
        (b"[1]", "wrong-type", ""),
        (b'{"name": "x"}', "missing-field", ""),
        (b'{"kind": "ledger"}', "unknown-kind", ""),
        (b'{"kind": ["group"]}', "unknown-kind", ""),
        (b'{"kind": "company", "nmae": "x"}', "unknown-field", ""),
        (b'{"kind": "company", "name": "x", "name": "y"}', "duplicate-key", ""),
        (b'{"kind": "company", "name": "a\\u0000"}', "nul-character", "name"),
        (b'{"kind": "company", "name": 7}', "wrong-type", "name"),
        (b'{"kind": "company", "name": "a\x00"}', "bad-json", ""),
        (json.dumps(voucher(date=1)).encode(), "wrong-type", "date"),
        (json.dumps(voucher(state="lost")).encode(), "bad-choice", "state"),
        (json.dumps(voucher(entries=[{"ledger": 1}])).encode(), "missing-field", "entries[0]"),
        (json.dumps(voucher(entries=[{"ledger": 1, "amount": 1.5}])).encode(), "wrong-type", "entries[0].amount"),
        (json.dumps(voucher(entries=[{"ledger": 1, "amount": "1", "x": 2}])).encode(), "unknown-field", "entries[0]"),
        (json.dumps(voucher(entries=[entry(costs=[{"centre": "c", "amount": "1", "y": 1}])])), "unknown-field",
         "entries[0].costs[0]"),
        (json.dumps(voucher(entries=[entry(foreign={"z": 1})])), "missing-field", "entries[0].foreign"),
        (json.dumps(voucher(extra=1)).encode(), "unknown-field", ""),
        (json.dumps(voucher())[:-1] + ', "id": "w"}', "duplicate-key", ""),
        (json.dumps(voucher())[:-1] + ', "\\u0069d": "\\u0022\\u0022"}', "duplicate-key", ""),
        (json.dumps(voucher(narration="a\0")).encode(), "nul-character", "narration"),
        (json.dumps(voucher())[:-1] + ', "kept": {"a": "b", "a": "c"}}', "duplicate-key", ""),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_by_its_number_and_a_code(tmp_path: Path, line: bytes | str, code: str, place: str) -> None:
    path = file_of(tmp_path, voucher(), "", line)
    assert refusal(path) == (code, "books.jsonl:3" + (f": {place}" if place else ""))


def test_explicit_defaults_and_escapes_are_no_fault(tmp_path: Path) -> None:
    given_line = voucher(narration="caf\u00e9", state="regular", stock=[], reference="")
    (placed,) = jsonl.read([file_of(tmp_path, given_line)])
    assert placed.record == VoucherRecord(
        id="v",
        type="sales",
        date="2025-04-01",
        entries=[EntryRecord(1, "5.00"), EntryRecord(2, "-5.00")],
        narration="caf\u00e9",
    )


def test_a_truncated_last_line_is_refused_and_a_missing_last_newline_is_not(tmp_path: Path) -> None:
    whole = json.dumps(voucher())
    assert len(list(jsonl.read([file_of(tmp_path, whole, whole)]))) == 2
    assert refusal(file_of(tmp_path, whole, whole[:-9])) == ("bad-json", "books.jsonl:2")


def test_two_vouchers_on_one_line_are_refused(tmp_path: Path) -> None:
    whole = json.dumps(voucher())
    assert refusal(file_of(tmp_path, whole + whole, "")) == ("bad-json", "books.jsonl:1")


def test_a_byte_order_mark_is_refused(tmp_path: Path) -> None:
    assert refusal(file_of(tmp_path, b"\xef\xbb\xbf{}")) == ("byte-order-mark", "books.jsonl:1")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.jsonl") == ("unreadable-file", "none.jsonl")


def test_a_line_may_be_as_long_as_the_limit_and_no_longer(tmp_path: Path) -> None:
    def line_of(length: int) -> bytes:
        bare = json.dumps(voucher(narration=""))
        return json.dumps(voucher(narration="x" * (length - len(bare)))).encode()

    longest = lines.LINE_BYTES_MAX
    assert len(list(jsonl.read([file_of(tmp_path, "", line_of(longest), voucher())]))) == 2
    for ending in (b"", b"\n{}"):
        path = file_of(tmp_path, "", line_of(longest + 1) + ending)
        assert refusal(path) == ("line-too-long", "books.jsonl:2")


def test_progress_ends_at_the_size_of_all_files(tmp_path: Path) -> None:
    path = file_of(tmp_path, *[voucher() for _ in range(5000)])
    seen: list[tuple[int, int]] = []
    list(jsonl.read([path, path], lambda done, total: seen.append((done, total))))
    assert len(seen) > 2
    assert seen[-1] == (2 * path.stat().st_size,) * 2


whole_file = b"\n".join(json.dumps(voucher(id=str(n), reference="r")).encode() for n in range(3))


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(whole_file) - 1), put=st.binary(max_size=3), cut=st.integers(0, 4))
def test_a_damaged_file_is_read_or_refused_with_a_place(
    tmp_path_factory: pytest.TempPathFactory, at: int, put: bytes, cut: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "books.jsonl"
    path.write_bytes(whole_file[:at] + put + whole_file[at + cut :])
    problem: Problem | None = None
    read: list[Record] = []
    try:
        read = [placed.record for placed in jsonl.read([path])]
    except InvalidInput as error:
        (problem,) = error.problems
    assert problem is None or problem.place.startswith("books.jsonl:")
    assert all(isinstance(record, VoucherRecord) for record in read)
