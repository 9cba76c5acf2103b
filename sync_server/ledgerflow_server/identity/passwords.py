"""Passwords: hashed by argon2id, a few at a time, with the same work whether or not there is such a person."""

import asyncio
import contextlib
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from ledgerflow_core.errors import refuse
from ledgerflow_server.edge.problems import Refused

SHORTEST, LONGEST, DISTINCT = 12, 200, 5
# Each check takes 64 MiB and a tenth of a second of a core: more at once would starve everything else.
AT_ONCE, WAITING = 2, 32


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password was right by the `kept` hash, and a stronger one of it where that is of older settings."""

    right: bool
    kept: str = ""
    better: str | None = None


class Passwords:
    """Hashes and checks passwords in threads of their own."""

    def __init__(self, hasher: Argon2Hasher, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._hash = PasswordHash((hasher,))
        self._free = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._most_waiting = waiting
        # Checked against when there is no such person, so that it takes as long.
        self._nobody = self._hash.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Return the hash of a password. Raises 503 `busy` when too many wait."""
        async with self._place():
            return await asyncio.to_thread(self._hash.hash, _same_for_all(password))

    async def check(self, password: str, kept: str | None) -> Checked:
        """Check a password against its hash; None, where there is nobody, costs the same. Raises 503 `busy`."""
        async with self._place():
            right, better = await asyncio.to_thread(
                self._hash.verify_and_update, _same_for_all(password), kept or self._nobody
            )
        return Checked(right, kept, better) if kept else Checked(right=False)

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Wait for a place to work; refuse to wait behind too many."""
        if self._waiting >= self._most_waiting:
            raise Refused(503, "busy", headers={"Retry-After": "2"})
        self._waiting += 1
        try:
            async with self._free:
                yield
        finally:
            self._waiting -= 1


def require_strong(password: str, login: str) -> None:
    """Refuse a password that is guessed at once: `password-too-short`, `password-too-simple`."""
    if len(password) < SHORTEST:
        raise refuse("password-too-short", "password", least=SHORTEST)
    if len(set(password)) < DISTINCT or login in password.casefold():
        raise refuse("password-too-simple", "password")


def require_new(password: str, old: str, login: str) -> None:
    """Refuse what cannot follow `old`: as `require_strong`, and `password-not-new`."""
    require_strong(password, login)
    if _same_for_all(password) == _same_for_all(old):
        raise refuse("password-not-new", "password")


def _same_for_all(password: str) -> str:
    """Return one spelling of a password that keyboards of different systems encode differently."""
    return unicodedata.normalize("NFKC", password)
