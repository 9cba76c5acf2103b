"""JSON is read in one way only, or refused."""

import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.errors import InvalidInput
from ledgerflow_server.edge import json_body


def why(raw: bytes) -> object:
    with pytest.raises(InvalidInput) as caught:
        json_body.check(raw)
    return caught.value.problems[0].facts["why"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":1,"a":1}', "name-twice"),
        (b'{"a":{"b":1,"\\u0062":2}}', "name-twice"),
        (b"NaN", "not-a-number"),
        (b'{"a":-Infinity}', "not-a-number"),
        (b"1e999", "not-a-number"),
        (b"[" * 17 + b"]" * 17, "too-deep"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "too-deep"),
        (b"[" * 1_000_000, "too-deep"),
        (b'{"a":1', "not-json"),
        (b"", "not-json"),
        (b"{} {}", "not-json"),
        (b"1" * 5000, "not-json"),
        (b'"\xff"', "not-utf-8"),
        (b'\xef\xbb\xbf"a"', "not-json"),
        ('"a"'.encode("utf-16"), "not-utf-8"),
        (b'"\\ud800"', "unkeepable-text"),
        (b'{"\\u0000":1}', "unkeepable-text"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(raw: bytes, reason: str) -> None:
    assert why(raw) == reason


@pytest.mark.parametrize(
    "raw",
    [b"[" * 16 + b"]" * 16, b'"[[[[[[[[[[[[[[[[[[[[[["', b'"\\"{{{{{{{{{{{{{{{{{{"', b'"\\\\u0000 \\ud83d\\ude00"'],
)
def test_what_only_looks_so_is_read(raw: bytes) -> None:
    assert json_body.check(raw) == json.loads(raw)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
        max_leaves=8,
    )
)
def test_ordinary_json_is_what_it_is(value: object) -> None:
    assert json_body.check(json.dumps(value).encode(), depth=100) == value


@pytest.mark.parametrize("unit", [b'\\"', b'"', b"\\", b'"{', b"[]"])
def test_no_text_takes_more_than_its_length(unit: bytes) -> None:
    """One megabyte of the worst there is; a pattern that looks twice would take minutes."""
    begun = time.perf_counter()
    with pytest.raises(InvalidInput):
        json_body.check(b'"' + unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - begun < 5


class Hello(msgspec.Struct, forbid_unknown_fields=True):
    heads: list[int]


def test_a_value_of_a_kind_is_read_or_refused_with_its_place() -> None:
    assert json_body.decode(b'{"heads":[1]}', Hello) == Hello([1])
    for raw, place in ((b'{"heads":[1,"x"]}', "body.heads[1]"), (b'{"heads":[],"more":1}', "body"), (b"[]", "body")):
        with pytest.raises(InvalidInput) as caught:
            json_body.decode(raw, Hello)
        assert (caught.value.problems[0].code, caught.value.problems[0].place) == ("invalid-field", place)
