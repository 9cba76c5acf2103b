"""Create, open and unlock companies, and look after their keys."""

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from ledgerflow_core.calendar import FinancialYear, parse_date, problems_in_day
from ledgerflow_core.errors import Damaged, InvalidInput, LedgerFlowError, Problem
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.validation import problems_in_company
from ledgerflow_core.money.currency import currency
from ledgerflow_core.text_rules import problems_in_name
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.settings.places import STATES, known_countries, known_currencies
from ledgerflow_desktop.storage import key_slots
from ledgerflow_desktop.storage.attachments import drop_leftovers
from ledgerflow_desktop.storage.book import Book, open_book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company
from ledgerflow_desktop.storage.failures import ReadOnly, UpgradeNeeded, WrongPassphrase
from ledgerflow_desktop.storage.key_slots import Keys, Slot
from ledgerflow_desktop.storage.recovery_code import looks_like_a_code
from ledgerflow_desktop.storage.rekeying import remove_leftover, unlock_unfinished
from ledgerflow_desktop.storage.upgrade import upgrade_company


@dataclass(frozen=True, slots=True)
class NewCompany:
    """What is asked before a company is made. `year_start` is ``MM-DD``; `books_begin` ISO or empty for this year's."""

    name: str
    country: str = "IN"
    state: str = ""
    currency: str = "INR"
    year_start: str = "04-01"
    books_begin: str = ""


@dataclass(frozen=True, slots=True)
class Created:
    """A new company: where it is, and the recovery code that is shown once and kept nowhere."""

    folder: Path
    recovery_code: str


def problems_in(form: NewCompany) -> list[Problem]:
    """Return everything wrong with the form, in the order of its fields."""
    problems = problems_in_name(form.name, "name")
    if form.country not in known_countries():
        problems.append(Problem("bad-country", "country", {"given": form.country[:20]}))
    if form.state and form.country == "IN" and form.state not in dict(STATES):
        problems.append(Problem("bad-state", "state", {"given": form.state[:20]}))
    if (form.currency or not problems) and form.currency not in known_currencies():
        problems.append(Problem("bad-currency", "currency", {"given": form.currency[:20]}))
    try:
        _year(form)
    except InvalidInput as error:
        problems += [Problem(found.code, "year_start", found.facts) for found in error.problems]
    if form.books_begin:
        try:
            problems += problems_in_day(parse_date(form.books_begin), "books_begin")
        except InvalidInput as error:
            problems += [Problem(found.code, "books_begin", found.facts) for found in error.problems]
    return problems


def create(path: Path, form: NewCompany, passphrase: str, machine: Machine) -> Created:
    """Make a company at `path`; never overwrites. Raises `InvalidInput` with every problem of the form."""
    problems = problems_in(form)
    if len(passphrase) < key_slots.PASSPHRASE_LENGTH_MIN:
        problems.append(Problem("passphrase-too-short", "passphrase", {"least": key_slots.PASSPHRASE_LENGTH_MIN}))
    if problems:
        raise InvalidInput(problems)
    year = _year(form)
    begin = parse_date(form.books_begin) if form.books_begin else year.year_of(machine.today()).first
    money = currency(form.currency)
    company = Company(
        id=CompanyId(machine.identifiers().new()),
        name=" ".join(form.name.split()),
        country=form.country,
        state=form.state,
        currency=money.code,
        exponent=money.exponent,
        year_start_month=year.start_month,
        year_start_day=year.start_day,
        books_begin=begin,
    )
    folder = CompanyFolder.named(path)
    code = create_company(folder, company, passphrase, machine)
    return Created(folder.path, code)


def suggested_folder_name(company_name: str) -> str:
    """Return a file name every system takes for a company of this name, without the suffix."""
    kept = "".join(c if c.isalnum() or c in " -_.()&" else " " for c in company_name)
    return " ".join(kept.split()).strip(". ")[:80] or "Company"


def open_company(
    path: Path, machine: Machine, *, passphrase: str = "", recovery_code: str = "", read_only: bool = False
) -> Book:
    """Open a company: by passphrase, by recovery code, or, with neither, by this machine's key store.

    A file of an older version is upgraded on a copy first (not when read-only: then `UpgradeNeeded`).
    `WrongPassphrase` when nothing given opens it.
    """
    folder = CompanyFolder.named(path)
    folder.require()
    keys = key_slots.read_keys(folder)

    def by_what_was_given(candidates: Keys) -> bytes:
        return unlock(candidates, machine, passphrase=passphrase, recovery_code=recovery_code)

    if keys.next is None:
        book_key = by_what_was_given(keys)
    else:
        keys, book_key = unlock_unfinished(folder, by_what_was_given, machine, read_only=read_only)
    try:
        book = open_book(folder, keys, book_key, machine, read_only=read_only)
    except UpgradeNeeded:
        if read_only:
            raise
        upgrade_company(folder, book_key, machine)
        book = open_book(folder, keys, book_key, machine)
    if book.writable:
        remove_leftover(folder)
        drop_leftovers(folder.attachments)
    return book


def looks_like_a_recovery_code(typed: str) -> bool:
    """Whether what was typed has the form and the check symbols of a recovery code."""
    return looks_like_a_code(typed)


