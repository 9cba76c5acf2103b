"""What the machine remembers of a book, outside its file: how far its chain was written here.

A file that is copied or brought back from a backup says the same as it did then, signatures and all. Only something
beside it can tell. Two slots of one small file are written in turn, neither renamed nor, but for the first, forced to
the disk: a save waits for nothing, and whatever a crash leaves of one slot, the other holds. A guard that is behind is
harmless. Each person of a machine has a folder for guards; unless those who use one book share one, it looks like a
copy to whoever opens it after somebody else.

A slot is sealed by the chain's first event: nobody without the book knows it, and it stays when the book is encrypted
again under another key, so a crash at the end of that leaves a guard that still opens.
"""

import hmac
import os
import struct
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledgerflow_core.events.chain import Head
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_desktop.storage.company_folder import sync_folder

# Turn, sequence number, hash; behind them the HMAC.
_SAID = struct.Struct(">QQ32s")
_SLOT = _SAID.size + 32


class Guard:
    """The guard of one replica on this machine; close it after use."""

    def __init__(self, folder: Path, replica: ReplicaId, first_event: bytes) -> None:
        self._key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ledgerflow/guard/v1").derive(first_event)
        self._replica = replica.encode()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{replica}.guard"
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        # Who may write in the folder may write the guard: people who share a book share the folder of its guard. Only
        # who made the file may say so.
        with suppress(OSError):
            path.chmod(folder.stat().st_mode & 0o666)
        self._turn, self.head = self._read()

    def write(self, head: Head) -> None:
        """Remember how far the chain is written. A disk that refuses leaves an older guard, which harms nobody."""
        self._turn += 1
        said = _SAID.pack(self._turn, head.seq, head.hash)
        with suppress(OSError):
            os.lseek(self._file, self._turn % 2 * _SLOT, os.SEEK_SET)
            os.write(self._file, said + self._seal(said))
            self.head = head

    def begin(self, head: Head) -> bool:
        """Remember how far the chain is written, and the file's name, on the disk; return whether the disk took it."""
        self.write(head)
        with suppress(OSError):
            os.fsync(self._file)
            sync_folder(self._folder)
            return self.head == head
        return False

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _read(self) -> tuple[int, Head | None]:
        kept = os.read(self._file, 2 * _SLOT)
        newest: tuple[int, Head | None] = 0, None
        for slot in (kept[:_SLOT], kept[_SLOT:]):
            said = slot[: _SAID.size]
            if len(slot) == _SLOT and hmac.compare_digest(slot[_SAID.size :], self._seal(said)):
                turn, seq, hashed = _SAID.unpack(said)
                if turn > newest[0]:
                    newest = turn, Head(seq, hashed)
        return newest

    def _seal(self, said: bytes) -> bytes:
        return hmac.digest(self._key, self._replica + said, "sha256")
