"""Signed statements: JSON bytes made once, and an Ed25519 signature over them for one purpose alone."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledgerflow_core.errors import Damaged


class Signed:
    """The bytes of a statement with the signature over them. Equal when both are."""

    __slots__ = ("signature", "statement")

    def __init__(self, statement: bytes, signature: bytes) -> None:
        self.statement = statement
        self.signature = signature

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Signed) and self.statement == other.statement and self.signature == other.signature

    def __hash__(self) -> int:
        return hash((self.statement, self.signature))

    def to_bytes(self) -> bytes:
        """Return the statement, a newline and the signature in hex: how it is kept and sent."""
        return self.statement + b"\n" + self.signature.hex().encode()

    @classmethod
    def from_bytes(cls, raw: bytes, place: str) -> "Signed":
        """Read back `to_bytes`; `Damaged` for anything else."""
        statement, newline, signature = raw.rpartition(b"\n")
        try:
            decoded = bytes.fromhex(signature.decode("ascii"))
        except ValueError:
            decoded = b""
        if not newline or len(decoded) != 64:
            raise Damaged(place, reason="not a signed statement")
        return cls(statement, decoded)


def sign(key: Ed25519PrivateKey, domain: bytes, statement: bytes) -> Signed:
    """Sign a statement for one purpose; bytes signed for another never verify for it."""
    return Signed(statement, key.sign(domain + statement))


def verifies(key: Ed25519PublicKey, domain: bytes, signed: Signed) -> bool:
    """Whether the signature is the key's, over this statement and for this purpose."""
    try:
        key.verify(signed.signature, domain + signed.statement)
    except InvalidSignature:
        return False
    return True


def public_key(hexadecimal: str) -> Ed25519PublicKey | None:
    """Return the Ed25519 key of 64 hex digits, None for anything else."""
    try:
        raw = bytes.fromhex(hexadecimal)
        return Ed25519PublicKey.from_public_bytes(raw) if len(raw) == 32 else None
    except ValueError:
        return None
