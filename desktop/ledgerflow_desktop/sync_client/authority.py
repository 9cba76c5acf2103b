"""Which server is meant: its address, and the certificate authority that an enrolment code names.

The line is not believed: the authority is fetched from whoever answers, and kept only if it has the fingerprint
that the code carries. From then on no other certificate is taken.
"""

import hashlib
import hmac
import ipaddress
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledgerflow_core.errors import LedgerFlowError, refuse
from ledgerflow_core.sync.enrolment import SYMBOLS, grouped, secret_of

_FINGERPRINT_BYTES = 10


class AuthorityDiffers(LedgerFlowError):
    """Who answers has another certificate authority than the enrolment code names."""

    code = "authority-differs"


class EnrolmentCode(NamedTuple):
    """A code for one use, and the fingerprint of the authority of the server that gave it.

    `fingerprint` is empty where a public authority vouches for the server.
    """

    secret: str
    fingerprint: str


def read_code(text: str) -> EnrolmentCode:
    """Return the parts of ``<code>.<fingerprint>``, or of a code alone, as typed or pasted; refuses `bad-code`."""
    secret, dot, fingerprint = text.strip().partition(".")
    # Both halves are of sixteen symbols that people read alike.
    return EnrolmentCode(grouped(secret_of(secret)), secret_of(fingerprint) if dot else "")


def read_address(url: str) -> str:
    """Return a server's address in one form, without a slash at its end; refuses `bad-address`, `address-insecure`.

    Without a scheme https is meant. Plain http is taken on this machine only, for trials.
    """
    given = url.strip()
    try:
        parts = urlsplit(given if "://" in given else f"https://{given}")
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:
        raise refuse("bad-address", "url", given=given[:200]) from None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        raise refuse("bad-address", "url", given=given[:200])
    if parts.scheme == "http" and not is_loopback(host):
        raise refuse("address-insecure", "url", given=given[:200])
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine and no other."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_authority(pem: bytes, fingerprint: str) -> str:
    """Return a certificate authority as PEM text; `AuthorityDiffers` unless its key has this fingerprint."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise AuthorityDiffers() from None
    if not hmac.compare_digest(fingerprint_of(certificate), fingerprint):
        raise AuthorityDiffers()
    return certificate.public_bytes(Encoding.PEM).decode()


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the first ten bytes of the SHA-256 of the certificate's public key, as 16 symbols."""
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    number = int.from_bytes(hashlib.sha256(public).digest()[:_FINGERPRINT_BYTES], "big")
    return "".join(SYMBOLS[number >> shift & 31] for shift in range(75, -1, -5))


def trusting(authority: str) -> ssl.SSLContext:
    """Return a TLS context that takes certificates of this authority (PEM) alone, TLS 1.3 only.

    Empty text means the public authorities that this machine trusts.
    """
    context = ssl.create_default_context(cadata=authority or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def trusting_nobody_yet() -> ssl.SSLContext:
    """Return a TLS context for the one request that fetches the authority: what it brings is checked afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
