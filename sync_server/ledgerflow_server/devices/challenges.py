"""Challenges a device signs for a token: stamped by the server, so that none is kept and no clock but ours counts."""

import hashlib
import hmac
from collections.abc import Callable

LIFE_SECONDS = 120
_NONCE_BYTES = 16
_PURPOSE = b"ledgerflow/device-challenge/v1"


class Challenges:
    """Makes and checks challenges with a key derived from the server's sealing key; milliseconds since 1970."""

    def __init__(self, seal: bytes, milliseconds: Callable[[], int], random_bytes: Callable[[int], bytes]) -> None:
        self._key = hmac.digest(seal, _PURPOSE, hashlib.sha256)
        self._milliseconds = milliseconds
        self._random_bytes = random_bytes

    def new(self) -> str:
        """Return ``expiry.nonce.mac``: good for two minutes."""
        expires = self._milliseconds() // 1000 + LIFE_SECONDS
        stamped = f"{expires}.{self._random_bytes(_NONCE_BYTES).hex()}"
        return f"{stamped}.{self._mac(stamped)}"

    def holds(self, challenge: str) -> bool:
        """Whether a challenge is ours and its time is not over."""
        stamped, _, mac = challenge.rpartition(".")
        if not challenge.isascii() or not hmac.compare_digest(mac, self._mac(stamped)):
            return False
        return int(stamped.partition(".")[0]) > self._milliseconds() // 1000

    def _mac(self, stamped: str) -> str:
        return hmac.digest(self._key, stamped.encode(), hashlib.sha256).hex()
