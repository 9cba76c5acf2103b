"""The tenant context: a short-lived token, signed here and checked by PostgreSQL in every policy.

A plain setting would be re-pointed by one injected statement. This one cannot be made without the key, which the role
that runs the statements cannot read.
"""

import hashlib
import hmac
from collections.abc import Callable

from ledgerflow_server.database.secrets import ContextKey
from ledgerflow_server.tenancy.principal import Principal

# PostgreSQL takes a context that ends at most 60 s after the start of its transaction: this leaves 15 s for a clock
# that is ahead of the database's, and 45 s for one that is behind.
LIFE_SECONDS = 45
_NONCE_BYTES = 9


class ContextSigner:
    """Signs contexts with one key, on a given clock (seconds since 1970) and source of randomness."""

    def __init__(self, key: ContextKey, seconds: Callable[[], float], random_bytes: Callable[[int], bytes]) -> None:
        self._key = key
        self._seconds = seconds
        self._random_bytes = random_bytes

    def token(self, principal: Principal) -> str:
        """Return ``kid|tenant|user|companies|exp|nonce|mac``: companies are numbers with commas, empty for all."""
        companies = "" if principal.companies is None else ",".join(map(str, principal.companies or (0,)))
        expires = int(self._seconds()) + LIFE_SECONDS
        nonce = self._random_bytes(_NONCE_BYTES).hex()
        signed = f"{self._key.kid}|{principal.tenant_no}|{principal.user_no or 0}|{companies}|{expires}|{nonce}"
        return f"{signed}|{hmac.new(self._key.key, signed.encode('ascii'), hashlib.sha256).hexdigest()}"
