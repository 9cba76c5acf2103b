"""PostgreSQL refuses to run as root: the account it runs as instead, and that account's way to its files."""

import errno
import os
import pwd
import shutil
import struct
import subprocess
from pathlib import Path
from typing import NamedTuple

from ledgerflow_server.database.failures import EmbeddedDatabaseFailed

ACCOUNT = "ledgerflow-db"

# A POSIX access list as Linux keeps it in an extended attribute: version 2, then tag, permissions and id of each entry.
_ACL = "system.posix_acl_access"
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY = 0xFFFFFFFF
_SEARCH = 0o1


class Account(NamedTuple):
    """Whom PostgreSQL runs as."""

    name: str
    uid: int
    gid: int


def account_of_postgres() -> Account:
    """Return who PostgreSQL runs as: whoever runs this, or, for root, an account made for it."""
    if os.geteuid() != 0:
        entry = pwd.getpwuid(os.geteuid())
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    if not _exists():
        # A shell of root may have a path without the folders this lies in.
        useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "useradd"
        made = subprocess.run(  # noqa: S603 - fixed arguments
            [useradd, "--system", "--no-create-home", "--shell", "/bin/false", ACCOUNT],
            capture_output=True,
            check=False,
        )
        # Two programs may start at once: whoever comes second finds the account.
        if made.returncode and not _exists():
            raise EmbeddedDatabaseFailed(ACCOUNT, reason="the account could not be made with useradd")
    entry = pwd.getpwnam(ACCOUNT)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def open_the_way(account: Account, folder: Path) -> None:
    """Let the account pass through the folders above `folder`, and through `folder` itself.

    Where passing is not allowed to everybody, an access list names this one account and allows it to pass, not to
    list or read: /root stays closed to everybody else. Nothing is done for an account that is not root's stand-in.
    """
    if os.geteuid() != 0 or account.uid == 0:
        return
    for above in [*reversed(folder.parents), folder]:
        state = above.stat()
        if state.st_mode & _SEARCH or state.st_uid == account.uid:
            continue
        _allow_passing(account, above, state.st_mode)


def _allow_passing(account: Account, folder: Path, mode: int) -> None:
    try:
        entries = [
            entry
            for entry in struct.iter_unpack("<HHI", os.getxattr(folder, _ACL)[4:])
            if entry[:1] + entry[2:] != (_USER, account.uid)
        ]
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise EmbeddedDatabaseFailed(str(folder), reason=f"{account.name} may not pass through") from None
        group = mode >> 3 & 7
        entries = [(_OWNER, mode >> 6 & 7, _NOBODY), (_GROUP, group, _NOBODY), (_OTHERS, mode & 7, _NOBODY)]
    mask = next((entry[1] for entry in entries if entry[0] == _MASK), mode >> 3 & 7) | _SEARCH
    entries = [entry for entry in entries if entry[0] != _MASK]
    entries += [(_USER, _SEARCH, account.uid), (_MASK, mask, _NOBODY)]
    packed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in sorted(entries, key=_order))
    try:
        os.setxattr(folder, _ACL, packed)
    except OSError:
        raise EmbeddedDatabaseFailed(str(folder), reason=f"{account.name} may not pass through") from None


def _order(entry: tuple[int, int, int]) -> tuple[int, int]:
    return entry[0], entry[2]


def _exists() -> bool:
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        return False
    return True
