"""Make a new company file, whole or not at all."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.events.chain import Author, genesis
from ledgerflow_core.events.event import CompanyCreated, ReplicaOpened
from ledgerflow_core.identifiers import CompanyId, ReplicaId
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import log_store, master_store, schema, signing_keys
from ledgerflow_desktop.storage.company_folder import CompanyFolder, sync_folder
from ledgerflow_desktop.storage.encrypted_database import Connection, checkpoint_whole, connect, transaction
from ledgerflow_desktop.storage.failures import CompanyExists, translated
from ledgerflow_desktop.storage.key_slots import (
    KEY_LENGTH,
    KEYS_FORMAT,
    ArgonCosts,
    InKeyStore,
    Keys,
    passphrase_slot,
    recovery_slot,
    write_keys,
)
from ledgerflow_desktop.storage.preparing import BookFacts
from ledgerflow_desktop.storage.writing import Writing, write_point


def create_company(
    folder: CompanyFolder, company: Company, passphrase: str, machine: Machine, *, costs: ArgonCosts | None = None
) -> str:
    """Create a company's folder and return its recovery code, which is kept nowhere.

    It is built beside its place and moved there when it is whole, so a crash leaves no half company.
    `CompanyExists` when anything stands at the path, `passphrase-too-short` before anything is written.
    """
    signing_key = Ed25519PrivateKey.from_private_bytes(machine.random_bytes(32))

    def fill(building: CompanyFolder, book_key: bytes) -> str:
        _write_first_events(building, company, book_key, signing_key, machine)
        return company.name

    return create_folder(folder, company.id, passphrase, machine, signing_key, fill, costs=costs)


def create_folder(
    folder: CompanyFolder,
    company: CompanyId,
    passphrase: str,
    machine: Machine,
    signing_key: Ed25519PrivateKey,
    fill: Callable[[CompanyFolder, bytes], str],
    *,
    costs: ArgonCosts | None = None,
    key_in_store: bool = False,
) -> str:
    """Create a company's folder, its database written by `fill`, and return its recovery code.

    `fill` is given the folder in the making and the book's key, and returns the company's name. With `key_in_store`
    the signing key goes into the system's key store, where one works. All else as `create_company` says.
    """
    book_key = machine.random_bytes(KEY_LENGTH)
    slot = passphrase_slot(book_key, passphrase, company, machine, costs=costs)
    recovery, code = recovery_slot(book_key, company, machine)
    if folder.path.exists():
        raise CompanyExists(str(folder.path))
    building = CompanyFolder(folder.path.with_name(f".{folder.path.name}.{machine.random_bytes(4).hex()}"))
    building.make()
    signing: str | InKeyStore = ""
    try:
        name = fill(building, book_key)
        signing = signing_keys.keep(book_key, signing_key, company, machine, in_store=key_in_store)
        keys = Keys(format=KEYS_FORMAT, company=company, name=name, slots=(slot, recovery), signing=signing)
        write_keys(building, keys, book_key)
        with translated(str(folder.path)):
            _move_into_place(building, folder)
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(building.path)
        signing_keys.forget(signing, machine)
        raise
    return code


def _move_into_place(building: CompanyFolder, folder: CompanyFolder) -> None:
    try:
        folder.path.mkdir()  # claims the name: a folder that appeared meanwhile is not overwritten
    except FileExistsError:
        raise CompanyExists(str(folder.path)) from None
    if os.name == "nt":
        folder.path.rmdir()  # Windows renames onto nothing only
    building.path.rename(folder.path)
    sync_folder(folder.path.parent)


def _write_first_events(
    folder: CompanyFolder, company: Company, book_key: bytes, signing_key: Ed25519PrivateKey, machine: Machine
) -> None:
    connection = connect(folder.database, book_key)
    try:
        with translated(str(folder.database)):
            schema.migrate(connection)
        with transaction(connection, str(folder.database)):
            _first_events(connection, company, signing_key, machine)
        checkpoint_whole(connection, str(folder.path))
    finally:
        connection.close()


def _first_events(connection: Connection, company: Company, signing_key: Ed25519PrivateKey, machine: Machine) -> None:
    replica = ReplicaId(machine.identifiers().new())
    public_key = signing_key.public_key().public_bytes_raw()
    head = genesis(replica)
    replica_no = log_store.open_replica(connection, replica, public_key, head)
    master_store.set_meta(connection, "replica_no", str(replica_no))
    master_store.write_company(connection, company)
    chart = predefined_chart()
    no_by_id = master_store.insert(connection, chart.masters.values(), position=master_store.COMPANY_CREATED_AT)
    facts = BookFacts(
        company=company,
        voucher_types=chart.voucher_types,
        no_by_id=no_by_id,
        author=Author(replica, machine.user),
        replica_tag="",
        at=machine.timestamp(),
        cause="",
    )
    unit = Writing(
        connection,
        facts,
        write_point(connection, replica_no, no_by_id),
        chart=chart,
        replica_no=replica_no,
        new_ids=machine.identifiers().many,
    )
    opened = ReplicaOpened(device=machine.device, user=machine.user, user_name=machine.user_name, key=public_key.hex())
    unit.record([CompanyCreated(company=company), opened])
    unit.finish(signing_key)
