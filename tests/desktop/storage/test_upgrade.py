"""Older files: upgraded on a copy that must say the same, or not at all."""

from pathlib import Path

import pytest

from desktop.storage.crash_harness import old_company, real_machine
from desktop.storage.sample_company import PASSPHRASE, machine, open_it, sale
from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage import schema, upgrade
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.digest import digest_of
from ledgerflow_desktop.storage.encrypted_database import connect, transaction
from ledgerflow_desktop.storage.failures import InUse, UpgradeNeeded

VERSIONS = sorted(path.name[:4] for path in (Path(schema.__file__).parent / "migrations" / "versions").glob("0*.py"))


def test_the_newest_migration_is_the_one_the_program_asks_for() -> None:
    assert VERSIONS[-1] == schema.HEAD
    assert [int(version) for version in VERSIONS] == list(range(1, len(VERSIONS) + 1))


@pytest.mark.parametrize("revision", VERSIONS[:-1])
def test_a_file_of_every_older_version_opens_and_says_what_it_said(tmp_path: Path, revision: str) -> None:
    folder = tmp_path / "Old.ledgerflow"
    _, said = old_company(folder, revision)
    with pytest.raises(UpgradeNeeded):
        open_it(folder, machine(), read_only=True)
    with open_it(folder, real_machine()) as book:
        assert digest_of(book.connection) == said
        assert verify_book(book).findings == ()
        vouchers.post(book, [sale("new")])
    kept = list((folder / "backups").iterdir())
    assert len(kept) == 1
    assert f"from-{revision}" in kept[0].name


def test_an_upgraded_file_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "Old.ledgerflow"
    old_company(folder, VERSIONS[0])
    fresh = connect(tmp_path / "fresh.db", bytes(32))
    schema.migrate(fresh)
    shape = "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    with open_it(folder, machine()) as book:
        assert book.connection.execute(shape).fetchall() == fresh.execute(shape).fetchall()
    fresh.close()


def test_a_failure_in_the_middle_leaves_the_old_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Old.ledgerflow"
    old_company(folder)
    before = (folder / "books.db").read_bytes()
    real = upgrade.schema.migrate

    def migrate_and_lose_a_voucher(connection: object) -> None:
        real(connection)
        connection.execute("UPDATE day_count SET vouchers = vouchers - 1 WHERE day = (SELECT min(day) FROM day_count)")  # type: ignore[attr-defined]

    with monkeypatch.context() as patch:
        patch.setattr(upgrade.schema, "migrate", migrate_and_lose_a_voucher)
        with pytest.raises(Damaged, match="says something else"):
            open_it(folder, machine())
    assert (folder / "books.db").read_bytes() == before
    with open_it(folder, machine(), passphrase=PASSPHRASE) as book:
        assert verify_book(book).findings == ()


def test_beside_a_reader_that_needs_the_log_nothing_is_upgraded(tmp_path: Path) -> None:
    folder = CompanyFolder(tmp_path / "Old.ledgerflow")
    key, said = old_company(folder.path)
    writer = connect(folder.database, key)
    with transaction(writer, "books.db"):
        writer.execute("INSERT INTO meta VALUES ('note', 'in the log')")
    reader = connect(folder.database, key, read_only=True)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM voucher").fetchone() == (23,)
    writer.close()
    with pytest.raises(InUse):
        upgrade.upgrade_company(folder, key, real_machine())
    assert schema.revision_of(reader) == VERSIONS[0]
    assert not list(folder.backups.iterdir())
    reader.close()
    with open_it(folder.path, real_machine()) as book:
        assert digest_of(book.connection) == said
        assert book.connection.execute("SELECT value FROM meta WHERE name = 'note'").fetchone() == ("in the log",)
        assert verify_book(book).findings == ()


def test_a_reader_that_stays_through_an_upgrade_shares_no_log_with_the_new_file(tmp_path: Path) -> None:
    folder = CompanyFolder(tmp_path / "Old.ledgerflow")
    key, said = old_company(folder.path)
    reader = connect(folder.database, key, read_only=True)
    reader.execute("BEGIN")
    assert digest_of(reader) == said
    with open_it(folder.path, real_machine()) as book:
        vouchers.post(book, [sale("new")])
        assert digest_of(reader) == said
        assert schema.revision_of(reader) == VERSIONS[0]
        reader.close()
        vouchers.post(book, [sale("newer")])
    with open_it(folder.path, real_machine()) as book:
        assert digest_of(book.connection).vouchers == said.vouchers + 2
        assert verify_book(book).findings == ()
