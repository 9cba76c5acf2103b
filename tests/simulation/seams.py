"""Putting another function in the place of one of the engine's, for as long as a block runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledgerflow_core.sync import admission, batch, receipts, replica, statements
from ledgerflow_core.sync.admission import ReadEvent
from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.statements import Signed
from simulation import sim_replica, sim_server

# What to put where: a module or class, the name in it, and what is to stand there.
Seam = tuple[ModuleType | type, str, Any]


@contextmanager
def patched(seams: Sequence[Seam]) -> Iterator[None]:
    """Put functions in the place of others; on leaving, everything is as it was."""
    before = [(where, name, where.__dict__[name]) for where, name, _ in seams]
    for where, name, instead in seams:
        setattr(where, name, instead)
    try:
        yield
    finally:
        for where, name, was in reversed(before):
            setattr(where, name, was)


@lru_cache(maxsize=1 << 14)
def _verifies(key: bytes, domain: bytes, signed: Signed) -> bool:
    return statements.verifies(Ed25519PublicKey.from_public_bytes(key), domain, signed)


def _remembered(key: Ed25519PublicKey, domain: bytes, signed: Signed) -> bool:
    return _verifies(key.public_bytes_raw(), domain, signed)


@lru_cache(maxsize=1 << 12)
def _read_once(batch: SealedBatch) -> list[ReadEvent]:
    return admission.read_events(batch)


# What bytes say never changes: a signature that was checked and a batch that was read need not be for each replica.
# As modules and not as names: whoever wants to break a check finds it where the engine looks it up.
REMEMBER: list[Seam] = [
    (batch, "verifies", _remembered),
    (receipts, "verifies", _remembered),
    (replica, "read_events", _read_once),
    (sim_server, "read_events", _read_once),
    (sim_replica, "read_events", _read_once),
]
