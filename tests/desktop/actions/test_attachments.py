"""Files of vouchers: attached and taken off under the rules of an alteration, whatever they are called."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from builders import CASH, RENT, a_voucher
from desktop.builders import a_book
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.vouchers.validation import ATTACHMENTS_MAX
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import attachments, edit_log, periods, vouchers
from ledgerflow_desktop.actions.attachments import BYTES_MAX, media_type_of, safe_name
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage.attachments import store_of
from ledgerflow_desktop.storage.book import Book, read_beside
from ledgerflow_desktop.storage.failures import AttachmentDiffers, AttachmentMissing, ReadOnly


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as made:
        yield made


@pytest.fixture
def voucher(book: Book) -> Voucher:
    return vouchers.post(book, [a_voucher(VoucherNature.PAYMENT, (RENT, 500), (CASH, -500))]).value[0]


def a_file(tmp_path: Path, name: str = "bill.pdf", content: bytes = b"%PDF-1.7 forty lamps") -> Path:
    file = tmp_path / name
    file.write_bytes(content)
    return file


def codes(error: pytest.ExceptionInfo[InvalidInput]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def names(book: Book, voucher: Voucher) -> list[str]:
    return [found.attachment.name for found in attachments.listed(book, voucher.id)]


def test_a_file_is_attached_and_a_copy_of_it_is_what_it_was(book: Book, voucher: Voucher, tmp_path: Path) -> None:
    after = attachments.attach(book, voucher.id, [a_file(tmp_path)]).value
    assert (after.number, after.entries) == (voucher.number, voucher.entries)
    [found] = attachments.listed(book, voucher.id)
    assert found.is_here
    assert (found.attachment.name, found.attachment.media_type) == ("bill.pdf", "application/pdf")
    saved = attachments.save_copy(book, voucher.id, "bill.pdf", tmp_path / "copy.pdf")
    assert saved.read_bytes() == b"%PDF-1.7 forty lamps"
    (tmp_path / "into").mkdir()
    assert attachments.save_copy(book, voucher.id, "bill.pdf", tmp_path / "into") == tmp_path / "into" / "bill.pdf"
    assert verify_book(book).findings == ()


def test_attaching_stays_in_the_edit_log(book: Book, voucher: Voucher, tmp_path: Path) -> None:
    attachments.attach(book, voucher.id, [a_file(tmp_path)])
    changed = {change.field: change.after for line in edit_log.lines(book) for change in line.changes}
    assert changed["attachments[0].name"] == "bill.pdf"


def test_a_file_that_was_taken_off_is_off_the_voucher_and_stays_with_its_earlier_version(
    book: Book, voucher: Voucher, tmp_path: Path
) -> None:
    attachments.attach(book, voucher.id, [a_file(tmp_path), a_file(tmp_path, "note.txt", b"paid in cash")])
    attachments.detach(book, voucher.id, "bill.pdf")
    assert names(book, voucher) == ["note.txt"]
    earlier = vouchers.versions(book, voucher.id)[1]
    assert [found.name for found in earlier.attachments] == ["bill.pdf", "note.txt"]
    store_of(book).check(earlier.attachments[0].sha256)
    with pytest.raises(InvalidInput) as refused:
        attachments.detach(book, voucher.id, "bill.pdf")
    assert codes(refused) == ["unknown-attachment"]


def test_a_cancelled_voucher_keeps_its_files_and_takes_no_more(book: Book, voucher: Voucher, tmp_path: Path) -> None:
    after = attachments.attach(book, voucher.id, [a_file(tmp_path)]).value
    vouchers.cancel(book, vouchers.load(book, voucher.id), "entered twice")
    assert names(book, voucher) == ["bill.pdf"]
    with pytest.raises(InvalidInput) as refused:
        attachments.attach(book, voucher.id, [a_file(tmp_path, "late.pdf", b"late")])
    assert codes(refused) == ["voucher-cancelled"]
    assert [file.name for file in book.folder.attachments.iterdir()] == [after.attachments[0].sha256]


def test_a_locked_day_keeps_the_files_it_has(book: Book, voucher: Voucher, tmp_path: Path) -> None:
    attachments.attach(book, voucher.id, [a_file(tmp_path)])
    periods.lock(book, date(2026, 12, 31))
    with pytest.raises(InvalidInput) as refused:
        attachments.attach(book, voucher.id, [a_file(tmp_path, "late.pdf", b"late")])
    assert "period-locked" in codes(refused)
    with pytest.raises(InvalidInput):
        attachments.detach(book, voucher.id, "bill.pdf")
    assert names(book, voucher) == ["bill.pdf"] and len(list(book.folder.attachments.iterdir())) == 1


def test_all_files_are_attached_or_none(book: Book, voucher: Voucher, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(BYTES_MAX + 1)
    with pytest.raises(InvalidInput) as refused:
        attachments.attach(book, voucher.id, [a_file(tmp_path), large])
    assert (
        codes(refused) == ["attachment-too-large", "nothing-attached"]
        and refused.value.problems[0].place == "large.bin"
    )
    assert names(book, voucher) == [] and list(book.folder.attachments.iterdir()) == []


def test_a_voucher_has_so_many_files_at_most(book: Book, voucher: Voucher, tmp_path: Path) -> None:
    files = [a_file(tmp_path, f"{at}.txt", str(at).encode()) for at in range(ATTACHMENTS_MAX + 1)]
    with pytest.raises(InvalidInput) as refused:
        attachments.attach(book, voucher.id, files)
    assert (
        codes(refused) == ["too-many-attachments", "nothing-attached"] and list(book.folder.attachments.iterdir()) == []
    )
    attachments.attach(book, voucher.id, files[:-1])
    assert len(names(book, voucher)) == ATTACHMENTS_MAX


def test_the_same_file_is_attached_once_to_a_voucher_and_kept_once_for_two(
    book: Book, voucher: Voucher, tmp_path: Path
) -> None:
    attachments.attach(book, voucher.id, [a_file(tmp_path)])
    with pytest.raises(InvalidInput) as refused:
        attachments.attach(book, voucher.id, [a_file(tmp_path, "again.pdf")])
    assert codes(refused) == ["already-attached"] and refused.value.problems[0].facts == {"name": "bill.pdf"}
    other = vouchers.post(book, [a_voucher(VoucherNature.PAYMENT, (RENT, 7), (CASH, -7), name="other")]).value[0]
    attachments.attach(book, other.id, [a_file(tmp_path)])
    assert len(list(book.folder.attachments.iterdir())) == 1


def test_files_of_one_name_are_numbered(book: Book, voucher: Voucher, tmp_path: Path) -> None:
    for content in (b"one", b"two", b"three"):
        attachments.attach(book, voucher.id, [a_file(tmp_path, "scan.tar.gz", content)])
    assert names(book, voucher) == ["scan.tar.gz", "scan.tar (2).gz", "scan.tar (3).gz"]


def test_a_book_open_for_reading_lists_and_saves_and_attaches_nothing(
    book: Book, voucher: Voucher, tmp_path: Path
) -> None:
    attachments.attach(book, voucher.id, [a_file(tmp_path)])
    with read_beside(book) as reading:
        assert names(reading, voucher) == ["bill.pdf"]
        attachments.save_copy(reading, voucher.id, "bill.pdf", tmp_path / "copy.pdf")
        with pytest.raises(ReadOnly):
            attachments.attach(reading, voucher.id, [a_file(tmp_path, "late.pdf", b"late")])


def test_a_damaged_and_a_missing_file_are_named_here_and_by_verify(
    book: Book, voucher: Voucher, tmp_path: Path
) -> None:
    after = attachments.attach(book, voucher.id, [a_file(tmp_path)]).value
    sha256 = after.attachments[0].sha256
    (book.folder.attachments / sha256).write_bytes(b"something else entirely, and long enough")
    with pytest.raises(AttachmentDiffers):
        attachments.save_copy(book, voucher.id, "bill.pdf", tmp_path / "copy.pdf")
    assert [(found.code, found.place) for found in verify_book(book).findings] == [("attachment-differs", sha256)]
    (book.folder.attachments / sha256).unlink()
    with pytest.raises(AttachmentMissing):
        attachments.save_copy(book, voucher.id, "bill.pdf", tmp_path / "copy.pdf")
    [missing] = verify_book(book).findings
    assert (missing.code, missing.place) == ("attachment-missing", sha256)
    # Attaching the file somewhere again brings it back.
    other = vouchers.post(book, [a_voucher(VoucherNature.PAYMENT, (RENT, 7), (CASH, -7), name="other")]).value[0]
    attachments.attach(book, other.id, [a_file(tmp_path)])
    assert verify_book(book).findings == ()


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("bill.pdf", "bill.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..\\..\\autoexec.bat", "_.._autoexec.bat"),
        ("C:\\Windows\\x.ini", "C__Windows_x.ini"),
        ("con.txt", "_con.txt"),
        (".profile", "profile"),
        ("...", "attachment"),
        ("", "attachment"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("two\nlines\0.txt", "two_lines_.txt"),
        ("e\u0301t\u00e9 \u0939\u093f\u0938\u093e\u092c.pdf", "\u00e9t\u00e9 \u0939\u093f\u0938\u093e\u092c.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("\u0939" * 100 + ".pdf", "\u0939" * 65 + ".pdf"),
        ("\u0939" * 100, "\u0939" * 66),
        ("trailing. . ", "trailing"),
    ],
)
def test_a_name_leads_nowhere_and_is_a_name_on_every_system(given: str, made: str) -> None:
    assert safe_name(given) == made


def test_a_long_name_of_an_indian_script_is_attached_and_saved(book: Book, voucher: Voucher, tmp_path: Path) -> None:
    name = "\u0939\u093f" * 38 + "\u0938" * 7 + ".pdf"  # 253 bytes: as long as a disk takes
    attachments.attach(book, voucher.id, [a_file(tmp_path, name)])
    attachments.attach(book, voucher.id, [a_file(tmp_path, name, b"another")])
    (tmp_path / "into").mkdir()
    saved = [attachments.save_copy(book, voucher.id, made, tmp_path / "into") for made in names(book, voucher)]
    assert [file.read_bytes() for file in saved] == [b"%PDF-1.7 forty lamps", b"another"]
    assert all(file.suffix == ".pdf" for file in saved)


def test_a_type_is_told_by_the_name() -> None:
    assert media_type_of("a.pdf") == "application/pdf" and media_type_of("a.JPG") == "image/jpeg"
    assert media_type_of("a.unheard-of") == media_type_of("none") == "application/octet-stream"
