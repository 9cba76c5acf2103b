"""The files of vouchers, beside the books: AES-256-GCM in records of 64 KiB, named by the SHA-256 of their content.

The key is random and lies in the encrypted database, so it comes along with every copy, backup and change of the
book's key. Each file has a key of its own, derived from it, and each record is bound to its place: none can be
exchanged, moved or taken from another file. What is not whole yet has a name that begins with a dot; a file gets its
own name once it is on the disk, read back and what it is called. Nothing is ever written here in the clear.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import lock_or_fail, sync_folder
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.storage.failures import AttachmentDiffers, AttachmentMissing, FileExists, InUse, translated
from ledgerflow_desktop.storage.master_store import get_meta, set_meta

RECORD = 64 * 1024
_NONCE, _TAG = 12, 16
_STORED = _NONCE + RECORD + _TAG
# A fact of the file: the key of its attachments (hex), made when the first is kept.
_KEY = "attachment_key"
# What is being attached here, and what is being fetched: the latter is gone on with after a restart.
_ADDING, _FETCHING = ".adding-", ".fetching-"
# Held by the one program that fetches.
_CARRYING = ".carrying"
# A file of this folder, and of no other.
_NAME = re.compile("[0-9a-f]{64}")


class Content(NamedTuple):
    """What a file holds: its SHA-256 (hex) and how many bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class AttachmentStore:
    """The attachments of one company. Needs no database: a thread may use it beside the one that owns the book."""

    folder: Path
    key: bytes
    random_bytes: Callable[[int], bytes]

    def has(self, sha256: str) -> bool:
        """Whether an attachment is here, whole."""
        return is_name(sha256) and _path(self.folder, sha256).is_file()

    def add(self, source: Path, content: Content) -> bool:
        """Keep a file of which `content_of` said what it holds; return whether it was not here yet.

        Refuses `file-changed` where it holds something else by now.
        """
        if self.has(content.sha256):
            return False
        partial = self.folder / f"{_ADDING}{content.sha256}"
        with translated(str(self.folder)):
            self.folder.mkdir(exist_ok=True)
            partial.unlink(missing_ok=True)
            kept = _opened(partial)
        with translated(str(source)), kept, source.open("rb") as file:
            offset = 0
            while piece := file.read(RECORD):
                with translated(str(partial)):
                    self._write(kept, content.sha256, offset, piece)
                offset += len(piece)
            # Once for all of it: what is half is thrown away after a crash.
            with translated(str(partial)):
                _have_on_disk(kept)
        if offset != content.size or not self._complete(partial, content):
            with suppress(OSError):
                partial.unlink()
            raise refuse("file-changed", source.name)
        return True

    @contextmanager
    def carrying(self) -> Iterator[None]:
        """Hold what is here in part for oneself alone; `InUse` where another program fetches, or an earlier session."""
        with translated(str(self.folder)):
            self.folder.mkdir(exist_ok=True)
            file = self.folder.joinpath(_CARRYING).open("a+b")
        with file:
            try:
                lock_or_fail(file.fileno())
            except OSError:
                raise InUse(str(self.folder)) from None
            yield

    def received(self, sha256: str) -> int:
        """Return how many bytes of an attachment that is being fetched are here, in whole records."""
        partial = self.folder / f"{_FETCHING}{sha256}"
        with translated(str(partial)):
            return partial.stat().st_size // _STORED * RECORD if partial.exists() else 0

    def append(self, sha256: str, offset: int, piece: bytes) -> None:
        """Write bytes of an attachment that is being fetched behind the first `offset`, and have them on the disk."""
        with translated(str(self.folder)):
            self.folder.mkdir(exist_ok=True)
        partial = self.folder / f"{_FETCHING}{sha256}"
        with translated(str(partial)), _opened(partial) as file:
            file.truncate(offset // RECORD * _STORED)
            file.seek(0, os.SEEK_END)
            self._write(file, sha256, offset, piece)
            _have_on_disk(file)

    def complete(self, content: Content) -> bool:
        """Give what was fetched its name if it is what it is called; otherwise remove it, to be fetched again."""
        return self._complete(self.folder / f"{_FETCHING}{content.sha256}", content)

    def parts(self, sha256: str, first: int = 0) -> Iterator[bytes]:
        """Yield what an attachment holds from byte `first`, where a record begins, a record at a time.

        Raises `AttachmentMissing`, and `AttachmentDiffers` where a record is not what was written. That none is missing
        at the end only the hash of the whole says: `check` and `copy_out` prove it.
        """
        assert first % RECORD == 0, "whole records are read"
        return self._parts(_path(self.folder, sha256), sha256, first)

    def read(self, sha256: str, first: int, most: int) -> bytes:
        """Return what an attachment holds from byte `first` on, up to `most` bytes; raises as `parts` does."""
        skipped, found = first % RECORD, b""
        for part in self.parts(sha256, first - skipped):
            found += part
            if len(found) >= skipped + most:
                break
        return found[skipped : skipped + most]

    def check(self, sha256: str) -> None:
        """Raise `AttachmentMissing` or `AttachmentDiffers` unless an attachment is what it is called."""
        for _ in self._proved(sha256):
            pass

    def copy_out(self, sha256: str, target: Path) -> None:
        """Write what an attachment holds to a new file, in the clear; it is whole and proved, or not there.

        Raises `FileExists`, and as `check` does.
        """
        with translated(str(target)):
            if os.path.lexists(target):
                raise FileExists(str(target))
            # Not after the target, whose name may be as long as the disk takes.
            aside = target.with_name(f".ledgerflow-{self.random_bytes(8).hex()}")
            try:
                with aside.open("xb") as file:
                    for part in self._proved(sha256):
                        file.write(part)
                    file.flush()
                    os.fsync(file.fileno())
                aside.rename(target)
            finally:
                aside.unlink(missing_ok=True)
            sync_folder(target.parent)

    def remove(self, sha256: str) -> None:
        """Remove an attachment that no voucher came to name."""
        with translated(str(self.folder)):
            _path(self.folder, sha256).unlink(missing_ok=True)

    def forget_fetching(self, but: set[str]) -> None:
        """Remove what is here in part and nobody waits for any more; `but` names what is still wanted."""
        with translated(str(self.folder)):
            for path in self.folder.glob(f"{_FETCHING}*"):
                if path.name.removeprefix(_FETCHING) not in but:
                    path.unlink(missing_ok=True)

    # --- how ------------------------------------------------------------------------------------

    def _write(self, file: BinaryIO, sha256: str, offset: int, piece: bytes) -> None:
        assert self.key, "files are kept under a key"
        assert offset % RECORD == 0, "records are written once"
        cipher = self._cipher(sha256)
        for at in range(0, len(piece), RECORD):
            nonce = self.random_bytes(_NONCE)
            bound = _bound(sha256, (offset + at) // RECORD)
            file.write(nonce + cipher.encrypt(nonce, piece[at : at + RECORD], bound))

    def _complete(self, partial: Path, content: Content) -> bool:
        digest, size = hashlib.sha256(), 0
        try:
            for part in self._parts(partial, content.sha256, 0):
                digest.update(part)
                size += len(part)
        except AttachmentDiffers:
            size = -1
        with translated(str(partial)):
            if (digest.hexdigest(), size) != (content.sha256, content.size):
                partial.unlink()
                return False
            partial.replace(_path(self.folder, content.sha256))
            sync_folder(self.folder)
        return True

    def _proved(self, sha256: str) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for part in self.parts(sha256):
            digest.update(part)
            yield part
        if digest.hexdigest() != sha256:
            raise AttachmentDiffers(sha256, reason="cut off")

    def _parts(self, path: Path, sha256: str, first: int) -> Iterator[bytes]:
        cipher = self._cipher(sha256)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise AttachmentMissing(sha256) from None
        except OSError:
            raise AttachmentDiffers(sha256, reason="cannot be read") from None
        with translated(str(path)), file:
            record = first // RECORD
            file.seek(record * _STORED)
            while stored := file.read(_STORED):
                try:
                    yield cipher.decrypt(stored[:_NONCE], stored[_NONCE:], _bound(sha256, record))
                except (InvalidTag, ValueError):
                    raise AttachmentDiffers(sha256, record=record) from None
                record += 1

    def _cipher(self, sha256: str) -> AESGCM:
        return AESGCM(hmac.digest(self.key, f"ledgerflow/attachment/v1\n{sha256}".encode(), "sha256"))


def store_of(book: Book) -> AttachmentStore:
    """Return the attachments of an open book, to read them: where none was ever kept there is no key, and no file."""
    kept = get_meta(book.connection, _KEY)
    return AttachmentStore(book.folder.attachments, bytes.fromhex(kept), book.machine.random_bytes)


def store_to_write(book: Book) -> AttachmentStore:
    """Return the attachments of a book open for writing; their key is made where there is none."""
    if not get_meta(book.connection, _KEY):
        # On the disk before the first file: one whose key is lost could not be read any more.
        with transaction(book.connection, str(book.folder.database)):
            set_meta(book.connection, _KEY, book.machine.random_bytes(32).hex())
    return store_of(book)


def content_of(source: Path, bytes_most: int) -> Content:
    """Return what a file holds; refuses `attachment-too-large`, read no further than that, and `unreadable-file`."""
    digest, size = hashlib.sha256(), 0
    try:
        if source.exists() and not source.is_file():
            raise refuse("unreadable-file", source.name, reason="Not a file")  # a pipe would wait for ever
        with source.open("rb") as file:
            while piece := file.read(RECORD):
                digest.update(piece)
                size += len(piece)
                if size > bytes_most:
                    raise refuse("attachment-too-large", source.name, size=size, most=bytes_most)
    except OSError as error:
        raise refuse("unreadable-file", source.name, reason=error.strerror) from None
    return Content(digest.hexdigest(), size)


def whole_files(folder: Path) -> list[Path]:
    """Return the attachments of a company's folder that are whole, by name; what else lies there is none of ours."""
    with translated(str(folder)):
        if not folder.is_dir():
            return []
        # Tells files from folders without asking the disk about each.
        with os.scandir(folder) as found:
            return [folder / name for name in sorted(one.name for one in found if is_name(one.name) and one.is_file())]


def drop_leftovers(folder: Path) -> None:
    """Remove what was being attached when the program ended; for who holds the right to write."""
    if folder.is_dir():
        for path in folder.glob(f"{_ADDING}*"):
            with suppress(OSError):
                path.unlink()


def is_name(sha256: str) -> bool:
    """Whether a text names an attachment. It comes from vouchers, and those from other offices."""
    return _NAME.fullmatch(sha256) is not None


def _path(folder: Path, sha256: str) -> Path:
    if not is_name(sha256):
        raise AttachmentMissing(sha256[:80])
    return folder / sha256


def _opened(partial: Path) -> BinaryIO:
    """Open a file to go on writing in it; nobody else on the machine may read it."""
    return open(partial, "r+b" if partial.exists() else "x+b", opener=lambda path, flags: os.open(path, flags, 0o600))


def _have_on_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _bound(sha256: str, record: int) -> bytes:
    return f"{sha256}/{record}".encode()
