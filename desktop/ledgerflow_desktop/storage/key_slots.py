"""Key slots, as LUKS has them: the book's key is random, and each slot wraps it under one way of unlocking.

`keys.json` holds nothing secret by itself. A passphrase slot derives its wrapping key by Argon2id (RFC 9106,
section 4, second recommended option: 64 MiB, 3 passes, 4 lanes); a recovery slot by HKDF, as its 160 random
bits need no stretching; a keyring slot keeps a random wrapping key in the system's key store. Wrapping is
AES-256-GCM bound to the company and the slot, so a wrong secret is told apart from a damaged book.
"""

import base64
import binascii
import hmac
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec.structs import replace

from ledgerflow_core.errors import Damaged, Problem, refuse
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_desktop.settings.key_store import KeyStoreUnavailable
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.company_folder import CompanyFolder, write_atomically
from ledgerflow_desktop.storage.failures import FileTooNew, WrongPassphrase, translated
from ledgerflow_desktop.storage.recovery_code import SECRET_LENGTH, code_of, secret_of

KEYS_FORMAT = 1
KEY_LENGTH = 32
PASSPHRASE_LENGTH_MIN = 8
_NONCE_LENGTH = 12
SlotKind = Literal["passphrase", "recovery", "keyring"]


class Slot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One way in. `salt`, `nonce` and `wrapped` are base64; the Argon2 costs are set on passphrase slots."""

    id: str
    kind: SlotKind
    made: str
    salt: str
    nonce: str
    wrapped: str
    memory_kib: int = 0
    passes: int = 0
    lanes: int = 0


class InKeyStore(msgspec.Struct, frozen=True):
    """A signing key that lies in the system's key store, by the name it has there; `public` (hex) says which it is."""

    name: str
    public: str


class NextKeys(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of `Keys` once the book stands under its next key, kept while that key is brought in.

    `handover` is the next key wrapped by the present one, so that either way in leads to the end.
    """

    slots: tuple[Slot, ...]
    signing: str | InKeyStore
    handover: str


class Keys(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of ``keys.json``. `signing` is this replica's Ed25519 key, wrapped by the book's key, or where it is.

    `seal` is an HMAC over everything else under the book's key: nobody without it changes the file unseen.
    """

    format: int
    company: CompanyId
    name: str
    slots: tuple[Slot, ...]
    signing: str | InKeyStore
    next: NextKeys | None = None
    seal: str = ""


@dataclass(frozen=True, slots=True)
class ArgonCosts:
    """What a passphrase guess costs."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4


def read_keys(folder: CompanyFolder) -> Keys:
    """Return the slots of a company; `Damaged` or `FileTooNew` when the file is not one of ours."""
    with translated(str(folder.keys)):
        raw = folder.keys.read_bytes()
    try:
        head = msgspec.json.decode(raw)
        if isinstance(head, dict) and isinstance(head.get("format"), int) and head["format"] > KEYS_FORMAT:
            raise FileTooNew(str(folder.keys), format=head["format"], known=KEYS_FORMAT)
        return msgspec.json.decode(raw, type=Keys)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged(str(folder.keys), reason=str(error)) from None


def write_keys(folder: CompanyFolder, keys: Keys, book_key: bytes) -> None:
    """Replace ``keys.json`` whole, sealed by the book's key."""
    write_atomically(folder.keys, _as_text(replace(keys, seal=_seal(keys, book_key))))


def problems_in_keys(folder: CompanyFolder, keys: Keys, book_key: bytes) -> list[Problem]:
    """Return what was changed in ``keys.json`` by anybody but this program: not a byte goes unnoticed."""
    place = str(folder.keys)
    problems: list[Problem] = []
    if not hmac.compare_digest(keys.seal, _seal(keys, book_key)) or folder.keys.read_bytes() != _as_text(keys):
        problems.append(Problem("keys-changed", place))
    if not any(slot.kind == "passphrase" for slot in keys.slots):
        problems.append(Problem("no-passphrase-slot", place))
    return problems


def _as_text(keys: Keys) -> bytes:
    return msgspec.json.format(msgspec.json.encode(keys), indent=1) + b"\n"


def _seal(keys: Keys, book_key: bytes) -> str:
    key = HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=b"ledgerflow/keys-seal/v1").derive(book_key)
    return _text(hmac.digest(key, msgspec.json.encode(replace(keys, seal="")), "sha256"))


def passphrase_slot(
    book_key: bytes, passphrase: str, company: CompanyId, machine: Machine, *, costs: ArgonCosts | None = None
) -> Slot:
    """Return a slot for a passphrase; refuses one under 8 characters (`passphrase-too-short`)."""
    if len(passphrase) < PASSPHRASE_LENGTH_MIN:
        raise refuse("passphrase-too-short", least=PASSPHRASE_LENGTH_MIN)
    costs = costs or ArgonCosts()
    salt = machine.random_bytes(16)
    key = stretch(passphrase, salt, costs)
    return _slot("passphrase", book_key, key, salt, company, machine, costs)


def recovery_slot(book_key: bytes, company: CompanyId, machine: Machine) -> tuple[Slot, str]:
    """Return a recovery slot and its code, which is shown once and stored nowhere."""
    secret = machine.random_bytes(SECRET_LENGTH)
    salt = machine.random_bytes(16)
    return _slot("recovery", book_key, _expand(secret, salt), salt, company, machine), code_of(secret)


