"""Access tokens: EdDSA JWTs of a few minutes with one algorithm, one key and one shape; anything else is refused.

The header must be exactly ours. A token that brings a key, names another one or says how it wants to be checked is
not looked at any further, so there is nothing to confuse.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_server.edge.problems import Refused

ALGORITHM = "EdDSA"
TYPE = "ledgerflow-access+jwt"
AUDIENCE = "ledgerflow-sync"
# A token of a server whose clock is a little ahead is not from the future.
_LEEWAY_SECONDS = 30
_LONGEST = 4096
# Whoever works sends the same token for minutes. That it was signed stays true; its time is looked at each time.
_REMEMBERED = 4096


class Claims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token says. It was made for a device or for a session of a person, never for both.

    `role` and `companies` are as they were when it was made: a hint for its bearer. The server asks the database.
    """

    iss: str
    aud: str
    iat: int
    exp: int
    tenant: int
    user: int
    role: str
    companies: tuple[int, ...] | None
    device: int | None = None
    session: str | None = None

    def __post_init__(self) -> None:
        if (self.device is None) == (self.session is None):
            raise ValueError("a token is a device's or a session's")


@dataclass(frozen=True, slots=True)
class Bearer:
    """For whom a token is made: numbers inside the tenant, the role and companies of the moment."""

    tenant_no: int
    user_no: int
    role: str
    companies: tuple[int, ...] | None
    device_no: int | None = None
    session_id: str | None = None


class Tokens:
    """Makes and checks access tokens with one key, on a given clock (milliseconds since 1970)."""

    def __init__(self, key: Ed25519PrivateKey, issuer: str, minutes: int, milliseconds: Callable[[], int]) -> None:
        self._key = key
        self._public = key.public_key()
        self._issuer = issuer
        self._milliseconds = milliseconds
        self.seconds = minutes * 60
        kid = hashlib.sha256(self._public.public_bytes_raw()).hexdigest()[:16]
        self._header = {"alg": ALGORITHM, "kid": kid, "typ": TYPE}
        self._signed = lru_cache(_REMEMBERED)(self._checked)

    def issue(self, bearer: Bearer) -> str:
        """Return a token that lives `seconds`."""
        now = self._milliseconds() // 1000
        claims = Claims(
            iss=self._issuer,
            aud=AUDIENCE,
            iat=now,
            exp=now + self.seconds,
            tenant=bearer.tenant_no,
            user=bearer.user_no,
            role=bearer.role,
            companies=bearer.companies,
            device=bearer.device_no,
            session=bearer.session_id,
        )
        return jwt.encode(msgspec.to_builtins(claims), self._key, ALGORITHM, self._header)

    def read(self, token: str) -> Claims:
        """Return what a token of ours says; raise 401 `token-wrong`, or `token-expired` where it was right once."""
        try:
            claims = self._signed(token)
        except (jwt.PyJWTError, ValueError, msgspec.ValidationError):
            raise refused("token-wrong") from None
        now = self._milliseconds() // 1000
        if claims.iat > now + _LEEWAY_SECONDS or claims.exp - claims.iat != self.seconds:
            raise refused("token-wrong")
        if claims.exp <= now:
            raise refused("token-expired")
        return claims

    def _checked(self, token: str) -> Claims:
        if len(token) > _LONGEST or not token.isascii():
            raise ValueError("no token of ours")
        if jwt.get_unverified_header(token) != self._header:
            raise ValueError("another header than ours")
        # Times are checked by the caller: PyJWT knows no clock but the system's.
        said = jwt.decode(
            token,
            self._public,
            [ALGORITHM],
            {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["iss", "aud", "iat", "exp"]},
            audience=AUDIENCE,
            issuer=self._issuer,
        )
        return msgspec.convert(said, Claims)


def issuer_of(log_key: Ed25519PrivateKey) -> str:
    """Return how a server names itself in its tokens: by the key its devices know it by."""
    return f"ledgerflow-server/{log_key.public_key().public_bytes_raw().hex()[:16]}"


def refused(code: str) -> Refused:
    """Return (for raising) a 401 that says how to come back."""
    return Refused(401, code, headers={"WWW-Authenticate": "Bearer"})
