"""The Merkle tree: the published figures, the definition of RFC 6962, and proofs that nothing else fits."""

import hashlib
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.errors import Damaged
from ledgerflow_core.sync.merkle import (
    Frontier,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH of RFC 6962, of leaves that are all at hand."""
    return [root_of(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves))]


def consistency_proof(leaves: Sequence[bytes], first: int, second: int | None = None) -> list[bytes]:
    """PROOF of RFC 6962, of leaves that are all at hand."""
    second = len(leaves) if second is None else second
    return [root_of(leaves[start:end]) for start, end in consistency_ranges(first, second)]


# Published with Certificate Transparency: google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc
# (entries and roots), and its successor transparency-dev/merkle, testonly/constants.go (nodes, compact trees)
# and testonly/reference_test.go (proofs).
PUBLISHED_ENTRIES = [
    bytes.fromhex(entry)
    for entry in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
PUBLISHED_ROOTS = [
    bytes.fromhex(root)
    for root in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
# Nodes of the published tree by the first and the last leaf under them.
NODE = {
    name: bytes.fromhex(node)
    for name, node in {
        "0": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "1": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "2": "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "3": "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "4": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "5": "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "6": "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "7": "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
        "0-1": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "2-3": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "4-5": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "6-7": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "0-3": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4-7": "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        "0-7": "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }.items()
}
PUBLISHED_FRONTIERS = ["", "0", "0-1", "0-1 2", "0-3", "0-3 4", "0-3 4-5", "0-3 4-5 6", "0-7"]
PUBLISHED_INCLUSIONS = [
    (0, 1, ""),
    (0, 2, "1"),
    (1, 2, "0"),
    (2, 3, "0-1"),
    (1, 5, "0 2-3 4"),
    (0, 8, "1 2-3 4-7"),
    (5, 8, "4 6-7 0-3"),
]
PUBLISHED_CONSISTENCIES = [(1, 1, ""), (1, 8, "1 2-3 4-7"), (2, 5, "2-3 4"), (6, 8, "4-5 6-7 0-3")]

PUBLISHED_LEAVES = [leaf_hash(entry) for entry in PUBLISHED_ENTRIES]


def nodes(names: str) -> list[bytes]:
    return [NODE[name] for name in names.split()]


def test_a_leaf_hashes_as_published() -> None:
    assert nodes("0 1 2 3 4 5 6 7") == PUBLISHED_LEAVES


@pytest.mark.parametrize("size", range(9))
def test_roots_and_frontiers_are_the_published_ones(size: int) -> None:
    frontier = Frontier.empty().extend(PUBLISHED_LEAVES[:size])
    assert frontier == Frontier(size, tuple(nodes(PUBLISHED_FRONTIERS[size])))
    assert frontier.root() == root_of(PUBLISHED_LEAVES[:size]) == PUBLISHED_ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), PUBLISHED_INCLUSIONS)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int, path: str) -> None:
    assert inclusion_proof(PUBLISHED_LEAVES[:size], index) == nodes(path)
    assert verify_inclusion(PUBLISHED_LEAVES[index], index, size, nodes(path), PUBLISHED_ROOTS[size])


@pytest.mark.parametrize(("first", "second", "path"), PUBLISHED_CONSISTENCIES)
def test_consistency_proofs_are_the_published_ones(first: int, second: int, path: str) -> None:
    assert consistency_proof(PUBLISHED_LEAVES, first, second) == nodes(path)
    assert verify_consistency(first, PUBLISHED_ROOTS[first], second, PUBLISHED_ROOTS[second], nodes(path))


# --- against the definition ---------------------------------------------------------------------

# Every leaf differs: two equal neighbours could change places and no proof would, or should, tell.
ENTRIES = [b"entry %d" % at for at in range(66)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def defined_root(entries: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, from the entries, with nothing of the code under test."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = max(2**power for power in range(7) if 2**power < len(entries))
    return hashlib.sha256(b"\x01" + defined_root(entries[:split]) + defined_root(entries[split:])).digest()


def turns(index: int, size: int) -> list[str]:
    """The way from leaf `index` up to the root of a tree of `size`: the side of each sibling."""
    if size == 1:
        return []
    split = max(2**power for power in range(8) if 2**power < size)
    return [*turns(index, split), "right"] if index < split else [*turns(index - split, size - split), "left"]


ROOTS = [defined_root(ENTRIES[:size]) for size in range(66)]


@pytest.mark.parametrize("size", range(66))
def test_the_root_is_the_one_the_definition_gives(size: int) -> None:
    one_by_one = Frontier.empty()
    for leaf in LEAVES[:size]:
        one_by_one = one_by_one.extend([leaf])
    assert root_of(LEAVES[:size]) == one_by_one.root() == ROOTS[size]


@pytest.mark.parametrize("size", range(1, 66))
def test_every_leaf_of_every_tree_is_proven_at_its_own_place_alone(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(LEAVES[:size], index)
        fitting = [at for at in range(-1, 67) if verify_inclusion(LEAVES[index], at, size, proof, ROOTS[size])]
        assert fitting == [index]


@pytest.mark.parametrize("second", range(66))
def test_every_tree_is_proven_to_begin_with_every_smaller_one_and_no_other(second: int) -> None:
    for first in range(second + 1):
        proof = consistency_proof(LEAVES, first, second)
        fitting = [at for at in range(-1, 67) if verify_consistency(at, ROOTS[first], second, ROOTS[second], proof)]
        assert fitting == [first]


@pytest.mark.parametrize("size", range(1, 66))
def test_a_wrong_size_passes_only_where_the_way_to_the_root_is_the_same(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(LEAVES[:size], index)
        for wrong in range(-1, 67):
            same_way = wrong > index and turns(index, wrong) == turns(index, size)
            assert verify_inclusion(LEAVES[index], index, wrong, proof, ROOTS[size]) == same_way


@pytest.mark.parametrize("second", range(2, 66))
def test_a_wrong_second_size_passes_only_where_the_way_to_the_root_is_the_same(second: int) -> None:
    for first in range(1, second):
        proof = consistency_proof(LEAVES, first, second)
        for wrong in range(-1, 67):
            same_way = wrong > first and turns(first - 1, wrong) == turns(first - 1, second)
            assert verify_consistency(first, ROOTS[first], wrong, ROOTS[second], proof) == same_way


def test_every_tree_continues_the_empty_one_and_only_the_empty_one_has_its_root() -> None:
    assert consistency_proof(LEAVES, 0) == []
    assert verify_consistency(0, ROOTS[0], 66, root_of(LEAVES), [])
    assert verify_consistency(0, ROOTS[0], 0, ROOTS[0], [])
    assert not verify_consistency(0, ROOTS[0], 66, root_of(LEAVES), [LEAVES[0]])
    assert not verify_consistency(0, ROOTS[1], 66, root_of(LEAVES), [])
    assert not verify_consistency(0, ROOTS[1], 0, ROOTS[1], [])
    assert not verify_consistency(0, ROOTS[0], 0, ROOTS[1], [])
    assert not verify_inclusion(LEAVES[0], 0, 0, [], ROOTS[0])


def test_a_node_does_not_pass_for_an_entry_nor_an_entry_for_a_leaf() -> None:
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != root_of([left, right])
    with pytest.raises(AssertionError, match="not entries"):
        Frontier.empty().extend([b"an entry"])


def test_bytes_do_not_wander_between_neighbours_in_a_proof() -> None:
    leaf, sibling = LEAVES[:2]
    assert verify_inclusion(leaf, 0, 2, [sibling], ROOTS[2])
    assert not verify_inclusion(leaf + sibling[:1], 0, 2, [sibling[1:]], ROOTS[2])
    assert verify_consistency(1, leaf, 2, ROOTS[2], [sibling])
    assert not verify_consistency(1, leaf + sibling[:1], 2, ROOTS[2], [sibling[1:]])


def test_a_tree_continues_itself_without_any_proof() -> None:
    assert consistency_proof(LEAVES, 5, 5) == []
    assert verify_consistency(5, ROOTS[5], 5, ROOTS[5], [])
    assert not verify_consistency(5, ROOTS[5], 5, ROOTS[5], [LEAVES[5]])
    assert not verify_consistency(5, ROOTS[5], 5, ROOTS[6], [])


# --- properties ---------------------------------------------------------------------------------


@st.composite
def two_sizes(draw: st.DrawFn) -> tuple[int, int]:
    """Sizes of a tree and of a later one, both with leaves."""
    second = draw(st.integers(2, 65))
    return draw(st.integers(1, second - 1)), second


def flipped(value: bytes, bit: int) -> bytes:
    return (int.from_bytes(value) ^ 1 << bit).to_bytes(len(value))


A_BIT = st.integers(0, 255)


def spoilt(data: st.DataObject, proof: list[bytes]) -> list[bytes]:
    """The proof with one bit changed, one element left out, one too many, or two exchanged."""
    at = data.draw(st.integers(0, len(proof)))
    others = [[*proof[:at], data.draw(st.binary(min_size=32, max_size=32)), *proof[at:]]]
    if at < len(proof):
        others.append([*proof[:at], flipped(proof[at], data.draw(A_BIT)), *proof[at + 1 :]])
        others.append([*proof[:at], *proof[at + 1 :]])
        others.append([*proof[:at], proof[at][:-1], *proof[at + 1 :]])
    if at + 1 < len(proof):
        others.append([*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]])
    return data.draw(st.sampled_from(others))


@given(st.lists(st.lists(st.binary(min_size=32, max_size=32), max_size=40), max_size=8))
def test_growing_in_pieces_equals_growing_at_once(pieces: list[list[bytes]]) -> None:
    frontier = Frontier.empty()
    for piece in pieces:
        frontier = frontier.extend(piece)
    assert frontier == Frontier.empty().extend([leaf for piece in pieces for leaf in piece])


@given(two_sizes(), st.data())
def test_a_spoilt_inclusion_proof_fails(sizes: tuple[int, int], data: st.DataObject) -> None:
    index, size = sizes
    proof, leaf, root = inclusion_proof(LEAVES[:size], index), LEAVES[index], ROOTS[size]
    assert not verify_inclusion(leaf, index, size, spoilt(data, proof), root)
    assert not verify_inclusion(flipped(leaf, data.draw(A_BIT)), index, size, proof, root)
    assert not verify_inclusion(leaf, index, size, proof, flipped(root, data.draw(A_BIT)))


@given(two_sizes(), st.data())
def test_a_spoilt_consistency_proof_fails(sizes: tuple[int, int], data: st.DataObject) -> None:
    first, second = sizes
    proof, before, after = consistency_proof(LEAVES, first, second), ROOTS[first], ROOTS[second]
    assert not verify_consistency(first, before, second, after, spoilt(data, proof))
    assert not verify_consistency(first, flipped(before, data.draw(A_BIT)), second, after, proof)
    assert not verify_consistency(first, before, second, flipped(after, data.draw(A_BIT)), proof)


@given(two_sizes(), st.integers(0, 64))
def test_a_rewritten_past_has_no_proof(sizes: tuple[int, int], at: int) -> None:
    first, second = sizes
    rewritten = list(LEAVES[:second])
    rewritten[at % first] = leaf_hash(b"another entry")
    proof = consistency_proof(rewritten, first)
    assert not verify_consistency(first, ROOTS[first], second, root_of(rewritten), proof)


@given(st.integers(0, 2**64 - 1), st.randoms(use_true_random=False))
def test_a_frontier_comes_back_from_its_bytes(size: int, random: Random) -> None:
    frontier = Frontier(size, tuple(random.randbytes(32) for _ in range(size.bit_count())))
    raw = frontier.to_bytes()
    assert raw == size.to_bytes(8) + b"".join(frontier.nodes)
    assert Frontier.from_bytes(raw) == frontier


@pytest.mark.parametrize("size", [0, 1, 2, 7, 64, 65])
def test_a_frontier_cut_off_anywhere_or_too_long_is_damaged(size: int) -> None:
    raw = Frontier.empty().extend(LEAVES[:size]).to_bytes()
    for wrong in [*(raw[:end] for end in range(len(raw))), raw + b"\x00", raw + LEAVES[0]]:
        with pytest.raises(Damaged, match="frontier"):
            Frontier.from_bytes(wrong)


def test_a_frontier_with_a_node_too_few_cannot_be_made() -> None:
    with pytest.raises(AssertionError, match="one node for each bit"):
        Frontier(3, (LEAVES[0],))
