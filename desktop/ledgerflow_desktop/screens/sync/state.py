"""What the Sync page says, line by line, without Qt."""

from urllib.parse import urlsplit

# What is wrong with the address, so that it is said beside that field; everything else is about the code.
_ABOUT_ADDRESS = frozenset(
    {"bad-address", "address-insecure", "no-answer", "unreachable", "timeout", "certificate", "not-the-server",
     "authority-differs", "address-has-path"}
)  # fmt: skip
_NEED_A_CODE = frozenset({"device-revoked", "enrol-again", "signer-unknown", "signing-key-missing"})


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
