"""Files of vouchers from a shell: attached, listed, saved, taken off."""

from pathlib import Path

import pytest

from builders import a_payment, a_receipt
from desktop.builders import a_company_folder, opened
from desktop.cli.running import run
from ledgerflow_desktop.actions import vouchers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return a_company_folder(tmp_path)


@pytest.fixture
def number(folder: Path) -> str:
    with opened(folder) as book:
        return vouchers.post(book, [a_payment("one")]).value[0].number


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    file = tmp_path / "bill.pdf"
    file.write_bytes(b"%PDF-1.7 forty lamps")
    return file


def test_files_are_attached_listed_saved_and_taken_off(folder: Path, number: str, bill: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("paid in cash")
    done = run("attach", folder, number, bill, note)
    assert done.code == 0, done.err
    lines = ["          20  application/pdf  bill.pdf", "          12  text/plain  note.txt"]
    assert done.out.splitlines() == lines == run("attachments", folder, number).out.splitlines()
    saved = run("attachments", folder, number, "--save", "bill.pdf", "--to", tmp_path / "copy.pdf")
    assert saved.code == 0 and (tmp_path / "copy.pdf").read_bytes() == bill.read_bytes()
    assert run("attachments", folder, number, "--remove", "bill.pdf").out.splitlines() == lines[1:]
    assert run("attachments", folder, number, "--remove", "note.txt").out == "No files are attached.\n"
    assert run("verify", folder).code == 0


def test_what_is_wrong_is_named_and_changes_nothing(folder: Path, number: str, bill: Path, tmp_path: Path) -> None:
    assert run("attach", folder, "P/26-27/09999", bill).codes == ["unknown-voucher"]
    assert run("attach", folder, number, tmp_path / "none.pdf").codes == ["unreadable-file"]
    note = tmp_path / "note.txt"
    note.write_text("paid in cash")
    third = run("attach", folder, number, bill, note, tmp_path)
    assert third.codes == ["unreadable-file", "nothing-attached"]
    assert "None of the 3 files was attached." in third.err
    assert run("attachments", folder, number).out == "No files are attached.\n"
    assert run("attachments", folder, number, "--save", "bill.pdf", "--to", bill).codes == ["unknown-attachment"]
    assert run("attach", folder, number, bill).code == 0
    assert run("attachments", folder, number, "--save", "bill.pdf", "--to", bill).codes == ["file-exists"]
    assert run("attachments", folder, number, "--save", "bill.pdf").codes == ["save-needs-both"]
    assert run("attachments", folder, number, "--to", bill).codes == ["save-needs-both"]
    assert bill.read_bytes() == b"%PDF-1.7 forty lamps"


def test_a_number_of_several_vouchers_is_not_guessed_at(folder: Path, bill: Path) -> None:
    with opened(folder) as book:
        one, _ = vouchers.post(book, [a_payment("one", number="X-1"), a_receipt("two", number="X-1")]).value
    refused = run("attach", folder, "X-1", bill)
    assert refused.codes == ["several-vouchers"] and one.id in refused.err
    assert run("attach", folder, one.id, bill).code == 0


def test_a_book_from_elsewhere_shows_a_hostile_name_and_writes_it_nowhere_else(
    folder: Path, number: str, tmp_path: Path
) -> None:
    hostile = tmp_path / "pay\u202efdp.exe"
    hostile.write_bytes(b"MZ")
    assert "pay_fdp.exe" in run("attach", folder, number, hostile).out
