"""Enrol a book at a server: from then on it syncs there."""

from typing import NamedTuple

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import DeviceId, named
from ledgerflow_desktop.actions import signing_key
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage import former_key, sync_facts
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.failures import ReadOnly
from ledgerflow_desktop.storage.one_chain import make_one_chain
from ledgerflow_desktop.storage.sync_facts import Enrolment, Matter
from ledgerflow_desktop.sync_client import authority
from ledgerflow_desktop.sync_client.enrolment import Candidate, Enrolled, enrol, reach

_NAME_LENGTH_MAX = 200
# By these the book knows that its server takes nothing of this device any more.
_SHUT_OUT = ("device-revoked", "signer-unknown")


def enrolment_of(book: Book) -> Enrolment | None:
    """Return where a book is enrolled, None where it is not."""
    return sync_facts.enrolment(book.connection)


def require_enrolment(book: Book) -> Enrolment:
    """Return where a book is enrolled; refuses `not-enrolled`."""
    found = enrolment_of(book)
    if found is None:
        raise refuse("not-enrolled")
    return found


class Answered(NamedTuple):
    """What a server answered to an enrolment, and what is trusted at its address from then on."""

    address: str
    authority: str
    enrolled: Enrolled


def enrol_book(book: Book, url: str, code: str, device_name: str, *, again: bool = False) -> Outcome[Enrolled]:
    """Bind a book to the company of the code: its whole log becomes the company's log with the next sync.

    A book whose signing key is lost is let in again, and with `again` any other that was enrolled: as a new device,
    what was not sent signed again. Cut off anywhere, the same code enrols the same book again. Refuses
    `already-enrolled`, or `enrol-needs-again` where the server shut the device out; `other-server` where another one
    than before took the code, `bad-code`, `bad-address`, `address-insecure`; raises `AuthorityDiffers`, `NoAnswer`,
    `ServerRefused` (`code-used`, `company-differs`, ...).
    """
    return keep(book, ask(url, code, candidate_of(book, device_name, again=again)))


def candidate_of(book: Book, device_name: str, *, again: bool = False) -> Candidate:
    """Return what a book asks to be enrolled as: from here on it has one chain, and an identity no server knows.

    Refuses `already-enrolled`; where the server shut the device out, `enrol-needs-again`.
    """
    if not book.writable:
        raise ReadOnly(str(book.folder.path))
    known = enrolment_of(book)
    if known is None:
        make_one_chain(book)
    elif not (again or signing_key.has_to_enrol_again(book)):
        is_shut_out = sync_facts.matter(book.connection).trouble in _SHUT_OUT
        raise refuse("enrol-needs-again" if is_shut_out else "already-enrolled", server=known.server_url)
    elif not _is_new_to_the_server(book):
        signing_key.go_on_anew(book)
    return Candidate(
        company=book.company.id,
        device=device_of(book),
        device_name=one_line(device_name),
        replica=book.replica,
        key=book.signing_key,
    )


def _is_new_to_the_server(book: Book) -> bool:
    """Whether an enrolled book has an identity it can sign with and the server was never told of."""
    unknown = sync_facts.former_replica(book.connection) is not None
    return unknown and signing_key.can_sign(book)


def ask(url: str, code: str, candidate: Candidate) -> Answered:
    """Ask a server by a code to enrol; waits for the network and touches no book."""
    address, read = authority.read_address(url), authority.read_code(code)
    reached = reach(address, read)
    try:
        return Answered(address, reached.authority, enrol(reached.transport, read, candidate))
    finally:
        reached.transport.close()


def keep(book: Book, answered: Answered) -> Outcome[Enrolled]:
    """Keep in a book that it is enrolled; the signing key goes into this computer's key store, if one works.

    Refuses `other-server`: the log a book holds is that of one server.
    """
    facts, known = facts_of(answered.address, answered.authority, answered.enrolled), enrolment_of(book)
    if known is not None and (known.tenant, known.server_key) != (facts.tenant, facts.server_key):
        raise refuse("other-server", server=known.server_url)
    with book.writing():
        sync_facts.write_enrolment(book.connection, facts)
        sync_facts.write_role(book.connection, answered.enrolled.user.role)
        # What was the matter was that of the device it was.
        sync_facts.write_matter(book.connection, Matter())
        former_key.forget(book.connection)
    book.watch()
    if known is None:
        signing_key.into_key_store(book)
    return Outcome(answered.enrolled, Changed.COMPANY)


def device_of(book: Book) -> DeviceId:
    """Return the id a book's device enrols under, the same for the same replica, so that a code can be used again.

    It is kept from then on (`Enrolment.device`), whatever replica the book becomes.
    """
    return DeviceId(named("enrolled-device", book.replica))


def facts_of(address: str, trusted: str, enrolled: Enrolled) -> Enrolment:
    """Return what a book keeps of an answer to its enrolment."""
    return Enrolment(
        tenant=enrolled.tenant,
        server_url=address,
        server_key=enrolled.server_key,
        authority=trusted,
        device=enrolled.device,
    )


def one_line(name: str) -> str:
    """Return a name of a machine as the server takes it: on one line, and not empty."""
    return " ".join(part for part in name.split() if part.isprintable())[:_NAME_LENGTH_MAX].strip() or "computer"
