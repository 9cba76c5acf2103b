"""Bring a company file to this version's tables on a copy, prove the copy says the same, then swap.

Until the swap the old file is untouched; the swap is one rename. The old file is kept among the backups.
"""

import shutil

from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import schema
from ledgerflow_desktop.storage.company_folder import CompanyFolder, WriterLock, sync_folder
from ledgerflow_desktop.storage.digest import digest_of
from ledgerflow_desktop.storage.encrypted_database import checkpoint_whole, connect
from ledgerflow_desktop.storage.failures import translated
from ledgerflow_desktop.storage.snapshot import make_durable, remove_database
from ledgerflow_desktop.storage.swapping import close_whole, put_in_place


def upgrade_company(folder: CompanyFolder, book_key: bytes, machine: Machine) -> None:
    """Upgrade a company whose tables are older. After any failure, and any crash, the old file opens as before.

    `InUse`, and nothing changed, while somebody reads what the log of the old file holds.
    """
    with WriterLock(folder), translated(str(folder.database)):
        copy = folder.path / "books.db.upgrading"
        remove_database(copy)
        old = connect(folder.database, book_key)
        try:
            revision = schema.revision_of(old)
            before = digest_of(old)
            close_whole(folder, old)
        finally:
            old.close()
        shutil.copyfile(folder.database, copy)
        new = connect(copy, book_key)
        try:
            schema.migrate(new)
            after = digest_of(new)
            if after != before:
                raise Damaged(str(folder.database), reason="the upgraded copy says something else; nothing was changed")
            checkpoint_whole(new, str(folder.path))
        finally:
            new.close()
        make_durable(copy)
        kept = folder.backups / f"before-upgrade-from-{revision}-{machine.today().isoformat()}.db"
        shutil.copyfile(folder.database, kept)
        make_durable(kept)
        sync_folder(folder.backups)
        put_in_place(copy, folder)
