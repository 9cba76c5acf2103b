"""What must be true whatever happened: the promises of the design, over raw logs and what users were told.

Knows nothing of the product: it is told plain facts by the world (posted, destroyed, signed, idle) and reads logs as
bytes. Signatures are checked with the cryptography library alone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from simulation.oracle import Books, Entry, RawPiece, Tree, ensure, entries_of, fold, leaf_line


@dataclass
class Final:
    """One place at the end: its log, and its books as the program itself has them (`Books` in plain words)."""

    name: str
    log: list[RawPiece]
    books: Books
    seen: Books


@dataclass
class Checker:
    """Keeps account of one run. What disasters `lost` may still have been on its way; `gone` is nowhere at the end."""

    posted: dict[str, bytes] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    numbers: dict[tuple[str, str, int], str] = field(default_factory=dict)
    _trees: dict[str, Tree] = field(default_factory=dict)
    _series: dict[str, set[int]] = field(default_factory=dict)
    _issued: set[bytes] = field(default_factory=set)
    _told: dict[str, int] = field(default_factory=dict)
    _roots: dict[tuple[str, int], str] = field(default_factory=dict)

    # --- told while it runs ---------------------------------------------------------------------

    def saved(self, event: str, raw: bytes) -> None:
        """A user saw "saved"."""
        ensure(event not in self.posted, "an event has an id of its own", event)
        self.posted[event] = raw[raw.index(b'"at":') :]

    def numbered(self, machine: str, tag: str, number: str, event: str) -> None:
        """A machine gave a number; a machine that knows its past never gives one twice (I9).

        A series is of one replica, named by its `tag`, and one financial year, whatever prefix stands before it.
        """
        *_, year, serial = number.split("/")
        series = f"{tag}/{year}"
        given = (machine, series, int(serial))
        ensure(given not in self.numbers, "I9 a machine gives a number once", (machine, number))
        self.numbers[given] = event
        self._series.setdefault(series, set()).add(int(serial))

    def forgets(self, machine: str) -> None:
        """A machine was put back in time whole: it cannot know what it gave since."""
        for known in [known for known in self.numbers if known[0] == machine]:
            del self.numbers[known]

    def destroyed(self, events: list[str], how: str) -> None:
        """The injector destroyed the only copies of these."""
        for event in events:
            self.lost.setdefault(event, how)

    def logged(self, incarnation: str, first: int, lines: list[bytes]) -> None:
        """The server put entries on its disk: what it signed of one incarnation never changes (I11)."""
        tree = self._tree(incarnation)
        ensure(first <= len(tree.leaves) + 1, "I5 gseq without a hole", first)
        for at, line in enumerate(lines, start=first - 1):
            if tree.leaves[at : at + 1] == [line]:
                continue
            # Entries that nobody was told of may go with a crash and a restore.
            ensure(at >= self._told.get(incarnation, 0), "I11 an entry of one incarnation stays", (at + 1, line))
            del tree.leaves[at:]
            tree.leaves.append(line)

    def begins(self, incarnation: str, former: str, size: int) -> None:
        """Another life of the log begins with the first entries of the former."""
        ensure(incarnation not in self._trees, "I11 an incarnation is another one", incarnation)
        self._tree(incarnation).leaves.extend(self._tree(former).leaves[:size])

    def _tree(self, incarnation: str) -> Tree:
        return self._trees.setdefault(incarnation, Tree())

    def signed(self, incarnation: str, size: int, root: str, signed: bytes) -> None:
        """The server signed the log's root at a size; `signed` is the statement with its signature."""
        self._issued.add(signed)
        known = self._roots.setdefault((incarnation, size), root)
        ensure(known == root, "I11 one root at one size of one incarnation", (incarnation, size))
        self._told[incarnation] = max(size, self._told.get(incarnation, 0))

    def kept(self, signed: bytes, where: str) -> None:
        """A replica keeps a checkpoint or a receipt for good: it is one the server made, to the byte."""
        ensure(signed in self._issued, "a kept statement is the server's", (where, signed[:200]))

    def receipt(self, signed: bytes, committed: Callable[[str, int], tuple[int, str] | None]) -> None:
        """A receipt leaves the server; `committed` says what its disk holds: replica, seq to (gseq, event id) (I2)."""
        said = json.loads(signed.rpartition(b"\n")[0])
        self.signed(said["incarnation"], said["size"], said["root"], signed)
        seq = said["first"]
        for gseq, runs in said["results"]:
            place = gseq
            for run in runs:
                for _ in range(run[0]):
                    there = committed(said["replica"], seq)
                    ensure(there is not None and there[0] == place, "I2 acknowledged is committed", (seq, place))
                    assert there is not None, "checked above"
                    self.acknowledged.setdefault(there[1], place)
                    seq, place = seq + 1, place + 1
        ensure(seq == said["last"] + 1, "a receipt speaks of each event", said["first"])

    # --- at the end -----------------------------------------------------------------------------

    def finish(self, server: Final, replicas: list[Final], kept: dict[str, str], incarnation: str) -> list[Entry]:
        """Check everything; `kept` are events that a device the server shut out still holds, and on which."""
        entries = entries_of(server.log)
        lines = [leaf_line(entry) for entry in entries]
        books = fold(entries)
        self._roots_fit(incarnation, lines)
        for piece in server.log:
            header = json.loads(piece.header)
            ensure(signed_by(header["signer"], b"ledgerflow/batch/v1\n" + piece.header, piece.signature),
                   "a batch in the log is signed", piece.gseq)  # fmt: skip
        self._nothing_lost(entries, kept)
        for series, serials in self._series.items():
            ensure(serials == set(range(1, len(serials) + 1)), "I9 a series is consecutive", series)
        for place in (server, *replicas):
            if place is not server:
                ensure(place.log == server.log, "I7 the same log everywhere", place.name)
            self._same_books(place, books)
        return entries

    def _roots_fit(self, incarnation: str, lines: list[bytes]) -> None:
        ensure(self._tree(incarnation).leaves[: len(lines)] == lines, "I11 the log is what was signed", incarnation)
        for (life, size), root in self._roots.items():
            tree = self._trees.get(life)
            ensure(tree is not None and size <= len(tree.leaves), "I11 nothing signed that was not there", (life, size))
            assert tree is not None, "checked above"
            ensure(tree.root(size) == root, "I11 a signed root is the root of the log", (life, size))

    def _nothing_lost(self, entries: list[Entry], kept: dict[str, str]) -> None:
        there = {entry.id: entry for entry in entries if entry.verdict[0] != "duplicate"}
        for event, payload in self.posted.items():
            entry = there.get(event)
            if entry is None:
                how = "acknowledged" if event in self.acknowledged else "never acknowledged"
                ensure(event in self.lost or event in kept, "I1 nothing posted is lost", (event, how))
                if event not in kept:
                    self.gone.append(event)
                continue
            ensure(entry.raw.endswith(payload), "I13 bytes as they were posted", event)

    def _same_books(self, place: Final, books: Books) -> None:
        for name in ("vouchers", "numbers", "masters", "company", "locked_until", "lock", "balances"):
            for what, said in (("books", place.books), ("books as seen", place.seen)):
                ours, theirs = _without_zeros(getattr(books, name)), _without_zeros(getattr(said, name))
                ensure(ours == theirs, f"I7 the same {what}", (place.name, name, _difference(ours, theirs)))


def _without_zeros(value: object) -> object:
    return {key: each for key, each in value.items() if each != 0} if isinstance(value, dict) else value


def _difference(ours: object, theirs: object) -> object:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
        return [(key, ours.get(key), theirs.get(key)) for key in keys[:2]]
    if isinstance(ours, set) and isinstance(theirs, set):
        return sorted(ours ^ theirs)[:2]
    return ours, theirs


@lru_cache(maxsize=4096)
def signed_by(key: str, statement: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 key (hex) signed this."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True
