"""The bytes of attachments on disk: AES-256-GCM in records of 64 KiB, under a key of each tenant's own.

A tenant's key is random and lies beside its files, sealed by the server's seal key: removing that one file makes
everything of the tenant unreadable, also in old backups. Each file has a key of its own, derived from it. A record is
bound to its place, so none can be exchanged, moved or taken from another file. What is being received is a dotted
file; it gets its name when all of it is there and its hash is right. A record that is on disk is never written again.
"""

import contextlib
import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledgerflow_core.errors import Damaged
from ledgerflow_server.keys import files
from ledgerflow_server.keys.server_keys import ServerKeys

RECORD = 64 * 1024
_NONCE, _TAG = 12, 16
_STORED = _NONCE + RECORD + _TAG
_KEY_FILE = "tenant.key"
_NAME = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Place:
    """Which attachment of whom: `sha256` in hex."""

    tenant_no: int
    company_no: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Store:
    """The folder of attachments. Its methods block: they are called in worker threads."""

    folder: Path
    keys: ServerKeys
    random_bytes: Callable[[int], bytes]

    def path(self, place: Place) -> Path:
        """Return where a complete attachment lies."""
        return self.folder_of(place) / place.sha256

    def folder_of(self, place: Place) -> Path:
        """Return where the attachments of a company lie."""
        return self.folder / str(place.tenant_no) / str(place.company_no)

    def received(self, place: Place) -> int:
        """Return how many bytes are here in whole records; those of a last, shorter record are not counted."""
        try:
            return _partial(self, place).stat().st_size // _STORED * RECORD
        except FileNotFoundError:
            return 0

    def names(self, tenant_no: int, company_no: int) -> set[str]:
        """Return the attachments of a company that anything is here of, by their hashes."""
        folder = self.folder_of(Place(tenant_no, company_no, ""))
        found = (path.name.removeprefix(".") for path in folder.iterdir()) if folder.is_dir() else ()
        return {name for name in found if _NAME.fullmatch(name)}

    def written(self, place: Place) -> float:
        """Return when anything of an attachment was last written (seconds since 1970), 0 where nothing is here."""
        paths = (self.path(place), _partial(self, place))
        return max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)

    def append(self, place: Place, offset: int, piece: bytes) -> None:
        """Write bytes behind the first `offset`, whole records of which are here, and have them on disk."""
        assert offset % RECORD == 0, "records are written once"
        files.make_folder(self.folder_of(place))
        cipher = AESGCM(self._key(place))
        descriptor = os.open(_partial(self, place), os.O_RDWR | os.O_CREAT, files.SECRET_MODE)
        with os.fdopen(descriptor, "r+b") as file:
            file.truncate(offset // RECORD * _STORED)
            file.seek(0, os.SEEK_END)
            for at in range(0, len(piece), RECORD):
                nonce = self.random_bytes(_NONCE)
                bound = _bound(place, (offset + at) // RECORD)
                file.write(nonce + cipher.encrypt(nonce, piece[at : at + RECORD], bound))
            file.flush()
            os.fsync(file.fileno())

    def complete(self, place: Place, size: int) -> bool:
        """Give a received attachment its name if its bytes are what it is called; otherwise remove them."""
        partial, digest = _partial(self, place), hashlib.sha256()
        for part in self._parts(partial, place, 0, size):
            digest.update(part)
        if digest.hexdigest() != place.sha256:
            partial.unlink()
            return False
        partial.replace(self.path(place))
        files.sync_folder(self.folder_of(place))
        return True

    def parts(self, place: Place, first: int, size: int) -> Iterator[bytes]:
        """Yield `size` bytes of a complete attachment from byte `first` on; `Damaged` where they are not sound."""
        return self._parts(self.path(place), place, first, size)

    def remove(self, place: Place) -> None:
        """Remove what is here of an attachment, received in part or whole."""
        self.path(place).unlink(missing_ok=True)
        _partial(self, place).unlink(missing_ok=True)

    def _parts(self, path: Path, place: Place, first: int, size: int) -> Iterator[bytes]:
        cipher = AESGCM(self._key(place))
        with open(path, "rb") as file:
            at, end = first, first + size
            while at < end:
                record = at // RECORD
                file.seek(record * _STORED)
                stored = file.read(_STORED)
                try:
                    plain = cipher.decrypt(stored[:_NONCE], stored[_NONCE:], _bound(place, record))
                except (InvalidTag, ValueError):
                    raise Damaged(f"attachment {place.sha256}", reason="not as it was written", record=record) from None
                part = plain[at % RECORD : end - record * RECORD]
                if not part:
                    raise Damaged(f"attachment {place.sha256}", reason="cut off", record=record)
                yield part
                at += len(part)

    def _key(self, place: Place) -> bytes:
        """Return the key of one file; the tenant's is made when it has none."""
        path, owner = self.folder / str(place.tenant_no) / _KEY_FILE, f"attachments/{place.tenant_no}"
        if not path.exists():
            files.make_folder(path.parent)
            fresh = path.with_name(f".{self.random_bytes(8).hex()}")
            files.create(fresh, self.keys.sealed(self.random_bytes(32), owner, self.random_bytes))
            # Of two processes that make one at once, the first link stands: its key is the one.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
            files.sync_folder(path.parent)
        key = self.keys.unsealed(path.read_bytes(), owner)
        return hmac.new(key, f"ledgerflow/attachment/v1\n{place.sha256}".encode(), hashlib.sha256).digest()


def _partial(store: Store, place: Place) -> Path:
    return store.folder_of(place) / f".{place.sha256}"


def _bound(place: Place, record: int) -> bytes:
    return f"{place.tenant_no}/{place.company_no}/{place.sha256}/{record}".encode()
