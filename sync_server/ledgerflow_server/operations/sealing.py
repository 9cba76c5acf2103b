"""A stream that only a passphrase opens: AES-256-GCM over pieces, each bound to its place, its stream and the end.

Sealed bytes are a random start of 7 bytes, then pieces of up to 1 MiB with 16 bytes of tag each. The nonce of a piece
is the start, its number in 4 bytes, and 1 for the last piece, else 0; the stream's name is authenticated with it. So
a piece that is changed, moved, left out or brought from another stream does not open.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledgerflow_core.errors import LedgerFlowError

PIECE = 1024 * 1024
SALT_BYTES = 16
_START, _TAG = 7, 16
# 64 MiB and about a quarter of a second: what one guess at the passphrase costs.
_SCRYPT = {"n": 2**16, "r": 8, "p": 1}


class SealBroken(LedgerFlowError):
    """What is sealed does not open: another passphrase, or changed bytes."""

    code = "seal-broken"


def key_of(passphrase: str, salt: bytes) -> bytes:
    """Return the key a passphrase gives with a salt."""
    return Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase.encode())


class Sealer:
    """Seals what is written to it, piece by piece, into `write`. `close` ends the stream."""

    def __init__(self, key: bytes, name: str, write: Callable[[bytes], object]) -> None:
        self._cipher, self._name, self._write = AESGCM(key), name.encode(), write
        self._start, self._number, self._held = os.urandom(_START), 0, bytearray()
        write(self._start)

    def write(self, content: bytes) -> None:
        """Take bytes."""
        self._held += content
        # A full piece waits for one more byte: only `close` knows which piece is the last.
        while len(self._held) > PIECE:
            self._put(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]

    def close(self) -> None:
        """Seal what is left and end."""
        self._put(bytes(self._held), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._write(self._cipher.encrypt(_nonce(self._start, self._number, last=last), piece, self._name))
        self._number += 1


def opened(key: bytes, name: str, sealed: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what was sealed under a name. Raises `SealBroken` at the first piece that does not open."""
    cipher, held, number, start = AESGCM(key), bytearray(), 0, b""
    with contextlib.suppress(StopIteration):
        source = iter(sealed)
        while True:
            held += next(source)
            if not start and len(held) >= _START:
                start = bytes(held[:_START])
                del held[:_START]
            while start and len(held) > PIECE + _TAG:
                yield _open(cipher, name, bytes(held[: PIECE + _TAG]), _nonce(start, number, last=False))
                del held[: PIECE + _TAG]
                number += 1
    yield _open(cipher, name, bytes(held), _nonce(start.ljust(_START, b"\0"), number, last=True))


def _open(cipher: AESGCM, name: str, piece: bytes, nonce: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, piece, name.encode())
    except (InvalidTag, ValueError):
        raise SealBroken(name) from None


def _nonce(start: bytes, number: int, *, last: bool) -> bytes:
    return start + number.to_bytes(4, "big") + bytes([last])