def opens_by_itself(path: Path, machine: Machine) -> bool:
    """Whether this machine's key store holds a key to the company."""
    folder = CompanyFolder.named(path)
    folder.require()
    try:
        return key_slots.unlock_with_key_store(key_slots.read_keys(folder), machine) is not None
    except LedgerFlowError:
        return False


def company_name(path: Path) -> str:
    """Return the name of a company without unlocking it."""
    folder = CompanyFolder.named(path)
    folder.require()
    return key_slots.read_keys(folder).name


def slots(book: Book) -> tuple[Slot, ...]:
    """Return the ways in."""
    return key_slots.read_keys(book.folder).slots


def add_passphrase(book: Book, passphrase: str) -> Outcome[Slot]:
    """Add a passphrase that opens the book beside the others."""
    keys = keys_to_change(book)
    return _add(book, keys, key_slots.passphrase_slot(book.book_key, passphrase, keys.company, book.machine))


def add_recovery_code(book: Book) -> Outcome[str]:
    """Add a recovery code and return it; earlier ones go on working until their slots are removed."""
    keys = keys_to_change(book)
    slot, code = key_slots.recovery_slot(book.book_key, keys.company, book.machine)
    _add(book, keys, slot)
    return Outcome(code, Changed.COMPANY)


def remember_on_this_machine(book: Book) -> Outcome[Slot]:
    """Keep a key in this machine's key store, so that the book opens without a passphrase here."""
    keys = keys_to_change(book)
    return _add(book, keys, key_slots.keyring_slot(book.book_key, keys.company, book.machine))


def remove_slot(book: Book, slot_id: str) -> Outcome[None]:
    """Remove one way in; refuses the last passphrase (`last-passphrase`) and an unknown slot."""
    keys = keys_to_change(book)
    slot = next((found for found in keys.slots if found.id == slot_id), None)
    if slot is None:
        raise InvalidInput([Problem("unknown-slot", "", {"given": slot_id})])
    if slot.kind == "passphrase" and sum(found.kind == "passphrase" for found in keys.slots) == 1:
        raise InvalidInput([Problem("last-passphrase")])
    write_keys(book, replace(keys, slots=tuple(found for found in keys.slots if found.id != slot_id)))
    key_slots.forget_slot(keys.company, slot, book.machine)
    return Outcome(None, Changed.COMPANY)


def change_passphrase(book: Book, old: str, new: str) -> Outcome[None]:
    """Replace the passphrase `old` opens by `new`; the book itself is not encrypted again."""
    keys = keys_to_change(book)
    added = key_slots.passphrase_slot(book.book_key, new, book.company.id, book.machine)
    opened_by = next((slot for slot in keys.slots if key_slots.opens_with(slot, keys, old)), None)
    if opened_by is None:
        raise WrongPassphrase()
    kept = tuple(slot for slot in keys.slots if slot.id != opened_by.id)
    write_keys(book, replace(keys, slots=(*kept, added)))
    return Outcome(None, Changed.COMPANY)


def change_company(book: Book, company: Company) -> Outcome[None]:
    """Change a company's details; what its books are kept in and from when cannot change."""
    problems = problems_in_company(company, book.company)
    if problems:
        raise InvalidInput(problems)
    keys = keys_to_change(book)
    with book.writing() as unit:
        unit.change_company(company)
    # The name stands in keys.json as well, for the list of companies that are not unlocked.
    write_keys(book, replace(keys, name=company.name))
    return Outcome(None, Changed.COMPANY)


def _year(form: NewCompany) -> FinancialYear:
    month, _, day = form.year_start.partition("-")
    if not (month.isdigit() and day.isdigit() and len(form.year_start) <= 5):
        raise InvalidInput([Problem("bad-year-start", "year_start", {"given": form.year_start[:20]})])
    return FinancialYear(int(month), int(day))


def unlock(keys: Keys, machine: Machine, *, passphrase: str = "", recovery_code: str = "") -> bytes:
    """Return the key that what was given opens; with nothing given, the key store's. `WrongPassphrase` if none."""
    if recovery_code:
        return key_slots.unlock_with_recovery_code(keys, recovery_code)
    if passphrase:
        return key_slots.unlock_with_passphrase(keys, passphrase)
    found = key_slots.unlock_with_key_store(keys, machine)
    if found is None:
        raise WrongPassphrase(kind="none-given")
    return found


def keys_to_change(book: Book) -> Keys:
    """Return the keys as they stand; `Damaged` where another hand changed them: sealing them anew would hide it."""
    if not book.writable:
        raise ReadOnly(str(book.folder.path))
    keys = key_slots.read_keys(book.folder)
    if any(found.code == "keys-changed" for found in key_slots.problems_in_keys(book.folder, keys, book.book_key)):
        raise Damaged(str(book.folder.keys), reason="changed by something else than this program")
    return keys


def _add(book: Book, keys: Keys, slot: Slot) -> Outcome[Slot]:
    write_keys(book, replace(keys, slots=(*keys.slots, slot)))
    return Outcome(slot, Changed.COMPANY)


def write_keys(book: Book, keys: Keys) -> None:
    """Replace the keys of an open book."""
    key_slots.write_keys(book.folder, keys, book.book_key)
    book.keys = keys
