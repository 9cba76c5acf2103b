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
    return problems + _problems_of_key(passphrase, again)


def _problems_of_key(passphrase: str, again: str) -> list[Problem]:
    if len(passphrase) < PASSPHRASE_LENGTH_MIN:
        return [Problem("passphrase-too-short", "passphrase", {"least": PASSPHRASE_LENGTH_MIN})]
    return [Problem("passphrases-differ", "again")] if passphrase != again else []


def path_for(folder: str, name: str) -> Path:
    """Return where a company of this name is made."""
    return Path(folder).expanduser() / companies.suggested_folder_name(name)


# Beside which field of the page something is said that opening a company from a server comes to.
_FIELD_BY_CODE = {
    "company-exists": "name", "read-only": "folder", "disk-full": "folder", "storage-failed": "folder",
    "passphrase-too-short": "passphrase", "bad-address": "url", "address-insecure": "url", "no-answer": "url",
    "authority-differs": "url", "address-has-path": "url",
}  # fmt: skip


def problems_of_joining(url: str, code: str, name: str, folder: str, passphrase: str, again: str) -> list[Problem]:
    """Return what is missing on the page of opening a company from a server; touches neither disk nor network."""
    problems = []
    if not url.strip():
        problems.append(Problem("bad-address", "url"))
    if not code.strip():
        problems.append(Problem("bad-code", "code"))
    if not name.strip():
        problems.append(Problem("name-empty", "name"))
    if not folder.strip():
        problems.append(Problem("folder-missing", "folder"))
    return problems + _problems_of_key(passphrase, again)


def field_of_joining(code: str) -> str:
    """Return the field that a refusal is said beside; the code is the one for what the server says."""
    return _FIELD_BY_CODE.get(code, "code")
