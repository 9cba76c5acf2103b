"""Masters as rows: each one's current state as JSON, under a short local number."""

from collections.abc import Iterable

import msgspec

from ledgerflow_core.identifiers import to_bytes
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.cost_centre import CostCategory, CostCentre
from ledgerflow_core.masters.group import Group
from ledgerflow_core.masters.rates import ForeignCurrency
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_desktop.storage.encrypted_database import Connection

# The company's creation is the log's first event, and the predefined masters come with it.
COMPANY_CREATED_AT = 1
# Facts: the version hashes (hex) of the company's details and of the lock; empty until either is changed.
COMPANY_VERSION, LOCK_VERSION = "company_version", "lock_version"

# A fact: the highest number of a master that never came to be. It stays given.
LAST_RESERVED_NO = "last_reserved_master_no"
# A fact: up to which position of this file the log was read for attachments.
ATTACHMENTS_READ_TO = "attachments_read_to"
_NEXT_NO = """SELECT 1 + max((SELECT coalesce(max(no), 0) FROM master),
    coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'last_reserved_master_no'), 0))"""

_MASTER = msgspec.json.Decoder(Group | Account | VoucherType | CostCategory | CostCentre | ForeignCurrency)
_COMPANY = msgspec.json.Decoder(Company)


def load(connection: Connection) -> tuple[Chart, dict[str, int]]:
    """Return the chart and the local number of each master."""
    chart, no_by_id = Chart(), {}
    for no, body in connection.execute("SELECT no, body FROM master ORDER BY no"):
        master = _MASTER.decode(body)
        chart.put(master)
        no_by_id[master.id] = no
    return chart, no_by_id


def insert(connection: Connection, masters: Iterable[Master], *, position: int) -> dict[str, int]:
    """Add masters made by the event at `position`; return their local numbers."""
    given: dict[str, int] = {}
    for master in masters:
        no = connection.execute(_NEXT_NO).fetchone()[0]
        insert_numbered(connection, no, master, position=position)
        given[master.id] = no
    return given


def insert_numbered(connection: Connection, no: int, master: Master, *, position: int) -> None:
    """Add a master under a number it was given before."""
    connection.execute(
        "INSERT INTO master (no, id, position, body) VALUES (?, ?, ?, ?)",
        (no, to_bytes(master.id), position, msgspec.json.encode(master)),
    )


def remove(connection: Connection, master_id: str) -> None:
    """Take a master out again on which nothing stands."""
    connection.execute("DELETE FROM master WHERE id = ?", (to_bytes(master_id),))


def update(connection: Connection, master: Master, *, position: int) -> None:
    """Replace a master's state by that of the event at `position`."""
    connection.execute(
        "UPDATE master SET body = ?, position = ? WHERE id = ?",
        (msgspec.json.encode(master), position, to_bytes(master.id)),
    )


def position_of(connection: Connection, master_id: str) -> int:
    """Return the position of the event that holds a master's current state."""
    return int(connection.execute("SELECT position FROM master WHERE id = ?", (to_bytes(master_id),)).fetchone()[0])


def read_company(connection: Connection) -> Company:
    """Return the company as it is now."""
    return _COMPANY.decode(get_meta(connection, "company"))


def write_company(connection: Connection, company: Company) -> None:
    """Replace the company's details."""
    set_meta(connection, "company", msgspec.json.encode(company).decode())


def get_meta(connection: Connection, name: str) -> str:
    """Return a fact of the file, empty text where it was never set."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return row[0] if row else ""


def set_meta(connection: Connection, name: str, value: str) -> None:
    """Set a fact of the file."""
    connection.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value))
