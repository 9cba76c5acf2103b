"""`backup`, `restore`, `rekey`, `keys`, `lock`, `unlock`, `log` and `verify` from the command line."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from builders import a_payment, a_receipt, a_sale, an_account
from desktop.builders import PASSPHRASE, a_company_folder, opened
from desktop.cli.running import run, run_process
from ledgerflow_desktop.actions import masters, vouchers
from ledgerflow_desktop.storage.company_folder import CompanyFolder, WriterLock

OTHER = "staple battery horse"
CODE = re.compile(r"Recovery code:\s+(\S+)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = a_company_folder(tmp_path)
    with opened(made) as book:
        vouchers.post(book, [a_sale(), a_receipt(), a_payment()])
    return made


def balances(folder: Path, **given: str) -> str:
    done = run("report", folder, "trial-balance", "--format", "json", **given)  # type: ignore[arg-type]
    assert done.code == 0, done.err
    return json.dumps(json.loads(done.out)["rows"])


def test_a_backup_goes_into_the_companys_own_folder_and_comes_back_whole(folder: Path, tmp_path: Path) -> None:
    done = run("backup", folder)
    assert (done.code, done.err) == (0, "")
    (file,) = (folder / "backups").iterdir()
    assert file.name in done.out
    done = run("restore", file, tmp_path / "Again")
    assert done.code == 0, done.err
    assert "Lotus Traders" in done.out
    assert "3 vouchers" in done.out
    assert balances(tmp_path / "Again") == balances(folder)


def test_a_backup_is_made_while_another_program_writes(folder: Path, tmp_path: Path) -> None:
    with opened(folder):
        done = run("backup", folder, "-o", tmp_path / "safe.lfbackup")
    assert done.code == 0, done.err
    assert (tmp_path / "safe.lfbackup").stat().st_size > 10_000


def test_neither_a_backup_nor_a_company_is_overwritten(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "safe.lfbackup"
    assert run("backup", folder, "-o", file).code == 0
    before = file.read_bytes()
    again = run("backup", folder, "-o", file)
    assert (again.code, again.codes) == (1, ["backup-exists"])
    assert file.read_bytes() == before
    restored = run("restore", file, folder)
    assert (restored.code, restored.codes) == (1, ["company-exists"])


def test_a_restore_may_move_what_stands_there_aside(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "safe.lfbackup"
    run("backup", folder, "-o", file)
    done = run("restore", file, folder, "--replace")
    assert done.code == 0, done.err
    assert "What stood there is now" in done.out
    aside = [found for found in tmp_path.iterdir() if found.name not in (folder.name, file.name)]
    assert len(aside) == 1
    assert balances(aside[0]) == balances(folder)


@pytest.mark.parametrize(
    ("passphrase", "code", "named"), [("wrong passphrase", 3, "wrong-passphrase"), (None, 3, "wrong-passphrase")]
)
def test_a_restore_needs_the_key_of_the_backup(
    folder: Path, tmp_path: Path, passphrase: str | None, code: int, named: str
) -> None:
    file = tmp_path / "safe.lfbackup"
    run("backup", folder, "-o", file)
    done = run("restore", file, tmp_path / "Again", passphrase=passphrase)
    assert (done.code, done.codes) == (code, [named])
    assert sorted(found.name for found in tmp_path.iterdir()) == [folder.name, file.name]


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"PK\x03\x04garbage", b'{"format": 1}'])
def test_what_is_no_backup_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "safe.lfbackup"
    file.write_bytes(content)
    done = run("restore", file, tmp_path / "Again")
    assert done.code == 1
    assert done.codes in (["not-a-backup"], ["damaged"])
    assert not (tmp_path / "Again.ledgerflow").exists()


def test_a_missing_backup_is_named(tmp_path: Path) -> None:
    done = run("restore", tmp_path / "none.lfbackup", tmp_path / "Again")
    assert done.code in (1, 3)
    assert "none.lfbackup" in done.err


def test_after_rekeying_only_the_new_passphrase_and_code_open_the_company(folder: Path) -> None:
    before = balances(folder)
    done = run("rekey", folder, env={"LEDGERFLOW_NEW_PASSPHRASE": OTHER})
    assert done.code == 0, done.err
    shown = CODE.search(done.out)
    assert shown
    assert run("report", folder, "trial-balance").codes == ["wrong-passphrase"]
    assert balances(folder, passphrase=OTHER) == before
    assert balances(folder, passphrase=shown[1]) == before
    assert run("verify", folder, passphrase=OTHER).code == 0


def test_rekeying_without_a_new_passphrase_changes_nothing(folder: Path) -> None:
    keys = (folder / "keys.json").read_bytes()
    done = run("rekey", folder)
    assert (done.code, done.codes) == (3, ["new-passphrase-missing"])
    assert "LEDGERFLOW_NEW_PASSPHRASE" in done.err
    short = run("rekey", folder, env={"LEDGERFLOW_NEW_PASSPHRASE": "short"})
    assert (short.code, short.codes) == (1, ["passphrase-too-short"])
    assert (folder / "keys.json").read_bytes() == keys


def test_ways_in_are_listed_added_and_removed(folder: Path) -> None:
    listed = run("keys", folder)
    assert [line.split()[1] for line in listed.out.splitlines()] == ["passphrase", "recovery"]
    added = run("keys", folder, "--add-passphrase", env={"LEDGERFLOW_NEW_PASSPHRASE": OTHER})
    assert added.code == 0, added.err
    assert run("report", folder, "trial-balance", passphrase=OTHER).code == 0
    first = listed.out.split()[0]
    assert run("keys", folder, "--remove", first).code == 0
    assert run("report", folder, "trial-balance").codes == ["wrong-passphrase"]
    last = run("keys", folder, passphrase=OTHER).out.splitlines()[-1].split()[0]
    refused = run("keys", folder, "--remove", last, passphrase=OTHER)
    assert (refused.code, refused.codes) == (1, ["last-passphrase"])
    unknown = run("keys", folder, "--remove", "no-such-slot", passphrase=OTHER)
    assert (unknown.code, unknown.codes) == (1, ["unknown-slot"])


def test_a_passphrase_is_changed_for_another(folder: Path) -> None:
    done = run("keys", folder, "--change-passphrase", env={"LEDGERFLOW_NEW_PASSPHRASE": OTHER})
    assert done.code == 0, done.err
    assert run("report", folder, "trial-balance").codes == ["wrong-passphrase"]
    assert run("report", folder, "trial-balance", passphrase=OTHER).code == 0


def test_a_new_recovery_code_is_shown_once_and_opens_the_company(folder: Path) -> None:
    done = run("keys", folder, "--new-recovery-code")
    shown = CODE.search(done.out)
    assert shown
    assert run("report", folder, "trial-balance", passphrase=shown[1]).code == 0
    assert shown[1] not in (folder / "keys.json").read_text()


def test_keys_are_listed_while_another_program_writes(folder: Path) -> None:
    with WriterLock(CompanyFolder(folder)):
        assert run("keys", folder).code == 0
        refused = run("keys", folder, "--new-recovery-code")
    assert (refused.code, refused.codes) == (3, ["company-in-use"])


def test_a_machine_without_a_keyring_says_so(folder: Path) -> None:
    keys = (folder / "keys.json").read_bytes()
    done = run_process("keys", folder, "--remember", env={"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"})
    assert (done.code, done.codes) == (3, ["key-store-unavailable"])
    assert (folder / "keys.json").read_bytes() == keys


def test_a_locked_period_is_locked_until_it_is_unlocked_for_a_reason(folder: Path, tmp_path: Path) -> None:
    assert run("lock", folder, "2026-05-31").out == "Locked up to 2026-05-31\n"
    sale = {"type": "Journal", "date": "2026-05-31", "entries": [{"ledger": "Rent", "amount": "1.00"},
            {"ledger": "Cash", "amount": "-1.00"}]}  # fmt: skip
    refused = run("post", folder, "-", stdin=json.dumps(sale).encode())
    assert (refused.code, refused.codes) == (1, ["period-locked"])
    assert "standard input:1" in refused.err
    back = run("lock", folder, "2026-05-30")
    assert (back.code, back.codes) == (1, ["lock-moves-back"])
    silent = run("unlock", folder, "--reason", " ")
    assert (silent.code, silent.codes) == (1, ["reason-missing"])
    assert run("unlock", folder, "--until", "2026-04-30", "--reason", "audit").out == "Locked up to 2026-04-30\n"
    assert run("post", folder, "-", stdin=json.dumps(sale).encode()).code == 0
    assert run("unlock", folder, "--reason", "audit").out == "Unlocked\n"
    nothing = run("unlock", folder, "--reason", "audit")
    assert (nothing.code, nothing.codes) == (1, ["nothing-to-unlock"])
    assert "because: audit" in run("log", folder, "--limit", "3").out


def test_two_accounts_become_one_and_another_is_offered_no_more(folder: Path) -> None:
    with opened(folder) as book:
        masters.create(book, [an_account("Shop Rent"), an_account("Old Rates")])
    assert run("merge", folder, "Shop Rent", "rent").out == "Merged Shop Rent into Rent\n"
    unlike = run("merge", folder, "Rent", "Ravi Stores")
    assert (unlike.code, unlike.codes) == (1, ["merges-unlike"])
    unknown = run("merge", folder, "Nobody", "Rent")
    assert (unknown.code, unknown.codes) == (1, ["unknown-master"])
    assert run("retire", folder, "Old Rates").out == "Retired Old Rates\n"
    again = run("retire", folder, "Old Rates")
    assert (again.code, again.codes) == (1, ["retired-already"])
    log = run("log", folder, "--limit", "2").out
    assert "master.retired" in log and "master.merged" in log and "Shop Rent" in log


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-02-30", "31-05-2026"])
def test_a_lock_needs_a_day(folder: Path, day: str) -> None:
    done = run("lock", folder, day)
    assert (done.code, done.codes) == (1, ["bad-date"])


def test_the_log_says_who_changed_what_from_what_to_what(folder: Path) -> None:
    with opened(folder) as book:
        before = vouchers.load(book, a_payment().id)
        vouchers.alter(book, before, a_payment(amount=9_900, number=before.voucher.number))
        vouchers.cancel(book, vouchers.load(book, a_payment().id), "entered twice")
    done = run("log", folder, "--voucher", "P/26-27/00001")
    assert done.code == 0, done.err
    heads = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert [line.split("  ")[1:3] for line in heads] == [
        ["asha", "voucher.cancelled"],
        ["asha", "voucher.altered"],
        ["asha", "voucher.posted"],
    ]
    assert "because: entered twice" in heads[0]
    assert re.search(r"25\.00 → .*99\.00", done.out)
    assert run("log", folder, "--voucher", a_payment().id).out == done.out
    assert run("log", folder, "--voucher", a_payment().id.upper()).out == done.out


def test_the_log_is_the_same_in_every_format(folder: Path, tmp_path: Path) -> None:
    said = json.loads(run("log", folder, "--limit", "0", "--format", "json").out)
    assert [line["position"] for line in said] == list(range(len(said), 0, -1))
    assert [line["kind"] for line in said[:3]] == ["voucher.posted"] * 3
    assert said[-1]["kind"] == "company.created"
    rows = list(csv.DictReader(io.StringIO(run("log", folder, "--limit", "0", "--format", "csv").out)))
    assert list(dict.fromkeys(int(row["position"]) for row in rows)) == [line["position"] for line in said]
    assert len(rows) == sum(max(1, len(line["changes"])) for line in said)
    file = tmp_path / "log.csv"
    assert run("log", folder, "--limit", "0", "--format", "csv", "-o", file).out == ""
    assert list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline=""))) == rows


def test_the_log_is_cut_by_account_days_and_limit(folder: Path) -> None:
    rent = json.loads(run("log", folder, "--account", "rent", "--format", "json").out)
    assert [(line["kind"], line["subject"]) for line in rent] == [("master.created", "Rent")]
    assert len(json.loads(run("log", folder, "--limit", "2", "--format", "json").out)) == 2
    assert json.loads(run("log", folder, "--from", "2026-06-02", "--format", "json").out) == []
    whole = json.loads(run("log", folder, "--from", "2026-06-01", "--to", "2026-06-01", "--limit", "0",
                           "--format", "json").out)  # fmt: skip
    assert len(whole) == whole[0]["position"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--voucher", "S/0"], "unknown-voucher"),
        (["--voucher", "00000000-0000-7000-8000-000000000000"], "unknown-voucher"),
        (["--account", "Nobody"], "unknown-account"),
        (["--from", "yesterday"], "bad-date"),
        (["--limit", "-1"], "bad-window"),
    ],
)
def test_what_the_log_cannot_show_is_named_by_its_option(folder: Path, options: list[str], code: str) -> None:
    done = run("log", folder, *options)
    assert (done.code, done.codes) == (1, [code])
    assert done.err.startswith(f"{options[0]}: ")


def test_verify_says_all_right_or_what_is_wrong(folder: Path) -> None:
    done = run("verify", folder)
    assert (done.code, done.err) == (0, "")
    assert "3 vouchers" in done.out
    database = folder / "books.db"
    raw = bytearray(database.read_bytes())
    raw[len(raw) // 2] ^= 1
    database.write_bytes(raw)
    broken = run("verify", folder)
    assert broken.code == 1
    assert broken.codes
    assert "All right" not in broken.out


def test_a_passphrase_is_never_printed(folder: Path) -> None:
    for argv in (["keys", folder], ["log", folder], ["verify", folder], ["report", folder, "trial-balance"]):
        done = run(*argv)
        assert PASSPHRASE not in done.out + done.err
