"""What the server and its database know and nobody else: role passwords and the keys that sign tenant contexts.

One file in the server's data folder, readable by its owner alone. Every process of the server reads the same one. Where
it was taken away, another one is made, and migrating makes the database accept that one alone.
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from ledgerflow_server.database.failures import SecretsUnreadable

# Every role that may log in. The owner of the tables may not.
LOGIN_ROLES = ("lf_migrate", "lf_app", "lf_ro", "lf_auth", "lf_queue", "lf_backup")
RandomBytes = Callable[[int], bytes]


class ContextKey(msgspec.Struct, frozen=True):
    """A key that signs tenant contexts: its short public name and 32 secret bytes."""

    kid: str
    key: bytes

    def __repr__(self) -> str:
        return f"ContextKey({self.kid!r})"


class DatabaseSecrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password for each of `LOGIN_ROLES`, and the context keys, the first of which signs."""

    passwords: dict[str, str]
    context_keys: tuple[ContextKey, ...]

    def __repr__(self) -> str:
        return f"DatabaseSecrets({self.context_keys!r})"


def make_secrets(random_bytes: RandomBytes) -> DatabaseSecrets:
    """Return new secrets: passwords of 192 random bits, one context key of 256."""
    return DatabaseSecrets(
        passwords={role: random_bytes(24).hex() for role in LOGIN_ROLES},
        context_keys=(ContextKey(random_bytes(4).hex(), random_bytes(32)),),
    )


def read_or_make(file: Path, random_bytes: RandomBytes) -> DatabaseSecrets:
    """Return the secrets kept in `file`; where there is no file, make and keep new ones.

    Raises `SecretsUnreadable` for a file that others may read, or that does not hold what it should.
    """
    if not file.exists():
        _keep(file, make_secrets(random_bytes))
    try:
        if file.stat().st_mode & 0o077:
            raise SecretsUnreadable(str(file), reason="others may read it: chmod 600")
        secrets = msgspec.json.decode(file.read_bytes(), type=DatabaseSecrets)
    except (OSError, msgspec.DecodeError) as error:
        raise SecretsUnreadable(str(file), reason=str(error)) from None
    if set(LOGIN_ROLES) - set(secrets.passwords) or not secrets.context_keys:
        raise SecretsUnreadable(str(file), reason="a password or the context key is missing")
    return secrets


def _keep(file: Path, secrets: DatabaseSecrets) -> None:
    aside = file.with_name(f"{file.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(msgspec.json.encode(secrets))
        out.flush()
        os.fsync(out.fileno())
    try:
        # Linking never replaces: of two processes that start at once, both read what the first one kept.
        with contextlib.suppress(FileExistsError):
            os.link(aside, file)
    finally:
        aside.unlink()
