"""How a device proves itself to the server: what an enrolment code looks like, and the bytes its key signs.

An enrolment code reads ``K7QM-2XV9-0HJT-5BCD.<fingerprint>``: a secret for one use, and the name of the authority
that signed the server's certificate. Only the secret is hashed; the fingerprint is for the client.
"""

import hashlib

from ledgerflow_core.errors import refuse

# Crockford's base 32: no letter that reads as a digit.
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_SYMBOLS = 16
_GROUP = 4
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})

ENROLMENT = b"ledgerflow/enrolment/v1\n"
DEVICE_TOKEN = b"ledgerflow/device-token/v1\n"


def secret_of(code: str) -> str:
    """Return the sixteen symbols of a code as typed, with or without its fingerprint; refuse others (`bad-code`)."""
    symbols = code.partition(".")[0].upper().translate(_READ_AS)
    if len(symbols) != CODE_SYMBOLS or not set(symbols) <= set(SYMBOLS):
        raise refuse("bad-code", "code")
    return symbols


def code_hash(code: str) -> bytes:
    """Return the SHA-256 of a code's sixteen symbols: what the server keeps, and what the proof names."""
    return hashlib.sha256(secret_of(code).encode()).digest()


def grouped(symbols: str) -> str:
    """Return symbols in groups of four, as people read them."""
    return "-".join(symbols[at : at + _GROUP] for at in range(0, len(symbols), _GROUP))


def enrolment_statement(code_hash_hex: str, replica: str, key: str) -> bytes:
    """Return what a new replica's key signs to enrol. `key` is its public half, hex."""
    return ENROLMENT + f"{code_hash_hex}\n{replica}\n{key}".encode()


def rehoming_statement(former: str, replica: str, key: str) -> bytes:
    """Return what the key of a re-homed replica signs: the id it had before stands in the place of a code."""
    return ENROLMENT + f"{former}\n{replica}\n{key}".encode()


def token_statement(challenge: str, device: str) -> bytes:
    """Return what a device's key signs for an access token."""
    return DEVICE_TOKEN + f"{challenge}\n{device}".encode()
