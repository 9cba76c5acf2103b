"""`ledgerflow print`: vouchers on paper from a shell."""

from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from builders import a_receipt
from desktop.builders import a_company_folder, opened
from desktop.cli.running import run
from ledgerflow_desktop.actions import vouchers


def test_vouchers_are_printed_by_number_one_after_another(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path)
    with opened(folder) as book:
        posted = vouchers.post(book, [a_receipt("one"), a_receipt("two")]).value
    out = tmp_path / "vouchers.pdf"
    done = run("print", str(folder), posted[0].number, posted[1].id, "-o", str(out))
    assert done.code == 0, done.err
    pages = PdfReader(BytesIO(out.read_bytes())).pages
    assert [voucher.number in page.extract_text() for voucher, page in zip(posted, pages, strict=True)] == [True, True]


def test_a_number_nobody_carries_is_named_and_no_file_is_made(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path)
    done = run("print", str(folder), "R/26-27/09999", "-o", str(tmp_path / "none.pdf"))
    assert (done.code, "[unknown-voucher]" in done.err) == (1, True)
    assert not (tmp_path / "none.pdf").exists()
