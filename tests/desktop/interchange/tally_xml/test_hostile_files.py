"""Files that are cut off, wrong or hostile are refused by name and place; nothing else may come out of them."""

import itertools
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.interchange.tally_xml.envelope import (
    FERRY,
    TARANG,
    entry,
    envelope,
    ledger,
    records,
    saved,
    voucher,
    vouchers,
)
from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_desktop.interchange.records import AccountRecord
from ledgerflow_desktop.interchange.tally_xml import objects, read, source

PLAIN = voucher(entry("Cash", "-5.00"), entry("Sales", "5.00"))
GUARD = '<!DOCTYPE ENVELOPE [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
ODD_BILL = "<BILLALLOCATIONS.LIST><NAME>b</NAME><BILLTYPE>Odd</BILLTYPE></BILLALLOCATIONS.LIST>"
OUTSIDE = '<!DOCTYPE ENVELOPE [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def problem(path: Path) -> Problem:
    with pytest.raises(InvalidInput) as caught:
        list(read(path))
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("", "not-a-tally-file", "book.xml"),
        ("date,amount\n1,2\n", "not-a-tally-file", "book.xml"),
        ("<html><body/></html>", "not-a-tally-file", "book.xml"),
        ("<ENVELOPE><HEADER/></ENVELOPE>", "not-a-tally-file", "book.xml"),
        (GUARD + envelope("<GROUP NAME='&c;'/>"), "xml-doctype-refused", "book.xml"),
        (OUTSIDE + envelope("<GROUP NAME='G'><PARENT>&x;</PARENT></GROUP>"), "xml-doctype-refused", "book.xml"),
        (envelope(PLAIN)[:-40], "truncated-file", "book.xml"),
        (envelope(PLAIN, PLAIN)[:-140], "truncated-file", "book.xml: voucher 2"),
        (envelope(PLAIN).replace("</DATE>", "</DAY>"), "bad-xml", "book.xml:6"),
        (envelope("<GROUP NAME='G'><PARENT>x</PARENT></GROUPS>"), "bad-xml", "book.xml:6"),
        (b"\xff\xfe" + envelope(PLAIN).encode("utf-16-le")[:-1], "truncated-file", "book.xml"),
        (b"\xff\xfe\x00\x00<\0\0\0", "unsupported-encoding", "book.xml"),
        ("<?xml version='1.0' encoding='shift_jis'?>" + envelope(PLAIN), "unsupported-encoding", "book.xml"),
        (envelope(PLAIN).encode().replace(b"Cash", b"C\xe4sh"), "wrong-encoding", "book.xml"),
        (envelope(PLAIN.replace("-5.00", "five")), "bad-amount", "book.xml: voucher 1 (line 6)"),
        (envelope(PLAIN, PLAIN.replace("5.00<", "1e3<")), "bad-amount", "book.xml: voucher 2 (line 21)"),
        (envelope(PLAIN.replace("-5.00", "$ 5.00")), "bad-amount", "book.xml: voucher 1 (line 6)"),
        (envelope(PLAIN.replace("-5.00", "XQ 5 @ 2/XQ = 10")), "unknown-currency", "book.xml: voucher 1 (line 6)"),
        (envelope(PLAIN.replace("20240401", "20240230")), "bad-date", "book.xml: voucher 1 (line 6)"),
        (envelope(PLAIN.replace("<LEDGERNAME>Cash</LEDGERNAME>", "")), "missing-name", "book.xml: voucher 1 (line 6)"),
        (envelope("<GROUP NAME='A'><PARENT>B</PARENT></GROUP>", "<GROUP NAME='B'><PARENT>A</PARENT></GROUP>"),
         "stands-under-itself", "book.xml: group A (line 6)"),
        (envelope("<GROUP NAME='A'><PARENT>Current Assets</PARENT></GROUP>",
                  "<GROUP NAME='a'><PARENT>Suspense A/c</PARENT></GROUP>"),
         "conflicting-master", "book.xml: group a (line 9)"),
        (envelope(ledger("A"), ledger("A", inside="<OPENINGBALANCE>1</OPENINGBALANCE>")),
         "conflicting-master", "book.xml: ledger A (line 11)"),
        (envelope(ledger("A", parent="")), "unknown-group", "book.xml: ledger A (line 6)"),
        (envelope(ledger("")), "missing-name", "book.xml: ledger  (line 6)"),
        (envelope("<VOUCHERTYPE NAME='X'><PARENT>Y</PARENT></VOUCHERTYPE>"),
         "unknown-voucher-type", "book.xml: vouchertype X (line 6)"),
        (envelope(voucher(entry("A", "1", ODD_BILL))),
         "bad-bill-type", "book.xml: voucher 1 (line 6)"),
        (envelope("<A>" * 60 + "</A>" * 60), "xml-too-deep", "book.xml"),
        (envelope("<VOUCHER>" + "<A>" * 60 + "x" + "</A>" * 60 + "</VOUCHER>"), "xml-too-deep", "book.xml:6"),
        (envelope("<VOUCHER><A " + " ".join(f'a{n}="1"' for n in range(60)) + ">1</A></VOUCHER>"),
         "xml-too-many-attributes", "book.xml:6"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, content: str | bytes, code: str, place: str) -> None:
    found = problem(saved(tmp_path, content))
    assert found.code == code
    assert found.place == place or found.place.startswith(f"{place}: "), "a field of it may be named too"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert problem(tmp_path / "none.xml").code == "unreadable-file"


