"""Enrol a book at a server: from then on it syncs there."""

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import DeviceId, named
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage import enrolment_facts
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.enrolment_facts import Enrolment
from ledgerflow_desktop.storage.failures import ReadOnly
from ledgerflow_desktop.sync_client import authority
from ledgerflow_desktop.sync_client.enrolment import Candidate, Enrolled, enrol, reach

_NAME_LENGTH_MAX = 200


def enrolment_of(book: Book) -> Enrolment | None:
    """Return where a book is enrolled, None where it is not."""
    return enrolment_facts.read(book.connection)


def require_enrolment(book: Book) -> Enrolment:
    """Return where a book is enrolled; refuses `not-enrolled`."""
    found = enrolment_of(book)
    if found is None:
        raise refuse("not-enrolled")
    return found


def enrol_book(book: Book, url: str, code: str, device_name: str) -> Outcome[Enrolment]:
    """Bind a book to the company of the code: its whole log becomes the company's log with the next sync.

    Cut off anywhere, the same code enrols the same book again. Refuses `already-enrolled`, `bad-code`, `bad-address`,
    `address-insecure`; raises `AuthorityDiffers`, `NoAnswer`, `ServerRefused` (`code-used`, `company-differs`, ...).
    """
    if not book.writable:
        raise ReadOnly(str(book.folder.path))
    known = enrolment_of(book)
    if known is not None:
        raise refuse("already-enrolled", server=known.address)
    address, read = authority.read_address(url), authority.read_code(code)
    candidate = Candidate(
        company=book.company.id,
        device=device_of(book),
        device_name=_one_line(device_name),
        replica=book.replica,
        key=book.signing_key,
    )
    reached = reach(address, read)
    try:
        enrolled = enrol(reached.transport, read, candidate)
    finally:
        reached.transport.close()
    kept = facts_of(address, reached.authority, enrolled, candidate, book.machine.timestamp())
    with book.writing():
        enrolment_facts.write(book.connection, kept)
    return Outcome(kept, Changed.COMPANY)


def device_of(book: Book) -> DeviceId:
    """Return what the server knows this book's device by: always the same for the same replica."""
    return DeviceId(named("enrolled-device", book.replica))


def facts_of(address: str, trusted: str, enrolled: Enrolled, candidate: Candidate, at: str) -> Enrolment:
    """Return what a book keeps of an answer to its enrolment."""
    return Enrolment(
        address=address,
        authority=trusted,
        server_key=enrolled.server_key,
        tenant=enrolled.tenant,
        device=enrolled.device,
        user=enrolled.user.id,
        user_name=enrolled.user.name,
        role=enrolled.user.role,
        at=at,
        replica=candidate.replica,
    )


def _one_line(name: str) -> str:
    """Return a name of a machine as the server takes it."""
    return " ".join(part for part in name.split() if part.isprintable())[:_NAME_LENGTH_MAX].strip() or "computer"
