"""What the writer writes, the reader reads back as the same records; Tally's signs stand in between."""

from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.interchange.tally_xml.envelope import FERRY, TARANG, records, saved, without_notes
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    EntryRecord,
    GroupRecord,
    VoucherRecord,
)
from ledgerflow_desktop.interchange.tally_xml import read, write


@pytest.mark.parametrize("path", [TARANG, FERRY])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_books_come_back_as_they_were(path: Path, encoding, tmp_path: Path) -> None:
    before = without_notes(records(path))
    out = BytesIO()
    write(before, out, company="Tarang Book House", encoding=encoding)
    after = records(saved(tmp_path, out.getvalue()))
    if path is FERRY:
        before[0] = CompanyRecord(name="Ferry Tools")
    assert after == before


def test_a_debit_is_written_negative_and_says_so() -> None:
    out = StringIO()
    lines = [EntryRecord("Cash", "10.00"), EntryRecord("Sales", "-10.00")]
    write([VoucherRecord("id-1", "sales", "2024-04-01", lines)], out, company="Any & Co")
    text = out.getvalue()
    assert "<SVCURRENTCOMPANY>Any &amp; Co</SVCURRENTCOMPANY>" in text
    assert '<VOUCHER REMOTEID="id-1" VCHTYPE="Sales" ACTION="Create">' in text
    cash, sales = text.split("<ALLLEDGERENTRIES.LIST>")[1:]
    assert "<ISDEEMEDPOSITIVE>Yes<" in cash
    assert "<AMOUNT>-10.00<" in cash
    assert "<ISDEEMEDPOSITIVE>No<" in sales
    assert "<AMOUNT>10.00<" in sales


def test_accounts_are_named_where_other_files_have_ids_and_their_groups_are_written(tmp_path: Path) -> None:
    out = BytesIO()
    account = AccountRecord(id=7, name="Till", group=["Current Assets", "Cash-in-Hand", "Tills"], opening="5.00")
    write([account, VoucherRecord("v", "Journal", "2024-04-01", [EntryRecord(7, "0.00")])], out, company="C")
    found = records(saved(tmp_path, out.getvalue()))
    assert GroupRecord(path=["Current Assets", "Cash-in-Hand", "Tills"]) in found
    voucher = found[-1]
    assert isinstance(voucher, VoucherRecord)
    assert voucher.entries == [EntryRecord("Till", "0.00")]


def test_a_renamed_predefined_group_keeps_its_behaviour_and_its_ledgers(tmp_path: Path) -> None:
    before = [
        CompanyRecord(name="C", currency="AED", books_begin="2024-01-01"),
        GroupRecord(path=["Current Assets", "Sundry Debtors"], maps_to="sundry-debtors", renamed="Customers"),
        AccountRecord(id="A", name="A", group=["Current Assets", "Sundry Debtors"], opening="-3.50"),
    ]
    out = BytesIO()
    write(before, out, company="C")
    assert b"<PARENT>Customers</PARENT>" in out.getvalue()
    assert records(saved(tmp_path, out.getvalue())) == before


text = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=30
)
clean = text.map(str.strip).filter(lambda found: found not in {"", "Primary"} and found.casefold() != "not applicable")
amount = st.integers(-(10**12), 10**12).map(lambda minor: f"{minor // 100}.{minor % 100:02d}")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(clean, amount), min_size=1, max_size=6), clean, clean)
def test_any_text_and_any_amount_survive(tmp_path_factory, lines, narration, number) -> None:
    before = VoucherRecord(
        "some-id",
        "Journal",
        "2024-02-29",
        [EntryRecord(name, amount) for name, amount in lines],
        number=number,
        narration=narration,
        kept={"@VCHKEY": "k", "ODD PATH[1]/x": narration},
    )
    out = BytesIO()
    write([before], out, company="C")
    path = saved(tmp_path_factory.mktemp("books"), out.getvalue())
    assert [found.record for found in read(path)][-1] == before
