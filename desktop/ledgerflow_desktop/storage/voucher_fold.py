"""Vouchers while a piece of the log is folded in: kept in memory version by version, their rows written once.

A voucher that was posted and altered ten times in one piece costs one set of rows, and taking a version back costs
nothing until the rows are written.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.identifiers import VoucherId, to_bytes, to_text
from ledgerflow_core.posting.projection import Projector, Rows
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.storage import row_store
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.log_store import Reader
from ledgerflow_desktop.storage.voucher_versions import version_at

# (number of the voucher type, day number of the year, number): what no two vouchers share
NumberKey = tuple[int, int, str]
_ASKED_AT_ONCE = 500


class Place(NamedTuple):
    """Which version of which voucher of this file, and where its event stands."""

    no: int
    version: int
    position: int


class Version(NamedTuple):
    """A voucher as it is, and where that stands; `hash` is its version hash (hex), empty where nobody asked."""

    voucher: Voucher
    place: Place
    hash: str


class VoucherFold:
    """The vouchers a transaction touches. `write` brings the tables to where they are here."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._log = Reader(connection)
        # What the tables have, where it was asked for, and what is to replace it.
        self._kept: dict[VoucherId, Place | None] = {}
        self._unique: set[int] = set()  # those of them, by number, that have their voucher number for themselves
        self._now: dict[VoucherId, Version | None] = {}
        self._made: dict[tuple[int, int], int] = {}

    def look_up(self, vouchers: Iterable[VoucherId]) -> None:
        """Ask the tables for many vouchers at once; what is asked one by one later is then known."""
        unknown = [voucher for voucher in dict.fromkeys(vouchers) if voucher not in self._kept]
        for at in range(0, len(unknown), _ASKED_AT_ONCE):
            asked = unknown[at : at + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(asked))
            rows = self._connection.execute(
                f"SELECT year IS NOT NULL, id, no, version, position FROM voucher WHERE id IN ({marks})",  # noqa: S608 - only marks
                [to_bytes(voucher) for voucher in asked],
            ).fetchall()
            found = {VoucherId(to_text(row[1])): Place(*row[2:]) for row in rows}
            self._unique.update(row[2] for row in rows if row[0])
            for voucher in asked:
                self._kept[voucher] = found.get(voucher)

    def place_of(self, voucher: VoucherId) -> Place | None:
        """Return where the voucher's version in effect stands, None where there is no such voucher."""
        if voucher in self._now:
            now = self._now[voucher]
            return None if now is None else now.place
        if voucher not in self._kept:
            self.look_up([voucher])
        return self._kept[voucher]

    def hash_of(self, voucher: VoucherId) -> str | None:
        """Return the version hash (hex) of a voucher as it is, None where there is no such voucher."""
        now = self._now.get(voucher)
        if now is not None and now.hash:
            return now.hash
        place = self.place_of(voucher)
        return None if place is None else version_hash(self._log.read(place.position)).hex()

    def get(self, voucher: VoucherId) -> Version | None:
        """Return a voucher as it is, None where there is no such voucher."""
        if voucher in self._now:
            return self._now[voucher]
        place = self.place_of(voucher)
        if place is None:
            return None
        raw = self._log.read(place.position)
        shown = version_at(self._connection, self._log, place.position)
        return Version(shown, place, version_hash(raw).hex())

    def holder_of(self, number: NumberKey) -> VoucherId | None:
        """Return the voucher that has a number in the tables, unless it was taken back here."""
        row = self._connection.execute(
            "SELECT id FROM voucher WHERE type_no = ? AND year = ? AND number = ?", number
        ).fetchone()
        if row is None:
            return None
        voucher = VoucherId(to_text(row[0]))
        return None if voucher in self._now and self._now[voucher] is None else voucher

    # --- changes --------------------------------------------------------------------------------

    def post(self, voucher: Voucher, place: Place, version: str) -> None:
        """Add a voucher; `Damaged` where there is one by this id."""
        if self.place_of(voucher.id) is not None:
            raise Damaged(f"log position {place.position}", reason="posts a voucher that is there", voucher=voucher.id)
        self._now[voucher.id] = Version(voucher, place, version)

    def replace(self, voucher: VoucherId, after: Voucher | None, position: int, version: str) -> None:
        """Give a voucher its next version; None cancels it. `Damaged` where there is no such voucher."""
        before = self.get(voucher)
        if before is None:
            raise Damaged(f"log position {position}", reason="alters a voucher that is not there", voucher=voucher)
        no, number, earlier = before.place
        self._made[no, number] = earlier
        shown = cancelled(before.voucher) if after is None else after
        self._now[voucher] = Version(shown, Place(no, number + 1, position), version)

    def take_back(self, voucher: VoucherId, position: int) -> int | None:
        """Undo the event at `position`, which made the version in effect; return the number of a voucher it posted."""
        now = self.place_of(voucher)
        if now is None or now.position != position:
            raise Damaged(f"log position {position}", reason="is not the version in effect", voucher=voucher)
        if now.version == 1:
            self._now[voucher] = None
            return now.no
        earlier = self._position_of(now.no, now.version - 1)
        raw = self._log.read(earlier)
        shown = version_at(self._connection, self._log, earlier)
        self._now[voucher] = Version(shown, Place(now.no, now.version - 1, earlier), version_hash(raw).hex())
        return None

    def _position_of(self, no: int, version: int) -> int:
        made = self._made.get((no, version))
        if made is not None:
            return made
        row = self._connection.execute(
            "SELECT position FROM voucher_version WHERE voucher_no = ? AND version = ?", (no, version)
        ).fetchone()
        if row is None:
            raise Damaged(f"voucher no {no}", reason="an earlier version is missing", version=version)
        return int(row[0])

    # --- rows -----------------------------------------------------------------------------------

    def write(self, projector: Projector) -> None:
        """Write what changed: rows of former versions go, those of the present ones come."""
        old, new = Rows(), Rows()
        # The version each voucher ends with, 0 where it goes, of those the tables had already.
        ends: dict[int, int] = {}
        for voucher, now in self._now.items():
            kept = self._kept[voucher]
            if kept is not None and (now is None or kept != now.place):
                before = version_at(self._connection, self._log, kept.position)
                projector.add(old, before, no=kept.no, version=kept.version, position=kept.position)
                ends[kept.no] = 0 if now is None else now.place.version
            if now is not None and kept != now.place:
                no, version, position = now.place
                is_unique = no in self._unique if kept is not None and kept.no == no else None
                projector.add(new, now.voucher, no=no, version=version, position=position, is_unique=is_unique)
        if old.vouchers:
            row_store.take_back(self._connection, old)
        row_store.insert(self._connection, new)
        self._write_versions(ends)
        self._kept, self._now, self._made, self._unique = {}, {}, {}, set()

    def _write_versions(self, ends: Mapping[int, int]) -> None:
        """Keep for each voucher the versions below the one in effect."""
        present = {now.place.no: now.place.version for now in self._now.values() if now is not None}
        self._connection.executemany("DELETE FROM voucher_version WHERE voucher_no = ? AND version >= ?", ends.items())
        self._connection.executemany(
            "INSERT OR REPLACE INTO voucher_version VALUES (?, ?, ?)",
            [(*key, position) for key, position in self._made.items() if key[1] < present.get(key[0], 0)],
        )
