"""The machine as an argument: clock, randomness, key store and person, so that tests need fakes, not patches."""

import getpass
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

import platformdirs

from ledgerflow_core.identifiers import DeviceId, IdentifierSource, UserId, named


class KeyStore(Protocol):
    """A place for secrets outside the company file, such as the operating system's keyring.

    `get` returns None where there is no such secret. All raise `KeyStoreUnavailable` where there is no store.
    """

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, secret: str) -> None: ...

    def remove(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything a company file needs of the outside. Built once per program; fixed in tests."""

    milliseconds: Callable[[], int]
    random_bytes: Callable[[int], bytes]
    sleep: Callable[[float], None]
    key_store: KeyStore
    device: DeviceId
    user: UserId
    user_name: str
    # Where this machine remembers what must not stand in a company's folder; None: nowhere.
    state: Path | None = None

    def identifiers(self) -> IdentifierSource:
        """Return a source of ids on this machine's clock and randomness."""
        return IdentifierSource(self.milliseconds, self.random_bytes)

    def timestamp(self) -> str:
        """Return the time now as events carry it: UTC with milliseconds."""
        now = self.milliseconds()
        return f"{datetime.fromtimestamp(now // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{now % 1000:03d}Z"

    def today(self) -> date:
        """Return the local calendar date."""
        return datetime.fromtimestamp(self.milliseconds() / 1000).astimezone().date()


def this_machine(key_store: KeyStore) -> Machine:
    """Return the real machine and the person signed in to it.

    The device and user ids are derived from host and account names: they tell edits apart on one file and
    prove nothing; proof comes with enrolment at a server. `LEDGERFLOW_STATE` names the folder the machine remembers
    its books in, for people who share one.
    """
    try:
        user_name = getpass.getuser()
    except (OSError, KeyError):
        user_name = "unknown"
    host = os.environ.get("COMPUTERNAME") or (os.uname().nodename if hasattr(os, "uname") else "unknown")
    return Machine(
        milliseconds=lambda: time.time_ns() // 1_000_000,
        random_bytes=os.urandom,
        sleep=time.sleep,
        key_store=key_store,
        device=DeviceId(named("device", host)),
        user=UserId(named("user", f"{user_name}@{host}")),
        user_name=user_name,
        state=Path(os.environ.get("LEDGERFLOW_STATE") or platformdirs.user_state_dir("LedgerFlow", appauthor=False)),
    )
