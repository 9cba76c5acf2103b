"""The file of a backup: a zip of sealed members, and a manifest with the SHA-256 of each that anybody can check.

Nothing that names a customer or an amount is readable in it without the passphrase: the manifest has numbers, hashes
and settings without their secrets, everything else is compressed and sealed.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import zstandard

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_server.operations import sealing
from ledgerflow_server.operations.sealing import SealBroken, Sealer

MANIFEST, SEAL = "manifest.json", "manifest.seal"
FORMAT = 1
_READ = 1024 * 1024


class BackupDamaged(LedgerFlowError):
    """The file is no backup of ours, or not as it was written; `place` is the member."""

    code = "backup-damaged"


class PassphraseWrong(LedgerFlowError):
    """The passphrase does not open the backup."""

    code = "passphrase-wrong"


class Member(msgspec.Struct, frozen=True):
    """One file inside: its name, how many sealed bytes it has, and their SHA-256 (hex)."""

    name: str
    bytes: int
    sha256: str


class Table(msgspec.Struct, frozen=True):
    """The rows of one table of one tenant, in member `member`, as COPY writes them (text)."""

    tenant_no: int
    table: str
    columns: list[str]
    rows: int
    member: str


class TenantEntry(msgspec.Struct, frozen=True):
    """A tenant that is inside. Its name is not: it stands in its rows."""

    tenant_no: int
    public_id: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. `tables` stand in the order they are loaded in; `months` are those of the audit log."""

    format: int = FORMAT
    made_at: str
    program: str
    revision: str
    postgresql: int
    salt: str
    settings: dict[str, str]
    tenants: list[TenantEntry]
    tables: list[Table]
    months: list[str]
    files: list[str]
    members: list[Member]


class ArchiveWriter:
    """Writes a backup to a new file, whole or not at all: it gets its name when it is complete and on the disk."""

    def __init__(self, path: Path, passphrase: str) -> None:
        if path.exists():
            raise FileExistsError(17, "stands already and is not overwritten", str(path))
        self.path, self._draft = path, path.with_name(f".{path.name}.part")
        self.salt = os.urandom(sealing.SALT_BYTES)
        self._key = sealing.key_of(passphrase, self.salt)
        self._file = os.fdopen(os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)
        self.members: list[Member] = []

    def add(self, name: str, content: Iterable[bytes]) -> None:
        """Add a member: compressed, sealed, hashed."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as out:

            def write(sealed: bytes) -> None:
                nonlocal size
                digest.update(sealed)
                size += len(sealed)
                out.write(sealed)

            sealer, packer = Sealer(self._key, name, write), zstandard.ZstdCompressor(level=3).compressobj()
            for part in content:
                sealer.write(packer.compress(part))
            sealer.write(packer.flush())
            sealer.close()
        self.members.append(Member(name, size, digest.hexdigest()))

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest with its seal, and give the file its name."""
        raw = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        self._zip.writestr(MANIFEST, raw)
        with self._zip.open(SEAL, "w") as out:
            sealer = Sealer(self._key, SEAL, out.write)
            sealer.write(hashlib.sha256(raw).digest())
            sealer.close()
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._draft.rename(self.path)

    def abandon(self) -> None:
        """Remove what was written of an unfinished file; nothing after `finish`."""
        if not self._file.closed:
            self._zip.close()
            self._file.close()
            self._draft.unlink(missing_ok=True)


class Archive:
    """A backup as it is read. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            self._raw = self._zip.read(MANIFEST)
            self.manifest = msgspec.json.decode(self._raw, type=Manifest)
        except (zipfile.BadZipFile, KeyError, msgspec.DecodeError) as error:
            raise BackupDamaged(str(path), reason=type(error).__name__) from None
        if self.manifest.format != FORMAT:
            raise BackupDamaged(str(path), reason=f"format {self.manifest.format} is not known")
        self._key = b""

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def check(self) -> None:
        """Compare every member with its hash. Needs no passphrase. Raises `BackupDamaged` with the member's name."""
        listed = {member.name for member in self.manifest.members} | {MANIFEST, SEAL}
        if listed != set(self._zip.namelist()):
            raise BackupDamaged(MANIFEST, reason="lists other members than there are")
        for member in self.manifest.members:
            digest, size = hashlib.sha256(), 0
            for part in self._sealed(member.name):
                digest.update(part)
                size += len(part)
            if (size, digest.hexdigest()) != (member.bytes, member.sha256):
                raise BackupDamaged(member.name, reason="is not as it was written")

    def unlock(self, passphrase: str) -> None:
        """Make the members readable. Raises `PassphraseWrong`, or `BackupDamaged` for another manifest."""
        self._key = sealing.key_of(passphrase, bytes.fromhex(self.manifest.salt))
        try:
            said = b"".join(sealing.opened(self._key, SEAL, self._sealed(SEAL)))
        except SealBroken:
            raise PassphraseWrong from None
        if said != hashlib.sha256(self._raw).digest():
            raise BackupDamaged(MANIFEST, reason="is not as it was written")

    def read(self, name: str) -> Iterator[bytes]:
        """Yield a member's content; after `unlock`."""
        unpacker = zstandard.ZstdDecompressor().decompressobj()
        for part in sealing.opened(self._key, name, self._sealed(name)):
            yield unpacker.decompress(part)

    def _sealed(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as source:
                while part := source.read(_READ):
                    yield part
        except (zipfile.BadZipFile, KeyError, EOFError):
            raise BackupDamaged(name, reason="cannot be read") from None
