"""The Merkle tree over a company's log: one root stands for every entry, and short proofs say so.

The tree is RFC 6962 section 2.1 to the byte, so proofs can be checked by programs that are not ours; proofs are
checked as in RFC 9162 sections 2.1.3.2 and 2.1.4.2. A hash is SHA-256, 32 bytes. `leaves` are always leaf
hashes (`leaf_hash` of each entry) in the order of the log, never the entries themselves.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledgerflow_core.errors import Damaged

HASH_BYTES = 32

# The prefixes keep a leaf from ever passing for a node, or a node for a leaf.
_LEAF = b"\x00"
_NODE = b"\x01"
_SIZE = struct.Struct(">Q")


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash that stands for an entry in the tree."""
    return sha256(_LEAF + entry).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()


def _all_hashes(values: Sequence[bytes]) -> bool:
    return set(map(len, values)) <= {HASH_BYTES}


@dataclass(frozen=True, slots=True)
class Frontier:
    """As much of a tree as growing it needs: `size` leaves, and the roots of its perfect subtrees, largest first.

    There is one root for each bit set in `size`, hence at most 64 for any log.
    """

    size: int
    nodes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        assert self.size >= 0 and len(self.nodes) == self.size.bit_count(), "one node for each bit set in size"
        assert _all_hashes(self.nodes), "a node is a hash"

    @classmethod
    def empty(cls) -> "Frontier":
        """Return the frontier of a tree without leaves."""
        return cls(0, ())

    def extend(self, leaves: Sequence[bytes]) -> "Frontier":
        """Return the frontier after appending `leaves` in order."""
        assert _all_hashes(leaves), "leaves are hashes, not entries"
        waiting, nodes = list(self.nodes), []
        row, before = list(leaves), self.size
        # One level of the tree a turn, leaves first: `row` is what is new on it, `before` how many nodes it had.
        while row or before:
            if before & 1:
                row.insert(0, waiting.pop())
            if len(row) & 1:
                nodes.append(row.pop())
            row = [_node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
            before >>= 1
        return Frontier(self.size + len(leaves), tuple(reversed(nodes)))

    def root(self) -> bytes:
        """Return the root of the tree; of an empty tree, the SHA-256 of nothing."""
        if not self.nodes:
            return sha256().digest()
        *larger, root = self.nodes
        for left in reversed(larger):
            root = _node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """Return `size` as 8 bytes, big-endian, then the nodes, largest first."""
        return _SIZE.pack(self.size) + b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Frontier":
        """Return the frontier that `to_bytes` wrote; `Damaged` if the length is not the one its size asks for."""
        if len(raw) < _SIZE.size:
            raise Damaged("frontier", reason="cut off before the end of its size", bytes=len(raw))
        (size,) = _SIZE.unpack_from(raw)
        expected = _SIZE.size + size.bit_count() * HASH_BYTES
        if len(raw) != expected:
            raise Damaged("frontier", reason="not as long as its size asks for", bytes=len(raw), expected=expected)
        return cls(size, tuple(raw[at : at + HASH_BYTES] for at in range(_SIZE.size, expected, HASH_BYTES)))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over `leaves`."""
    return Frontier.empty().extend(leaves).root()


def _split(size: int) -> int:
    """Return the size of the left subtree of a tree of `size` > 1: the largest power of two below it."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges (start, end) of leaves whose roots lead from leaf `index` (from 0) up to the root of `size`.

    Lowest first: PATH of RFC 6962. Whoever has the leaves elsewhere makes the roots there, a few at a time.
    """
    assert 0 <= index < size, "no such leaf"
    return _path(index, 0, size)


def _path(index: int, start: int, end: int) -> list[tuple[int, int]]:
    if end - start == 1:
        return []
    split = start + _split(end - start)
    if index < split:
        return [*_path(index, start, split), (split, end)]
    return [*_path(index, split, end), (start, split)]


def consistency_ranges(first: int, second: int) -> list[tuple[int, int]]:
    """Return the ranges (start, end) of leaves whose roots show the tree of `second` to begin with that of `first`.

    PROOF of RFC 6962. Empty for equal sizes and for `first` 0, where nothing needs showing.
    """
    assert 0 <= first <= second, "no such trees"
    return _subproof(first, 0, second, known=True) if first else []


def _subproof(first: int, start: int, end: int, *, known: bool) -> list[tuple[int, int]]:
    """Return SUBPROOF of RFC 6962; `known` says that whoever checks has the root over the first leaves already."""
    if first == end:
        return [] if known else [(start, end)]
    split = start + _split(end - start)
    if first <= split:
        return [*_subproof(first, start, split, known=known), (split, end)]
    return [*_subproof(first, split, end, known=False), (start, split)]


def _siblings_left(index: int, last: int) -> Iterator[bool]:
    """Yield for each sibling on the way up from node `index`, of a level ending with node `last`, if it is left.

    A node without a sibling rises to the level where it has one. Both checks of RFC 9162 describe this walk.
    """
    while last:
        left = bool(index & 1) or index == last
        yield left
        while left and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether `proof` leads from leaf hash `leaf` at `index` (from 0) to the `root` of a tree of `size`.

    `size` and `root` must come from one signed checkpoint: trees of several sizes can share the shape of a
    path, so the check alone does not prove the size.
    """
    if not 0 <= index < size or not _all_hashes([leaf, *proof]):
        return False
    sides = list(_siblings_left(index, size - 1))
    if len(proof) != len(sides):
        return False
    reached = leaf
    for sibling, left in zip(proof, sides, strict=True):
        reached = _node_hash(sibling, reached) if left else _node_hash(reached, sibling)
    return reached == root


def verify_consistency(
    first_size: int, first_root: bytes, second_size: int, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether `proof` shows the second tree to be the first with leaves appended.

    Each size and root must come from one signed checkpoint, as for `verify_inclusion`. Every tree continues the
    empty one, so from size 0 an empty proof is right and says nothing of a second tree that has leaves.
    """
    if not 0 <= first_size <= second_size or not _all_hashes([first_root, second_root, *proof]):
        return False
    if first_size == 0 and first_root != root_of([]):
        return False
    if first_size == second_size:
        return not proof and first_root == second_root
    if first_size == 0:
        return not proof
    # A perfect first tree is itself a node of the second; the proof leaves out what the checker has.
    nodes = [first_root, *proof] if first_size.bit_count() == 1 else list(proof)
    index, last = first_size - 1, second_size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    sides = list(_siblings_left(index, last))
    if len(nodes) != 1 + len(sides):
        return False
    first = second = nodes[0]
    for node, left in zip(nodes[1:], sides, strict=True):
        # What lies to the left is in both trees; what lies to the right came later.
        if left:
            first = _node_hash(node, first)
        second = _node_hash(node, second) if left else _node_hash(second, node)
    return first == first_root and second == second_root
