"""Where the signing key of a replica lies: in the key store of the system, or in ``keys.json`` (docs/decisions/0021).

In both places it is sealed by the book's key: where the key is in the store, nobody signs with the book's folder and
passphrase alone, and nobody with the store alone. A backup from before the key moved there has it still, under the
passphrase of then. `Keys.signing` says where it is.
"""

from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import Damaged, LedgerFlowError
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_desktop.settings.key_store import KeyStoreUnavailable
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.key_slots import InKeyStore, Keys, unwrap, wrap

_PURPOSE = "signing"


class SigningKeyMissing(LedgerFlowError):
    """The key store of this computer and person does not have the book's signing key."""

    code = "signing-key-missing"


class SigningKeyOutOfReach(LedgerFlowError):
    """The book's signing key is in a key store that does not answer now."""

    code = "signing-key-out-of-reach"


def keep(
    book_key: bytes, key: Ed25519PrivateKey, company: CompanyId, machine: Machine, *, in_store: bool
) -> str | InKeyStore:
    """Return what `Keys.signing` is to say of a key: it lies in the key store if wanted and one works, else there."""
    sealed = wrap(book_key, key.private_bytes_raw(), company, _PURPOSE, machine)
    if not in_store:
        return sealed
    place = InKeyStore(
        name=f"{company}/signing/{machine.identifiers().new()}", public=key.public_key().public_bytes_raw().hex()
    )
    return place if _holds(machine, place.name, sealed) else sealed


def _holds(machine: Machine, name: str, secret: str) -> bool:
    """Put a secret into the key store if it keeps, gives back and forgets what it is given; return whether it does."""
    store, probe = machine.key_store, f"{name}/probe"
    try:
        store.put(probe, name)
        kept = store.get(probe)
        store.remove(probe)
        if kept != name or store.get(probe) is not None:
            return False
        store.put(name, secret)
        return store.get(name) == secret
    except KeyStoreUnavailable:
        return False


def read(keys: Keys, book_key: bytes, machine: Machine) -> Ed25519PrivateKey:
    """Return the replica's key. Raises `SigningKeyMissing`, `SigningKeyOutOfReach`, `Damaged`."""
    match keys.signing:
        case InKeyStore(name=name, public=public):
            try:
                sealed = machine.key_store.get(name)
            except KeyStoreUnavailable as error:
                raise SigningKeyOutOfReach(reason=error.facts.get("reason")) from None
            if sealed is None:
                raise SigningKeyMissing()
            key = _opened(sealed, keys, book_key)
            if key.public_key().public_bytes_raw().hex() != public:
                raise Damaged("keys.json", reason="the signing key is another one")
            return key
        case sealed:
            return _opened(sealed, keys, book_key)


def within_reach(keys: Keys, book_key: bytes, machine: Machine) -> bool:
    """Whether the replica's key can be read here and now."""
    try:
        read(keys, book_key, machine)
    except (SigningKeyMissing, SigningKeyOutOfReach):
        return False
    return True


def public_key(keys: Keys, book_key: bytes) -> bytes:
    """Return the public half of the replica's key; asks no key store. `Damaged` where it does not open."""
    if isinstance(keys.signing, InKeyStore):
        try:
            return bytes.fromhex(keys.signing.public)
        except ValueError:
            raise Damaged("keys.json", reason="the public half of the signing key is not hexadecimal") from None
    return _opened(keys.signing, keys, book_key).public_key().public_bytes_raw()


def forget(signing: str | InKeyStore, machine: Machine) -> None:
    """Tidy the key store after a key that lies elsewhere by now; what is left opens nothing without the book's key."""
    if isinstance(signing, InKeyStore):
        with suppress(KeyStoreUnavailable):
            machine.key_store.remove(signing.name)


def _opened(sealed: str, keys: Keys, book_key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(unwrap(sealed, book_key, keys.company, _PURPOSE))
