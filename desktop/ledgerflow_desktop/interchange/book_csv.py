"""The books as one CSV of entries, for spreadsheets: a line for each entry of each voucher in the books."""

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from ledgerflow_desktop.interchange.records import AccountRecord, FileId, Record, VoucherRecord
from ledgerflow_desktop.phrases.cell_safety import disarmed

_COLUMNS = (
    "voucher_id", "date", "type", "number", "state", "account", "group", "amount", "narration", "reference",
)  # fmt: skip


def write(records: Iterable[Record], out: BinaryIO) -> None:
    """Write one row an entry; amounts are decimal text, debit positive, opening balances first."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    accounts: dict[FileId, AccountRecord] = {}
    for record in records:
        if isinstance(record, AccountRecord):
            accounts[record.id] = record
            if record.opening.strip("-0.,"):
                name, group = disarmed(record.name), disarmed(":".join(record.group))
                writer.writerow(("", "", "Opening balance", "", "", name, group, record.opening, "", ""))
        elif isinstance(record, VoucherRecord):
            for entry in record.entries:
                account = accounts[entry.ledger]
                writer.writerow(
                    (
                        record.id,
                        record.date,
                        disarmed(record.type),
                        disarmed(record.number),
                        record.state,
                        disarmed(account.name),
                        disarmed(":".join(account.group)),
                        entry.amount,
                        disarmed(record.narration),
                        disarmed(record.reference),
                    )
                )
    text.flush()
    text.detach()
