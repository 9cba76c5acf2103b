"""The state of the company pages, without Qt: what is wrong with a form, how long a wrong passphrase waits."""

from pathlib import Path

from ledgerflow_core.errors import Problem
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.actions.companies import NewCompany
from ledgerflow_desktop.storage.key_slots import PASSPHRASE_LENGTH_MIN

# The first slips cost nothing; then each wrong try doubles the wait, up to half a minute.
_FREE_TRIES = 2
_WAIT_SECONDS_MAX = 30


def wait_seconds(wrong_tries: int) -> int:
    """Return how long to wait before the next try after so many wrong ones."""
    if wrong_tries <= _FREE_TRIES:
        return 0
    return min(_WAIT_SECONDS_MAX, 1 << (wrong_tries - _FREE_TRIES - 1))


def problems_of_creation(form: NewCompany, folder: str, passphrase: str, again: str) -> list[Problem]:
    """Return everything wrong with the page, in the order of its fields; touches no disk."""
    problems = companies.problems_in(form)
    if not folder.strip():
        problems.append(Problem("folder-missing", "folder"))
    if len(passphrase) < PASSPHRASE_LENGTH_MIN:
        problems.append(Problem("passphrase-too-short", "passphrase", {"least": PASSPHRASE_LENGTH_MIN}))
    elif passphrase != again:
        problems.append(Problem("passphrases-differ", "again"))
    return problems


def path_for(folder: str, name: str) -> Path:
    """Return where a company of this name is made."""
    return Path(folder).expanduser() / companies.suggested_folder_name(name)
