"""The life in which logs begin, and in which they go on after a recovery was ended: a random id outside the database.

Each log keeps in the database which life it is of, and its beacon outside of it. A client that meets another
incarnation than it knew compares logs before it trusts the server again. A counter would be restored along with the
data and prove nothing.
"""

from pathlib import Path

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.identifiers import to_bytes, to_text
from ledgerflow_server.keys import files
from ledgerflow_server.keys.files import KeysDamaged
from ledgerflow_server.keys.server_keys import RandomBytes

FILE = "incarnation"


def read(data_folder: Path) -> str:
    """Return the incarnation, UUID text. Raises `KeysMissing` or `KeysDamaged`."""
    path = data_folder / FILE
    said = files.read(path).decode("ascii", errors="replace").strip()
    try:
        to_bytes(said)
    except InvalidInput:
        raise KeysDamaged(str(path)) from None
    return said


def renew(data_folder: Path, random_bytes: RandomBytes) -> str:
    """Begin a new incarnation, durably, and return it."""
    raw = bytearray(random_bytes(16))
    raw[6], raw[8] = raw[6] & 0x0F | 0x40, raw[8] & 0x3F | 0x80
    said = to_text(bytes(raw))
    files.make_folder(data_folder)
    files.replace(data_folder / FILE, said.encode() + b"\n", files.PUBLIC_MODE)
    return said
