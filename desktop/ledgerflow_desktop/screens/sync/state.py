"""What the Sync page says, line by line, without Qt."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from ledgerflow_desktop.screens.line.state import LineState

# What is wrong with the address, so that it is said beside that field; everything else is about the code.
_ABOUT_ADDRESS = frozenset(
    {"bad-address", "address-insecure", "no-answer", "unreachable", "timeout", "certificate", "not-the-server",
     "authority-differs", "address-has-path"}
)  # fmt: skip
_NEED_A_CODE = frozenset({"device-revoked", "enrol-again", "signer-unknown", "signing-key-missing"})


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of the page as text."""

    to_send: str
    to_come: str
    log_size: str


def counts(state: LineState) -> Counts:
    """Return the figures of a line that is enrolled."""
    assert state.known is not None, "the page is for a company that syncs"
    progress = state.progress
    coming = 0 if progress is None else max(0, progress.to_pull - progress.pulled)
    return Counts(f"{state.pending:,}", f"{coming:,}", f"{state.known.log_size:,}")


def server_name(address: str) -> str:
    """Return where a server is, as people say it: the scheme only where it is not https."""
    parts = urlsplit(address)
    return address if parts.scheme != "https" else address.removeprefix("https://")


def needs_code(trouble: str) -> bool:
    """Whether nothing but an enrolment code gets the company on."""
    return trouble in _NEED_A_CODE


def is_about_address(code: str) -> bool:
    """Whether a problem of enrolling is said beside the address, not beside the code."""
    return code in _ABOUT_ADDRESS
