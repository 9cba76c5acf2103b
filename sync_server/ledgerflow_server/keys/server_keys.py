"""The three keys of a server, each for one purpose, so that losing one loses no other.

log      Ed25519, signs receipts and checkpoints; devices keep its public half for ever
token    Ed25519, signs access tokens that live for minutes
seal     32 bytes, AES-256-GCM over TOTP secrets

The key of tenant contexts lies with the passwords of the database roles: see `database.secrets`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_server.keys import files
from ledgerflow_server.keys.files import KeysDamaged

LOG, TOKEN, SEAL = "log.key", "token.key", "seal.key"
_SECRET_BYTES, _NONCE_BYTES = 32, 12

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """The keys, loaded. Nothing of it is ever shown: `repr` is not of the secrets."""

    log: Ed25519PrivateKey
    token: Ed25519PrivateKey
    seal: bytes

    def __repr__(self) -> str:
        return "ServerKeys(...)"

    def sealed(self, secret: bytes, owner: str, random_bytes: RandomBytes) -> bytes:
        """Return `secret` encrypted for `owner` (a text such as ``totp/7/31``): nonce, then AES-256-GCM."""
        nonce = random_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.seal).encrypt(nonce, secret, owner.encode())

    def unsealed(self, sealed: bytes, owner: str) -> bytes:
        """Return what was sealed for `owner`. Raises `KeysDamaged` for other bytes, another owner or another key."""
        try:
            return AESGCM(self.seal).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode())
        except (InvalidTag, ValueError):
            raise KeysDamaged("sealed") from None


def create(folder: Path, random_bytes: RandomBytes) -> ServerKeys:
    """Make and keep the three keys. Raises `FileExists` where one stands."""
    files.make_folder(folder)
    for name in (LOG, TOKEN):
        files.create(folder / name, _pem(Ed25519PrivateKey.from_private_bytes(random_bytes(_SECRET_BYTES))))
    files.create(folder / SEAL, random_bytes(_SECRET_BYTES).hex().encode() + b"\n")
    return load(folder)


def load(folder: Path) -> ServerKeys:
    """Return the keys. Raises `KeysMissing`, `KeysDamaged`, or `key-readable-by-others` with every such file."""
    if problems := exposed(folder):
        raise InvalidInput(problems)
    return ServerKeys(
        log=_private_key(folder / LOG),
        token=_private_key(folder / TOKEN),
        seal=_secret(folder / SEAL),
    )


def exposed(folder: Path) -> list[Problem]:
    """Return one problem for every secret file that others may read."""
    return [problem for path in sorted(folder.glob("*.key")) if (problem := files.exposed(path))]


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _private_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(files.read(path), password=None)
    except ValueError:
        raise KeysDamaged(str(path)) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeysDamaged(str(path))
    return key


def _secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(files.read(path).decode("ascii"))
    except ValueError:
        raise KeysDamaged(str(path)) from None
    if len(secret) != _SECRET_BYTES:
        raise KeysDamaged(str(path))
    return secret
