"""Identifiers: canonical text, the same for the same name everywhere, rising in the order of making."""

import random
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.identifiers import IdentifierSource, named, to_bytes, to_text


def a_source(*moments: int, seed: int = 1) -> IdentifierSource:
    """A source whose clock shows each moment once and then stands still at the last."""
    left = list(moments or (1_780_000_000_000,))
    return IdentifierSource(lambda: left.pop(0) if len(left) > 1 else left[0], random.Random(seed).randbytes)


@given(st.binary(min_size=16, max_size=16))
def test_sixteen_bytes_and_their_text_are_one(raw: bytes) -> None:
    assert to_bytes(to_text(raw)) == raw
    assert to_text(raw) == str(uuid.UUID(bytes=raw))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0190a6c0-7b1c-7000-8000-00000000000",
        "0190a6c0-7b1c-7000-8000-0000000000000",
        "0190a6c07b1c70008000000000000001",
        "0190A6C0-7B1C-7000-8000-000000000001",
        "{0190a6c0-7b1c-7000-8000-000000000001}",
        "0190a6c0-7b1c-7000-8000-00000000000g",
        "0190a6c0 7b1c 7000 8000 000000000001",
        "-190a6c0-7b1c-7000-8000-0000000000001",
        "०190a6c0-7b1c-7000-8000-000000000001",
        "\0" * 36,
    ],
)
def test_anything_but_canonical_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        to_bytes(text)
    assert refused.value.problems[0].code == "bad-identifier"


def test_a_named_id_is_the_same_everywhere_and_another_for_every_name() -> None:
    # SHA-256 of "ledgerflow/group\nsundry-debtors", first 16 bytes, version 8 and variant set.
    assert named("group", "sundry-debtors") == "192dcb9e-c535-8f7c-a6aa-e54865b72477"
    made = uuid.UUID(named("group", "sundry-debtors"))
    assert (made.version, made.variant) == (8, uuid.RFC_4122)
    assert len({named("group", "a"), named("group", "A"), named("account", "a"), named("group\na", "")}) == 4
    assert named("account", "\ud800")  # a lone surrogate of a damaged file has an id, too


def test_ids_are_of_version_7_and_carry_their_moment() -> None:
    made = uuid.UUID(a_source(1_780_293_600_000).new())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == 1_780_293_600_000


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=40), st.integers(0, 2**32))
def test_ids_rise_whatever_the_clock_does(moments: list[int], seed: int) -> None:
    source = a_source(*moments, seed=seed)
    made = [source.new() for _ in range(len(moments) + 5)]
    assert made == sorted(set(made))
    assert {uuid.UUID(each).version for each in made} == {7}


@given(st.lists(st.integers(0, 200), min_size=1, max_size=6), st.integers(0, 2**32))
def test_many_at_once_rise_as_one_by_one_do(counts: list[int], seed: int) -> None:
    source = a_source(seed=seed)
    made: list[str] = []
    for count in counts:
        batch = source.many(count)
        assert len(batch) == count
        made += [*batch, source.new()]
    assert made == sorted(set(made))
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in made} == {(7, uuid.RFC_4122)}


def test_ids_rise_even_when_chance_gives_only_the_highest_numbers() -> None:
    source = IdentifierSource(lambda: 5, lambda count: b"\xff" * count)
    made = [source.new() for _ in range(300)] + source.many(300)
    assert made == sorted(set(made))
