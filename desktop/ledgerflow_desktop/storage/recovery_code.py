"""The recovery code: 160 random bits printed once, in a form that survives paper and telephone.

Crockford's base 32 (no I, L, O, U) in eight groups of four, and a last group of two check symbols, so a
slip of the pen is told apart from a wrong code.
"""

import hashlib

from ledgerflow_core.errors import InvalidInput, refuse

_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011")
SECRET_LENGTH = 20


def code_of(secret: bytes) -> str:
    """Return the code of 20 secret bytes: ``XXXX-XXXX-...-XX``."""
    assert len(secret) == SECRET_LENGTH, "a recovery secret has 20 bytes"
    text = _encode(secret) + _check(secret)
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def secret_of(code: str) -> bytes:
    """Return the secret of a code as people write it: any case, O for 0, I and L for 1, blanks or dashes.

    Refuses a code of the wrong length or with a slip in it (`bad-recovery-code`).
    """
    text = "".join(code.upper().translate(_READ_AS).replace("-", "").split())
    if len(text) == 34 and all(symbol in _SYMBOLS for symbol in text):
        number = 0
        for symbol in text[:32]:
            number = number << 5 | _SYMBOLS.index(symbol)
        secret = number.to_bytes(SECRET_LENGTH, "big")
        if _check(secret) == text[32:]:
            return secret
    raise refuse("bad-recovery-code")


def looks_like_a_code(text: str) -> bool:
    """Whether what was typed is meant as a recovery code rather than a passphrase."""
    try:
        secret_of(text)
    except InvalidInput:
        return False
    return True


def _encode(secret: bytes) -> str:
    number = int.from_bytes(secret, "big")
    return "".join(_SYMBOLS[number >> shift & 31] for shift in range(155, -1, -5))


def _check(secret: bytes) -> str:
    digest = hashlib.sha256(b"ledgerflow/recovery-check\n" + secret).digest()
    return _SYMBOLS[digest[0] & 31] + _SYMBOLS[digest[1] & 31]