def keyring_slot(book_key: bytes, company: CompanyId, machine: Machine) -> Slot:
    """Return a slot whose wrapping key goes into the system's key store, to open without being asked."""
    salt, key = machine.random_bytes(16), machine.random_bytes(KEY_LENGTH)
    slot = _slot("keyring", book_key, key, salt, company, machine)
    machine.key_store.put(keyring_name(company, slot), _text(key))
    return slot


def keyring_name(company: CompanyId, slot: Slot) -> str:
    """Return the name under which a keyring slot's key is kept."""
    return f"{company}/{slot.id}"


def forget_slot(company: CompanyId, slot: Slot, machine: Machine) -> None:
    """Tidy the key store after a slot that is gone. What is left where the store does not answer opens nothing."""
    if slot.kind == "keyring":
        with suppress(KeyStoreUnavailable):
            machine.key_store.remove(keyring_name(company, slot))


def unlock_with_passphrase(keys: Keys, passphrase: str) -> bytes:
    """Return the book's key; `WrongPassphrase` when no passphrase slot opens. Writes nothing."""
    for slot in keys.slots:
        if slot.kind == "passphrase":
            opened = _open_passphrase(slot, keys, passphrase)
            if opened is not None:
                return opened
    raise WrongPassphrase()


def opens_with(slot: Slot, keys: Keys, passphrase: str) -> bool:
    """Whether this slot is one of a passphrase, and of this one."""
    return slot.kind == "passphrase" and _open_passphrase(slot, keys, passphrase) is not None


def unlock_with_recovery_code(keys: Keys, code: str) -> bytes:
    """Return the book's key by its recovery code."""
    secret = secret_of(code)
    for slot in keys.slots:
        if slot.kind == "recovery":
            opened = _open(slot, keys.company, _expand(secret, _raw(slot.salt)))
            if opened is not None:
                return opened
    raise WrongPassphrase(kind="recovery-code")


def unlock_with_key_store(keys: Keys, machine: Machine) -> bytes | None:
    """Return the book's key if this machine's key store holds it, None where it does not."""
    for slot in keys.slots:
        if slot.kind == "keyring":
            kept = machine.key_store.get(keyring_name(keys.company, slot))
            if kept is not None:
                opened = _open(slot, keys.company, _raw(kept))
                if opened is not None:
                    return opened
    return None


def wrap(book_key: bytes, secret: bytes, company: CompanyId, purpose: str, machine: Machine) -> str:
    """Return a secret sealed by the book's key for one purpose, as text."""
    nonce = machine.random_bytes(_NONCE_LENGTH)
    return _text(nonce + AESGCM(book_key).encrypt(nonce, secret, _bound_to(company, purpose)))


def unwrap(sealed: str, book_key: bytes, company: CompanyId, purpose: str) -> bytes:
    """Return what `wrap` sealed; `Damaged` where it does not open."""
    raw = _raw(sealed)
    try:
        return AESGCM(book_key).decrypt(raw[:_NONCE_LENGTH], raw[_NONCE_LENGTH:], _bound_to(company, purpose))
    except (InvalidTag, ValueError):
        raise Damaged("keys.json", reason=f"what is kept for {purpose} does not open") from None


def _slot(
    kind: SlotKind,
    book_key: bytes,
    key: bytes,
    salt: bytes,
    company: CompanyId,
    machine: Machine,
    costs: ArgonCosts | None = None,
) -> Slot:
    slot_id = machine.identifiers().new()
    nonce = machine.random_bytes(_NONCE_LENGTH)
    return Slot(
        id=slot_id,
        kind=kind,
        made=machine.timestamp(),
        salt=_text(salt),
        nonce=_text(nonce),
        wrapped=_text(AESGCM(key).encrypt(nonce, book_key, _bound_to(company, slot_id))),
        memory_kib=costs.memory_kib if costs else 0,
        passes=costs.passes if costs else 0,
        lanes=costs.lanes if costs else 0,
    )


def _open(slot: Slot, company: CompanyId, key: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(_raw(slot.nonce), _raw(slot.wrapped), _bound_to(company, slot.id))
    except (InvalidTag, ValueError):
        return None


def _open_passphrase(slot: Slot, keys: Keys, passphrase: str) -> bytes | None:
    costs = ArgonCosts(slot.memory_kib, slot.passes, slot.lanes)
    return _open(slot, keys.company, stretch(passphrase, _raw(slot.salt), costs))


def _bound_to(company: CompanyId, purpose: str) -> bytes:
    return f"ledgerflow/key/v1\n{company}\n{purpose}".encode()


def stretch(passphrase: str, salt: bytes, costs: ArgonCosts) -> bytes:
    """Return 32 bytes that cost as much to guess as Argon2id makes it (RFC 9106)."""
    # A hostile keys.json must not make the program ask for all memory there is.
    if not (8 <= costs.memory_kib <= 1_048_576 and 1 <= costs.passes <= 20 and 1 <= costs.lanes <= 16):
        raise Damaged("keys.json", reason="Argon2 costs out of bounds")
    # NFC: the same passphrase typed on a Mac and on Windows is the same bytes.
    typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return hash_secret_raw(typed, salt, costs.passes, costs.memory_kib, costs.lanes, KEY_LENGTH, Type.ID)


def _expand(secret: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=salt, info=b"ledgerflow/recovery/v1").derive(secret)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Damaged("keys.json", reason="not base64") from None
