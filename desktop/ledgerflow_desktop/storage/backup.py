"""One file that holds a whole company: a zip, stored, of what is already encrypted, with a manifest of hashes.

    manifest.json      format, company, when, the digest of the book, and size and SHA-256 of each file
    manifest.seal      an HMAC over the manifest's bytes under the book's key (hex)
    books.db           a consistent copy, under the book's key, that says of itself that it is a copy
    keys.json          the ways in as they were
    attachments/...    as they stand in the company's folder

It is written aside, read back and compared, and only then gets its name.
"""

import hashlib
import hmac
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledgerflow_core.errors import Damaged
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_desktop.storage import key_slots, rehoming
from ledgerflow_desktop.storage.attachments import whole_files
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import sync_folder
from ledgerflow_desktop.storage.failures import BackupExists, FileTooNew, NotABackup, translated
from ledgerflow_desktop.storage.snapshot import Progress, copy_book, make_durable, remove_database

BACKUP_FORMAT = 1
SUFFIX = ".lfbackup"
MANIFEST, SEAL, DATABASE, KEYS, ATTACHMENTS = "manifest.json", "manifest.seal", "books.db", "keys.json", "attachments/"
_ANY_TIME = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1 << 20
_MANIFEST_BYTES_MAX = 64 << 20
_KEYS_BYTES_MAX = 1 << 20


class PackedFile(msgspec.Struct, frozen=True):
    """One file of a backup."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. The digest is `digest.BookDigest` of the copy."""

    format: int
    company: CompanyId
    name: str
    made: str
    vouchers: int
    events: int
    balances: str
    heads: str
    files: tuple[PackedFile, ...]


def write_backup(book: Book, target: Path, progress: Progress | None = None) -> Manifest:
    """Write everything of an open book to `target`, which must not exist (`backup-exists`).

    The book may go on being used by others meanwhile: what is packed is one state of it. After any failure
    nothing is left at the target.
    """
    aside = target.with_name(f".{target.name}.{book.machine.random_bytes(4).hex()}")
    copy = aside.with_name(aside.name + ".db")
    with translated(str(target)):
        if target.exists():
            raise BackupExists(str(target))
        try:
            manifest = _pack(book, copy, aside, progress)
            make_durable(aside)
            _read_back(aside, manifest, book.book_key)
            aside.rename(target)
            sync_folder(target.parent)
        finally:
            remove_database(copy)
            aside.unlink(missing_ok=True)
    return manifest


def _pack(book: Book, copy: Path, aside: Path, progress: Progress | None) -> Manifest:
    made = book.machine.timestamp()
    keys = key_slots.read_keys(book.folder)
    digest = copy_book(
        book.connection,
        copy,
        book.book_key,
        progress=progress,
        change=lambda connection: rehoming.mark_as_copy(connection, made),
    )
    files: list[PackedFile] = []
    with zipfile.ZipFile(aside, "x", zipfile.ZIP_STORED) as packed:
        attached = [(ATTACHMENTS + path.name, path) for path in whole_files(book.folder.attachments)]
        for name, path in ((DATABASE, copy), (KEYS, book.folder.keys), *attached):
            with path.open("rb") as source:
                files.append(_put(packed, name, source))
        manifest = Manifest(
            format=BACKUP_FORMAT, company=keys.company, name=book.company.name, made=made,
            vouchers=digest.vouchers, events=digest.events, balances=digest.balances, heads=digest.heads,
            files=tuple(files),
        )  # fmt: skip
        raw = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        packed.writestr(zipfile.ZipInfo(MANIFEST, _ANY_TIME), raw)
        packed.writestr(zipfile.ZipInfo(SEAL, _ANY_TIME), seal_of(raw, book.book_key))
    return manifest


def _put(packed: zipfile.ZipFile, name: str, source: IO[bytes]) -> PackedFile:
    hashed, size = hashlib.sha256(), 0
    with packed.open(zipfile.ZipInfo(name, _ANY_TIME), "w", force_zip64=True) as target:
        while block := source.read(_BLOCK):
            hashed.update(block)
            size += len(block)
            target.write(block)
    return PackedFile(name, size, hashed.hexdigest())


def _read_back(aside: Path, manifest: Manifest, book_key: bytes) -> None:
    with opened(aside) as packed:
        found = read_manifest(packed, aside)
        check_seal(packed, aside, book_key)
        if found != manifest:
            raise Damaged(str(aside), reason="read back, the manifest differs")
        for file in manifest.files:
            unpack(packed, file, None, aside)