def test_a_text_and_a_tag_without_end_do_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "RUN_BYTES_MAX", 1 << 17)
    monkeypatch.setattr(objects, "RUN_BYTES_MAX", 1 << 17)
    monkeypatch.setattr(objects, "OBJECT_BYTES_MAX", 1 << 20)
    start = envelope("<GROUP NAME='G'>").split("</")[0]
    for piece, code in (
        ("<A>" + "x" * 900_000, "xml-text-too-long"),
        ("<A b='" + "x>" * 450_000, "xml-text-too-long"),
        ("<A>" + "x>" * 900_000, "xml-object-too-large"),
        ("<A>1</A>" * 300_000, "xml-object-too-large"),
    ):
        assert problem(saved(tmp_path, start + piece)).code == code


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_encoding_of_tallys_says_the_same(tmp_path: Path, codec: str, line_end: str) -> None:
    text = envelope(ledger("Käse ₹"), PLAIN.replace("Cash", "Käse ₹")).replace("\n", line_end)
    assert records(saved(tmp_path, text.encode(codec))) == records(saved(tmp_path, text, "plain.xml"))


def test_a_declaration_that_says_utf_16_over_single_bytes_is_not_believed(tmp_path: Path) -> None:
    assert records(saved(tmp_path, "\n <?xml version='1.0' encoding='UTF-16'?>" + envelope(PLAIN)))


def test_characters_no_parser_takes_are_taken_out(tmp_path: Path) -> None:
    odd = "<PARENT>&#4; Primary&#x1F;\x02</PARENT>"
    group = f"<GROUP NAME='Odd &#0;&#55296;&#xFFFFFFF; Fund'>{odd}<ISDEEMEDPOSITIVE>Yes</ISDEEMEDPOSITIVE></GROUP>"
    bare = ledger("Salt & Pepper &nbsp;&copy", "Odd  Fund")
    found = records(saved(tmp_path, envelope(group, bare)))
    account = next(record for record in found if isinstance(record, AccountRecord))
    assert account.name == "Salt & Pepper &nbsp;&copy"
    assert account.group == ["Current Assets", "Odd  Fund"]


def test_tags_inside_comments_and_cdata_are_text(tmp_path: Path) -> None:
    told = PLAIN.replace("<DATE>", "<NARRATION><![CDATA[</VOUCHER> <A></A>]]></NARRATION><DATE>")
    content = envelope("<!-- <VOUCHER> -->" + ledger("A"), told)
    path = saved(tmp_path, content)
    assert [record.name for record in records(path) if isinstance(record, AccountRecord)] == ["A"]
    assert vouchers(path)[""].narration == "</VOUCHER> <A></A>"


def test_a_voucher_without_an_id_gets_the_same_one_every_time(tmp_path: Path) -> None:
    path = saved(tmp_path, envelope(PLAIN.replace("<GUID>g-1</GUID>", "")))
    first, again = vouchers(path)[""].id, vouchers(path)[""].id
    assert first == again
    assert first.startswith("tally-")


def test_answers_over_http_hold_objects_in_a_collection(tmp_path: Path) -> None:
    text = f"<ENVELOPE><BODY><DATA><COLLECTION>{ledger('A')}{PLAIN}</COLLECTION></DATA></BODY></ENVELOPE>"
    assert len(records(saved(tmp_path, text))) == 2


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    list(read(TARANG, progress=lambda done, total: told.append((done, total))))
    size = TARANG.stat().st_size
    assert told == sorted(told)
    assert told[-1] == (size, size)


BASES = [path.read_bytes() for path in (TARANG, FERRY)]


def damage(data: bytes, at: list[tuple[int, int]], cut: int) -> bytes:
    changed = bytearray(data)
    for where, value in at:
        changed[where % len(changed)] = value
    return bytes(changed[: cut % (len(changed) + 1) or None])


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(BASES),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=6),
    st.one_of(st.just(0), st.integers(0, 1 << 20)),
)
def test_damage_gives_a_named_problem_or_a_reading_and_nothing_else(tmp_path_factory, base, at, cut) -> None:
    path = saved(tmp_path_factory.getbasetemp(), damage(base, at, cut), "damaged.xml")
    places: list[str] = []
    try:
        list(read(path))
    except InvalidInput as error:
        places = [found.place for found in error.problems]
    assert [place for place in places if not place.startswith("damaged.xml")] == []


def generated(size: int) -> Iterator[str]:
    yield envelope("@").split("@", maxsplit=1)[0]
    filler = "<AUDITED>No</AUDITED>\n<EWAYBILLDETAILS.LIST>      </EWAYBILLDETAILS.LIST>\n" * 40
    written = 0
    for number in itertools.count():
        text = voucher(entry("Cash", "-5.00"), entry("Sales", "5.00"), fields=filler, guid=f"g-{number}")
        yield text
        written += len(text)
        if written >= size:
            break
    yield envelope("@").split("@", maxsplit=1)[1]


def peak_of(run: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    with path.open("w", encoding="utf-16") as out:
        out.writelines(generated(30 << 20))
    assert path.stat().st_size > 60 << 20
    count = 0

    def run() -> None:
        nonlocal count
        count = sum(1 for _ in read(path))

    assert peak_of(run) < 12 << 20
    assert count > 7_000
