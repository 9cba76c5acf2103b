"""Identifiers: UUIDs (RFC 9562) as lower-case text in code and events, 16 bytes in storage.

Each kind of thing has its own type so that a group's id never ends where an account's belongs.
Version 7 is used for its order on disk only: the time inside is never trusted.
"""

import hashlib
import re
from array import array
from collections.abc import Callable, Iterable
from typing import NewType

from ledgerflow_core.errors import refuse

CompanyId = NewType("CompanyId", str)
ReplicaId = NewType("ReplicaId", str)
DeviceId = NewType("DeviceId", str)
UserId = NewType("UserId", str)
EventId = NewType("EventId", str)
VoucherId = NewType("VoucherId", str)
MasterId = NewType("MasterId", str)
GroupId = NewType("GroupId", MasterId)
AccountId = NewType("AccountId", MasterId)
CostCategoryId = NewType("CostCategoryId", MasterId)
CostCentreId = NewType("CostCentreId", MasterId)
VoucherTypeId = NewType("VoucherTypeId", MasterId)


_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def to_bytes(identifier: str) -> bytes:
    """Return the 16 bytes of canonical UUID text; refuse anything else (`bad-identifier`)."""
    require_identifier(identifier)
    return bytes.fromhex(identifier.replace("-", ""))


def require_identifier(identifier: str) -> None:
    """Refuse anything but canonical UUID text (`bad-identifier`)."""
    if not _CANONICAL.fullmatch(identifier):
        raise refuse("bad-identifier", given=identifier[:60])


def are_identifiers(given: Iterable[str]) -> bool:
    """Return whether all of these are canonical UUID text."""
    return all(map(_CANONICAL.fullmatch, given))


def to_text(raw: bytes) -> str:
    """Return canonical lower-case UUID text of 16 bytes."""
    h = raw.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def named(namespace: str, name: str) -> str:
    """Return the id that stands for `name` in every company and on every machine.

    A UUID of version 8 (RFC 9562 section 5.8) over SHA-256: predefined groups and voucher types, and
    things imported from a file whose own ids are not UUIDs, get the same id wherever they are made.
    """
    raw = bytearray(hashlib.sha256(f"ledgerflow/{namespace}\n{name}".encode("utf-8", "surrogatepass")).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return to_text(bytes(raw))


class IdentifierSource:
    """Makes UUIDs of version 7 from an injected clock and randomness, rising even within a millisecond."""

    def __init__(self, milliseconds: Callable[[], int], random_bytes: Callable[[int], bytes]) -> None:
        self._milliseconds = milliseconds
        self._random_bytes = random_bytes
        self._last = 0  # milliseconds and the 74 random bits of the last one, as one number

    def new(self) -> str:
        """Return the next identifier; greater than every one this source has made before."""
        chance = int.from_bytes(self._random_bytes(10), "big")
        order = self._milliseconds() << 74 | chance & (1 << 74) - 1
        if order <= self._last:
            # A clock that stands still or goes back must not break the order: count up in the random bits.
            order = self._last + 1 + (chance & 0xFFFF)
        self._last = order
        value = order >> 74 << 80 | 7 << 76 | (order >> 62 & 0xFFF) << 64 | 2 << 62 | order & (1 << 62) - 1
        return to_text(value.to_bytes(16, "big"))

    def many(self, count: int) -> list[str]:
        """Return `count` rising identifiers of one moment, at a fraction of the cost of asking one by one."""
        if count == 0:
            return []
        made = [self.new()]
        head, low = made[0][:24], int(made[0][24:], 16)
        first = low
        # Steps of random size from a random start: rising, and no easier to guess than to try them all.
        steps = array("I", self._random_bytes(4 * (count - 1)))
        for step in steps:
            low += 1 + step
            made.append(f"{head}{low:012x}")
        if low >> 48:
            return made[:1] + [self.new() for _ in steps]  # the tail ran over: one time in thousands
        self._last += low - first
        return made
