"""Access tokens: everything that is not exactly one of ours is refused, whatever it claims about itself."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity.tokens import AUDIENCE, TYPE, Bearer, Tokens, issuer_of

NOW = 1_790_000_000
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
KID = hashlib.sha256(KEY.public_key().public_bytes_raw()).hexdigest()[:16]
ISSUER = issuer_of(OTHER)
HEADER = {"alg": "EdDSA", "kid": KID, "typ": TYPE}
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "iat": NOW,
    "exp": NOW + 600,
    "tenant": 1,
    "user": 2,
    "role": "branch",
    "companies": [1],
    "device": 3,
    "session": None,
}
TOKENS = Tokens(KEY, ISSUER, 10, lambda: NOW * 1000)


def part(value: object) -> bytes:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def ed25519(message: bytes) -> bytes:
    return KEY.sign(message)


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.digest(secret, message, "sha256")


def token(header: object = HEADER, claims: object = CLAIMS, sign: Callable[[bytes], bytes] = ed25519) -> str:
    message = part(header) + b"." + part(claims)
    return (message + b"." + part(sign(message))).decode()


def but(given: dict[str, Any], **changes: Any) -> dict[str, Any]:
    changed = given | changes
    return {name: value for name, value in changed.items() if value != "-"}


RAW = KEY.public_key().public_bytes_raw()
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
JWK = {"kty": "OKP", "crv": "Ed25519", "x": part(OTHER.public_key().public_bytes_raw()).decode()}

CONFUSED = {
    "no algorithm": token(but(HEADER, alg="none"), sign=lambda _: b""),
    "no algorithm, shouted": token(but(HEADER, alg="None"), sign=lambda _: b""),
    "no algorithm, with a signature": token(but(HEADER, alg="none")),
    "HS256 with the raw public key": token(but(HEADER, alg="HS256"), sign=hs256(RAW)),
    "HS256 with the public key as PEM": token(but(HEADER, alg="HS256"), sign=hs256(PEM)),
    "HS256 with an empty secret": token(but(HEADER, alg="HS256"), sign=hs256(b"")),
    "HS256 under our header": token(sign=hs256(RAW)),
    "another name of the algorithm": token(but(HEADER, alg="Ed25519")),
    "algorithm in lower case": token(but(HEADER, alg="eddsa")),
    "algorithm left out": token(but(HEADER, alg="-")),
    "another key under our name": token(sign=OTHER.sign),
    "another key by its own name": token(but(HEADER, kid="other"), sign=OTHER.sign),
    "a key named by a path": token(but(HEADER, kid="../../../../dev/null"), sign=hs256(b"")),
    "a key named by SQL": token(but(HEADER, kid="x' UNION SELECT 'k")),
    "key's name left out": token(but(HEADER, kid="-")),
    "a key to fetch (jku)": token(but(HEADER, jku="https://attacker.example/keys"), sign=OTHER.sign),
    "a certificate to fetch (x5u)": token(but(HEADER, x5u="https://attacker.example/c"), sign=OTHER.sign),
    "a key brought along (jwk)": token(but(HEADER, jwk=JWK), sign=OTHER.sign),
    "a certificate brought along (x5c)": token(but(HEADER, x5c=["AAAA"]), sign=OTHER.sign),
    "a critical extension": token(but(HEADER, crit=["b64"], b64=False)),
    "our own signature with a field more": token(but(HEADER, cty="JWT")),
    "another type": token(but(HEADER, typ="JWT")),
    "type left out": token(but(HEADER, typ="-")),
    "another audience": token(claims=but(CLAIMS, aud="somebody")),
    "several audiences": token(claims=but(CLAIMS, aud=[AUDIENCE, "somebody"])),
    "audience left out": token(claims=but(CLAIMS, aud="-")),
    "another issuer": token(claims=but(CLAIMS, iss="ledgerflow-server/0000000000000000")),
    "issuer left out": token(claims=but(CLAIMS, iss="-")),
    "no end": token(claims=but(CLAIMS, exp="-")),
    "a later end than any of ours": token(claims=but(CLAIMS, exp=NOW + 10**9)),
    "from the future": token(claims=but(CLAIMS, iat=NOW + 3600, exp=NOW + 4200)),
    "times as text": token(claims=but(CLAIMS, exp=str(NOW + 600))),
    "a tenant as text": token(claims=but(CLAIMS, tenant="1")),
    "a claim we never make": token(claims=but(CLAIMS, admin=True)),
    "neither device nor session": token(claims=but(CLAIMS, device=None)),
    "device and session at once": token(claims=but(CLAIMS, session="018f0000-0000-7000-8000-000000000000")),
    "claims that are a list": token(claims=[1]),
    "claims that are no JSON": token(claims=b"{"),
    "signature cut off": token().rsplit(".", 1)[0] + ".",
    "signature left out": token().rsplit(".", 1)[0],
    "five parts": token() + ".a.b",
    "nothing": "",
    "letters of no alphabet": token() + "\u00e9",
    "very long": token(claims=but(CLAIMS, role="x" * 5000)),
}


def test_a_token_of_ours_is_read() -> None:
    made = TOKENS.issue(Bearer(1, 2, "branch", (1,), device_no=3))
    assert TOKENS.read(made) == TOKENS.read(token())


@pytest.mark.parametrize("confused", CONFUSED.values(), ids=CONFUSED.keys())
def test_a_token_that_is_not_ours_is_refused(confused: str) -> None:
    with pytest.raises(Refused) as caught:
        TOKENS.read(confused)
    assert (caught.value.status, caught.value.said) == (401, "token-wrong")
    assert caught.value.headers == {"WWW-Authenticate": "Bearer"}


def test_every_changed_byte_of_a_token_is_noticed() -> None:
    whole = token()
    for at in range(len(whole)):
        changed = whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :]
        try:
            claims = TOKENS.read(changed)
        except Refused:
            continue
        # The last symbol carries bits no signature has room for.
        assert at == len(whole) - 1 and claims == TOKENS.read(whole)


def test_a_token_ends_after_its_minutes_by_our_clock() -> None:
    made = TOKENS.issue(Bearer(1, 2, "branch", None, session_id="018f0000-0000-7000-8000-000000000000"))
    assert Tokens(KEY, ISSUER, 10, lambda: (NOW + 599) * 1000).read(made)
    with pytest.raises(Refused, match="token-expired"):
        Tokens(KEY, ISSUER, 10, lambda: (NOW + 600) * 1000).read(made)


def test_a_token_that_was_read_before_ends_all_the_same() -> None:
    now = [NOW * 1000]
    tokens = Tokens(KEY, ISSUER, 10, lambda: now[0])
    made = tokens.issue(Bearer(1, 2, "branch", None, device_no=3))
    assert tokens.read(made) == tokens.read(made)
    now[0] += 600_000
    with pytest.raises(Refused, match="token-expired"):
        tokens.read(made)


def test_other_programs_can_read_what_we_made() -> None:
    said = jwt.decode(
        TOKENS.issue(Bearer(1, 2, "branch", (1,), device_no=3)),
        KEY.public_key(),
        ["EdDSA"],
        {"verify_exp": False, "verify_iat": False},
        audience=AUDIENCE,
        issuer=ISSUER,
    )
    assert said == CLAIMS
