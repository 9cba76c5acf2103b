"""A certificate authority of the server's own, and the server certificate it signs.

An office has no public name and no certificate authority, so the server brings one. A client does not trust the
network to learn it: the enrolment code carries the fingerprint of the authority's public key.
"""

import hashlib
import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ledgerflow_server.keys import files
from ledgerflow_server.keys.files import KeysDamaged

AUTHORITY_KEY, AUTHORITY = "authority.key", "authority.pem"
SERVER_KEY, SERVER = "server.key", "server.pem"
AUTHORITY_DAYS, SERVER_DAYS, RENEW_DAYS = 3653, 397, 30
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Clocks of the offices lag behind now and then; a certificate of this minute would not be valid yet.
_BACKDATED = timedelta(days=1)


def create_authority(folder: Path, now: datetime) -> x509.Certificate:
    """Make and keep an authority for ten years. Raises `FileExists` where one stands."""
    files.make_folder(folder)
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "LedgerFlow authority of this server")])
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    files.create(folder / AUTHORITY_KEY, _pem_of(key))
    files.create(folder / AUTHORITY, certificate.public_bytes(Encoding.PEM), files.PUBLIC_MODE)
    return certificate


def ensure_server_certificate(folder: Path, hosts: Iterable[str], now: datetime) -> bool:
    """Have a server certificate for this machine and `hosts` with more than 30 days left; return whether it is new.

    Raises `KeysMissing` or `KeysDamaged` where the authority cannot sign.
    """
    names = list(dict.fromkeys([*LOCAL_NAMES, *hosts]))
    if _still_good(folder, names, now):
        return False
    authority = read_certificate(folder / AUTHORITY)
    signer = _private_key(folder / AUTHORITY_KEY)
    key = generate_private_key(SECP256R1())
    until = min(now + timedelta(days=SERVER_DAYS), authority.not_valid_after_utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "LedgerFlow server")])
    certificate = (
        x509.CertificateBuilder(authority.subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    # The authority follows in the chain, so that a client that knows only its fingerprint finds it.
    chain = certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
    files.replace(folder / SERVER_KEY, _pem_of(key))
    files.replace(folder / SERVER, chain, files.PUBLIC_MODE)
    return True


def read_certificate(path: Path) -> x509.Certificate:
    """Return the first certificate of a file. Raises `KeysMissing` or `KeysDamaged`."""
    try:
        return x509.load_pem_x509_certificate(files.read(path))
    except ValueError:
        raise KeysDamaged(str(path)) from None


def days_left(certificate: x509.Certificate, now: datetime) -> int:
    """Return the whole days until a certificate ends; negative once it has."""
    return (certificate.not_valid_after_utc - now).days


def fingerprint(certificate: x509.Certificate) -> str:
    """Return what names an authority in an enrolment code: 80 bits of SHA-256 of its public key, 16 symbols.

    The symbols are Crockford's base 32. A second key with the same 80 bits costs 2^80 tries.
    """
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    number = int.from_bytes(hashlib.sha256(public).digest()[:10], "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(75, -1, -5))


def _still_good(folder: Path, names: list[str], now: datetime) -> bool:
    if not ((folder / SERVER).exists() and (folder / SERVER_KEY).exists()):
        return False
    certificate = read_certificate(folder / SERVER)
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    key = _private_key(folder / SERVER_KEY)
    return (
        days_left(certificate, now) >= RENEW_DAYS
        and all(_general_name(name) in held for name in names)
        and key.public_key() == certificate.public_key()
        and certificate.issuer == read_certificate(folder / AUTHORITY).subject
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem_of(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _private_key(path: Path) -> EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(files.read(path), password=None)
    except ValueError:
        raise KeysDamaged(str(path)) from None
    if not isinstance(key, EllipticCurvePrivateKey):
        raise KeysDamaged(str(path))
    return key