# --- reading --------------------------------------------------------------------------------------


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup; `NotABackup` for another kind of file, `Damaged` where a backup breaks off or is broken."""
    with translated(str(path)):
        try:
            packed = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            with path.open("rb") as file:
                begins = file.read(30 + len(DATABASE))
            if begins.startswith(b"PK\3\4") and begins.endswith(DATABASE.encode()):
                raise Damaged(str(path), reason="the backup breaks off") from None
            raise NotABackup(str(path)) from error
        try:
            with packed:
                _require_stored(packed, path)
                yield packed
        except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
            raise Damaged(str(path), reason=str(error)) from None


def _require_stored(packed: zipfile.ZipFile, path: Path) -> None:
    """What is packed takes as much room here as in the file: a small file never unpacks to a large one."""
    for member in packed.infolist():
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise Damaged(str(path), reason="a packed file is compressed, which none of ours is", file=member.filename)


def read_manifest(packed: zipfile.ZipFile, path: Path) -> Manifest:
    """Return what a backup says of itself; nothing of it is proved yet."""
    if MANIFEST not in packed.namelist():
        raise NotABackup(str(path))
    raw = _small(packed, MANIFEST, path)
    try:
        head = msgspec.json.decode(raw)
        if isinstance(head, dict) and isinstance(head.get("format"), int) and head["format"] > BACKUP_FORMAT:
            raise FileTooNew(str(path), format=head["format"], known=BACKUP_FORMAT)
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged(str(path), reason=str(error)) from None
    names = sorted([MANIFEST, SEAL, *(file.name for file in manifest.files)])
    if names != sorted(packed.namelist()) or not all(_may_be_named(file.name) for file in manifest.files):
        raise Damaged(str(path), reason="other files than the manifest names")
    for file in manifest.files:
        if packed.getinfo(file.name).file_size != file.size:
            raise Damaged(str(path), reason="a packed file differs from the manifest", file=file.name)
    return manifest


def keys_in(manifest: Manifest, path: Path) -> PackedFile:
    """Return what is unpacked first, before anything is proved: it is small, and opens the seal of the rest."""
    keys = next((file for file in manifest.files if file.name == KEYS), None)
    if keys is None or keys.size > _KEYS_BYTES_MAX:
        raise Damaged(str(path), reason="no keys.json of ours inside")
    return keys


def _may_be_named(name: str) -> bool:
    """A name from a file must not lead out of the folder it is unpacked into."""
    inside = name.removeprefix(ATTACHMENTS)
    return name in (DATABASE, KEYS) or (inside != name and inside.isalnum() and inside.isascii())


def _small(packed: zipfile.ZipFile, name: str, path: Path) -> bytes:
    if packed.getinfo(name).file_size > _MANIFEST_BYTES_MAX:
        raise Damaged(str(path), reason="a manifest of this size is none of ours")
    return packed.read(name)


def check_seal(packed: zipfile.ZipFile, path: Path, book_key: bytes) -> None:
    """Raise `Damaged` unless the manifest was written by somebody with the book's key."""
    raw = _small(packed, MANIFEST, path)
    if not hmac.compare_digest(_small(packed, SEAL, path), seal_of(raw, book_key)):
        raise Damaged(str(path), reason="the manifest was changed")


def seal_of(manifest: bytes, book_key: bytes) -> bytes:
    """Return the seal of a manifest's bytes."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ledgerflow/backup-seal/v1").derive(book_key)
    return hmac.digest(key, manifest, "sha256").hex().encode()


def unpack(packed: zipfile.ZipFile, file: PackedFile, target: Path | None, path: Path) -> None:
    """Write one file of a backup to `target` (nowhere when None); `Damaged` when it is not what was packed."""
    hashed, size = hashlib.sha256(), 0
    with packed.open(file.name) as source, _writing(target) as written:
        while block := source.read(_BLOCK):
            hashed.update(block)
            size += len(block)
            if size > file.size:
                break
            if written is not None:
                written.write(block)
    if (size, hashed.hexdigest()) != (file.size, file.sha256):
        if target is not None:
            with suppress(OSError):
                target.unlink()
        raise Damaged(str(path), reason="a packed file differs from the manifest", file=file.name)


@contextmanager
def _writing(target: Path | None) -> Iterator[IO[bytes] | None]:
    if target is None:
        yield None
        return
    with target.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
