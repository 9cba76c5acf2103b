"""What can go wrong with a company file, by name, and the translation of what the database says into these."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import sqlcipher3.dbapi2 as sqlcipher

from ledgerflow_core.errors import Damaged, LedgerFlowError


class WrongPassphrase(LedgerFlowError):
    """No key slot opens with what was given."""

    code = "wrong-passphrase"


class NotACompany(LedgerFlowError):
    """The folder is not there, or is no company folder."""

    code = "not-a-company"


class FileExists(LedgerFlowError):
    """A file stands where a new one would be; it is never overwritten."""

    code = "file-exists"


class CompanyExists(LedgerFlowError):
    """Something stands where the new company would be; it is never overwritten."""

    code = "company-exists"


class AttachmentMissing(LedgerFlowError):
    """The file of a voucher is not in the folder."""

    code = "attachment-missing"


class AttachmentDiffers(LedgerFlowError):
    """The file of a voucher is not what was kept."""

    code = "attachment-differs"


class NotABackup(LedgerFlowError):
    """The file is no backup of ours."""

    code = "not-a-backup"


class BackupExists(LedgerFlowError):
    """Something stands where the backup would be; it is never overwritten."""

    code = "backup-exists"


class FileTooNew(LedgerFlowError):
    """The file was written by a newer version of the program."""

    code = "file-too-new"


class UpgradeNeeded(LedgerFlowError):
    """The file is of an older version; it is upgraded on a copy before it opens."""

    code = "upgrade-needed"


class UpdateNeeded(LedgerFlowError):
    """A later version of the program wrote something this one cannot read; nothing is posted until it can."""

    code = "update-needed"


class InUse(LedgerFlowError):
    """Another program has this company open for writing."""

    code = "company-in-use"


class ReadOnly(LedgerFlowError):
    """The folder or file cannot be written to."""

    code = "read-only"


class DiskFull(LedgerFlowError):
    """No room on the disk; nothing of the last step was kept."""

    code = "disk-full"


class NotThere(LedgerFlowError):
    """The folder a file is to stand in, or the file to be read, is not there."""

    code = "not-there"


class StorageFailed(LedgerFlowError):
    """The operating system refused a read or a write."""

    code = "storage-failed"


# Primary result codes of SQLite (sqlite.org/rescode.html); the extended ones keep them in the low byte.
_BUSY, _LOCKED, _READONLY, _CORRUPT, _FULL, _NOTADB = 5, 6, 8, 11, 13, 26


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn what the database driver and the system raise into named errors at `place`."""
    try:
        yield
    except sqlcipher.Error as error:
        raise _named(error, place) from error
    except OSError as error:
        raise from_os(error, place) from error


def from_os(error: OSError, place: str) -> LedgerFlowError:
    """Return the named error of a refused file operation."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(place)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ReadOnly(place)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return NotThere(place)
    return StorageFailed(place, reason=error.strerror)


def _named(error: sqlcipher.Error, place: str) -> LedgerFlowError:
    code = getattr(error, "sqlite_errorcode", None)
    text = str(error)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary == _FULL or "disk is full" in text:
        return DiskFull(place)
    if primary == _READONLY or "readonly" in text:
        return ReadOnly(place)
    if primary in (_BUSY, _LOCKED) or "locked" in text:
        return InUse(place)
    if primary in (_CORRUPT, _NOTADB) or "malformed" in text or "not a database" in text:
        return Damaged(place, reason=text)
    return StorageFailed(place, reason=text)
