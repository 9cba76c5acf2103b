"""The passphrase of a backup: asked for at the terminal or read from a descriptor, never a part of a command."""

import getpass
import os

from ledgerflow_core.errors import refuse

SHORTEST = 12


def read(descriptor: int | None, *, new: bool) -> str:
    """Return the passphrase: the first line of the descriptor, or what is typed; a new one is typed twice.

    Refuses `passphrase-too-short` and `passphrases-differ`.
    """
    if descriptor is not None:
        with os.fdopen(descriptor, encoding="utf-8") as source:
            said = source.readline().rstrip("\r\n")
    else:
        said = getpass.getpass("Passphrase of the backup: ")
        if new and getpass.getpass("Once more: ") != said:
            raise refuse("passphrases-differ")
    if new and len(said) < SHORTEST:
        raise refuse("passphrase-too-short", least=SHORTEST)
    return said
