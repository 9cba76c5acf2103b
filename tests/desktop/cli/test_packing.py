"""`ledgerflow pack` and `verify-pack`: what an outside auditor gets from a book that synced."""

from pathlib import Path

import pytest

from builders import a_receipt, accounts
from desktop.cli.running import run
from desktop.storage.replica_books import a_first_office
from ledgerflow_desktop.actions import masters, vouchers


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = a_first_office(tmp_path_factory.mktemp("packing"))
    with office.book as book:
        known = book.chart.accounts
        masters.create(book, [account for account in accounts() if account.id not in known])
        vouchers.post(book, [a_receipt("one"), a_receipt("two", 500)])
        office.sync()
        vouchers.post(book, [a_receipt("three", 700)])
        office.sync()
        return book.folder.path


def test_a_pack_is_written_checked_and_never_written_over(synced: Path, tmp_path: Path) -> None:
    pack = tmp_path / "2026.lfpack"
    written = run("pack", str(synced), "-o", str(pack))
    assert written.code == 0, written.err
    assert "in the clear" in written.out
    checked = run("verify-pack", str(pack), passphrase=None)
    assert checked.code == 0, checked.out
    assert "vouchers          3, adding up to 0" in checked.out
    assert checked.out.endswith("everything fits\n")
    again = run("pack", str(synced), "-o", str(pack))
    assert (again.code, again.codes) == (1, ["file-exists"])


def test_a_changed_byte_in_a_pack_is_named_and_ends_with_one(synced: Path, tmp_path: Path) -> None:
    pack = tmp_path / "changed.lfpack"
    assert run("pack", str(synced), "-o", str(pack)).code == 0
    raw = pack.read_bytes()
    pack.write_bytes(raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 1]) + raw[len(raw) // 2 + 1 :])
    done = run("verify-pack", str(pack), passphrase=None)
    assert done.code == 1
    assert "was changed or cut off after it was written, at log, entry " in done.err


def test_a_book_that_does_not_sync_has_nothing_to_pack(tmp_path: Path) -> None:
    assert run("new", str(tmp_path / "Alone"), "--name", "Alone").code == 0
    done = run("pack", str(tmp_path / "Alone"), "-o", str(tmp_path / "alone.lfpack"))
    assert (done.code, done.codes) == (3, ["not-enrolled"])
