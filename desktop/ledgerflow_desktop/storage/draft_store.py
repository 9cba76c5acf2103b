"""Drafts as rows: encrypted with the company like everything in it, free of the log, overwritten as one types."""

from dataclasses import dataclass

from ledgerflow_core.identifiers import to_bytes, to_text
from ledgerflow_desktop.storage.encrypted_database import Connection


@dataclass(frozen=True, slots=True)
class Draft:
    """Something half written. `id` is a UUID (that of the voucher it will be), `body` belongs to the screen."""

    id: str
    kind: str
    body: bytes
    saved_at: str = ""


def save(connection: Connection, draft: Draft) -> None:
    """Add a draft or replace the one with its id."""
    connection.execute(
        """INSERT INTO draft (id, kind, saved_at, body) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET kind = excluded.kind, saved_at = excluded.saved_at, body = excluded.body""",
        (to_bytes(draft.id), draft.kind, draft.saved_at, draft.body),
    )


def of_kind(connection: Connection, kind: str) -> list[Draft]:
    """Return the drafts of one kind, the newest first."""
    rows = connection.execute("SELECT id, kind, body, saved_at FROM draft WHERE kind = ?", (kind,)).fetchall()
    found = [Draft(to_text(no), of, bytes(body), saved_at) for no, of, body, saved_at in rows]
    found.sort(key=lambda draft: (draft.saved_at, draft.id), reverse=True)
    return found


def remove(connection: Connection, draft_id: str) -> None:
    """Take a draft out; nothing happens where there is none."""
    connection.execute("DELETE FROM draft WHERE id = ?", (to_bytes(draft_id),))
