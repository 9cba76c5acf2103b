"""A planted marker is found in no file that the program makes: book, log, backup, leftovers of a kill."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.storage.crash_harness import killed_after
from desktop.storage.sample_company import RAVI, add_masters, machine, new_company, open_it, sale
from ledgerflow_desktop.actions import backups, masters, rekeying, vouchers
from ledgerflow_desktop.storage.as_known import AsKnownFigures

MARKER, AMOUNT, PASSPHRASE = "Quillfeather Provisions", 48_151_623, "zebra-lantern-octopus"


def work(folder: Path, told: Path) -> None:
    on = machine()
    code = new_company(folder, on, passphrase=PASSPHRASE)
    with open_it(folder, on, passphrase=PASSPHRASE) as book:
        secrets = [code, code.replace("-", ""), book.book_key.hex()]
        add_masters(book)
        masters.change(book, replace(book.chart.accounts[RAVI], name=MARKER))
        vouchers.post(book, [sale(f"v{at}", AMOUNT, narration=f"{MARKER} {at}") for at in range(300)])
        with AsKnownFigures(book, on.today()) as then:
            then.bill_movements([RAVI], on.today())
        backups.back_up(book)
        rekeying.rekey(book, PASSPHRASE + "2")
        backups.back_up(book, folder / "backups" / "second.lfbackup")
        secrets.append(book.book_key.hex())
        told.write_text("\n".join(secrets))
        vouchers.post(book, [sale("in the write-ahead log", AMOUNT, narration=MARKER)])
        os.kill(os.getpid(), 9)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the writer is forked, which this system cannot")
def test_a_planted_marker_is_found_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, told = tmp_path / "place", tmp_path / "told"
    place.mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR", "HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(place))
    monkeypatch.chdir(place)
    folder = place / "Lotus.ledgerflow"
    killed_after(lambda _: work(folder, told), None)
    secrets = [MARKER, PASSPHRASE, str(AMOUNT), "481516.23", "Sales of lamps", *told.read_text().split("\n")]
    searched = [path for path in place.rglob("*") if path.is_file()]
    assert (folder / "books.db-wal").stat().st_size > 0
    assert len([path for path in searched if path.suffix == ".lfbackup"]) == 2
    needles = [form for secret in secrets for form in forms(secret)]
    found = [(path.name, needle) for path in searched for needle in needles if needle in path.read_bytes()]
    assert found == []


def forms(secret: str) -> list[bytes]:
    made = [secret.encode(), secret.encode("utf-16-le"), secret.lower().encode(), secret.upper().encode()]
    if len(secret) == 64 and all(symbol in "0123456789abcdef" for symbol in secret):
        made.append(bytes.fromhex(secret))
    return made
