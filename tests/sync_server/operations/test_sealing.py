"""Sealed streams open for their key and name, and for nothing that was changed, moved or cut."""

import os

import pytest

from ledgerflow_server.operations.sealing import PIECE, SealBroken, Sealer, key_of, opened

KEY = key_of("correct horse battery staple", b"s" * 16)


def sealed(content: bytes, name: str = "a", step: int = 100_000) -> bytes:
    made = bytearray()
    sealer = Sealer(KEY, name, made.extend)
    for at in range(0, len(content), step):
        sealer.write(content[at : at + step])
    sealer.close()
    return bytes(made)


def parts(raw: bytes, step: int = 70_001) -> list[bytes]:
    return [raw[at : at + step] for at in range(0, len(raw), step)]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5])
def test_what_was_sealed_comes_out(size: int) -> None:
    content = os.urandom(size)
    raw = sealed(content)
    assert b"".join(opened(KEY, "a", parts(raw))) == content
    assert size < 64 or content[:64] not in raw


def test_another_passphrase_or_name_opens_nothing() -> None:
    raw = sealed(b"books")
    for key, name in ((key_of("correct horse battery stapler", b"s" * 16), "a"), (KEY, "b")):
        with pytest.raises(SealBroken):
            list(opened(key, name, [raw]))


def test_a_changed_moved_missing_or_added_piece_does_not_open() -> None:
    raw = sealed(os.urandom(2 * PIECE + 9))
    piece = PIECE + 16
    swapped = raw[:7] + raw[7 + piece : 7 + 2 * piece] + raw[7 : 7 + piece] + raw[7 + 2 * piece :]
    changed = raw[:500] + bytes([raw[500] ^ 1]) + raw[501:]
    for wrong in (changed, swapped, raw[: 7 + 2 * piece], raw[:-1], raw + b"x", raw[:5], b""):
        with pytest.raises(SealBroken):
            list(opened(KEY, "a", parts(wrong)))
