"""How far which life of each company's log had come, remembered outside the database: a database set back shows by it.

A beacon may lag behind the log (it is written after the commit, and not waited for), never run ahead of it. So a log
shorter than its beacon, with another root at that size, or of another life, is a restored or altered database.
"""

import fcntl
import os
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ledgerflow_core.identifiers import CompanyId, to_bytes
from ledgerflow_server.keys import files
from ledgerflow_server.keys.files import KeysDamaged

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Every beacon is as long, and shorter than a sector of a disk: written over, it is the old or the new one whole.
# Renaming a new file into its place would wait for the file system's journal, at every batch.
_BYTES = 256


class Beacon(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The log of a company, in its life `incarnation`, had `size` entries and the Merkle root `root` (hex).

    `incarnation` is empty where the file is of before beacons named it: of any life, until the next write names one.
    `went_on` after a restore that no later beacon came through: the log had more, and nobody here knows how much.
    """

    incarnation: str = ""
    size: int
    root: str
    went_on: bool = False


@dataclass(frozen=True, slots=True)
class Beacons:
    """The beacons of one server, one small file a company, in a folder for each tenant: two may have one book's id."""

    folder: Path

    def of(self, tenant_no: int) -> "Beacons":
        """Return the beacons of one tenant."""
        return Beacons(self.folder / str(tenant_no))

    def tenants(self) -> list[int]:
        """Return the tenants with beacons, by number; other folders are left out."""
        return sorted(int(path.name) for path in self.folder.glob("*/") if path.name.isdecimal())

    def read(self, company: CompanyId) -> Beacon | None:
        """Return a company's beacon; None where none was written. Raises `KeysDamaged`.

        An empty file counts as none: a loss of power may leave one, and the next commit writes it anew.
        """
        return decoded(self.raw(company), self._path(company))

    def raw(self, company: CompanyId) -> bytes:
        """Return what a company's file holds, as it is between two writes; nothing where there is none."""
        try:
            with self._path(company).open("rb") as file:
                # Who reads while somebody writes may find the size of one beacon with the root of another.
                fcntl.flock(file, fcntl.LOCK_SH)
                return file.read()
        except FileNotFoundError:
            return b""

    def write(self, company: CompanyId, beacon: Beacon) -> None:
        """Remember how far the log is, whole or not at all; ignored for one that is no longer or of another life."""
        path = self._path(company)
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            files.make_folder(self.folder)
            files.replace(path, _encoded(beacon), durable=False)
            return
        try:
            # Two processes may be about to write what two batches came to, in another order than they came.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            content = os.read(descriptor, _BYTES)
            known = decoded(content, path)
            if known is not None and (known.incarnation not in ("", beacon.incarnation) or known.size >= beacon.size):
                return
            if len(content) == _BYTES:
                os.pwrite(descriptor, _encoded(beacon), 0)
            else:
                # Empty, or of before all were as long: a file that grows may be found after a loss of power half grown.
                files.replace(path, _encoded(beacon), durable=False)
        finally:
            os.close(descriptor)

    def begin(self, company: CompanyId, beacon: Beacon) -> None:
        """Remember this, durably, in the place of whatever was: somebody decided that the log goes on from here."""
        files.make_folder(self.folder)
        files.replace(self._path(company), _encoded(beacon))

    def companies(self) -> list[CompanyId]:
        """Return the companies with a beacon, in the order of their ids; other files are left out."""
        return [CompanyId(path.stem) for path in sorted(self.folder.glob("*.json")) if _UUID.fullmatch(path.stem)]

    def _path(self, company: CompanyId) -> Path:
        to_bytes(company)  # an id and nothing else becomes a file's name
        return self.folder / f"{company}.json"


def _encoded(beacon: Beacon) -> bytes:
    return msgspec.json.encode(beacon).ljust(_BYTES)


def decoded(content: bytes, path: Path) -> Beacon | None:
    """Return the beacon a file holds, None for an empty one. Raises `KeysDamaged`, naming `path`."""
    if not content:
        return None
    try:
        return msgspec.json.decode(content, type=Beacon)
    except msgspec.DecodeError:
        raise KeysDamaged(str(path)) from None
