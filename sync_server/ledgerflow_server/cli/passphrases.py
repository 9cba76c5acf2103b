"""The passphrase of a backup: asked for at the terminal or read from a descriptor, never a part of a command."""

import getpass
import os
import warnings

from ledgerflow_core.errors import refuse

SHORTEST = 12


def read(descriptor: int | None, *, new: bool) -> str:
    """Return the passphrase: the first line of the descriptor, or what is typed; a new one is typed twice.

    Refuses `no-terminal`, `passphrase-too-short` and `passphrases-differ`.
    """
    if descriptor is not None:
        with os.fdopen(descriptor, encoding="utf-8") as source:
            said = source.readline().rstrip("\r\n")
    else:
        said = _typed("Passphrase of the backup: ")
        if new and _typed("Once more: ") != said:
            raise refuse("passphrases-differ")
    if new and len(said) < SHORTEST:
        raise refuse("passphrase-too-short", least=SHORTEST)
    return said


def _typed(prompt: str) -> str:
    """Return what is typed without showing it; where it would be shown, or nobody is there, nothing is asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except getpass.GetPassWarning:
            raise refuse("no-terminal") from None
