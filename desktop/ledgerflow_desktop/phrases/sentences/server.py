"""What only the server says to a device: mostly what no working program hears, and whom to tell when one does."""

_PROGRAMS = (
    "The server does not take a request of this program as it is written. Everything is kept here. "
    "Update both, and tell whoever looks after the server."
)
_OPERATOR = "Everything is kept here; tell whoever looks after the server."

SERVER = {
    "not-found": (
        "The server knows no such company, device or file, or this device may not see it. "
        "Ask whoever looks after the server."
    ),
    "internal": f"Something went wrong at the server. {_OPERATOR}",
    "attachments-full": f"The server has no room left for files of this company. {_OPERATOR}",
    "bad-content-length": _PROGRAMS,
    "bad-digest": _PROGRAMS,
    "content-encoding-not-accepted": _PROGRAMS,
    "hash-differs": "A file arrived at the server changed. It is sent again from its beginning.",
    "invalid-field": _PROGRAMS,
    "json-refused": _PROGRAMS,
    "keys-missing": f"The server's keys are not where they were. {_OPERATOR}",
    "method-not-allowed": _PROGRAMS,
    "offset-differs": "The server has another part of a file than was sent. It is sent from there on.",
    "piece-too-large": _PROGRAMS,
    "piece-too-small": _PROGRAMS,
    "range-not-there": _PROGRAMS,
    "schema-behind": f"The server was updated and its database was not. {_OPERATOR}",
    "size-differs": "The server has a file under this hash with another size. Verify the book.",
    "tenancy-unsafe": f"The server found its tenants not kept apart, and answers nobody. {_OPERATOR}",
    "transaction-broken": f"Something went wrong at the server. {_OPERATOR}",
}
