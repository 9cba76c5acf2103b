"""COMMIT that reports success only when the transaction is known to be durable.

A driver that is cancelled while COMMIT waits for a standby sends a cancel; PostgreSQL then commits locally, says so in
a mere warning, and the row is on one machine only. So COMMIT is shielded from cancellation, its warnings are read, and
whatever leaves the outcome open is `CommitUnknown`.
"""

import asyncio

import psycopg
from psycopg.pq import TransactionStatus

from ledgerflow_server.database.connecting import AsyncConnection
from ledgerflow_server.database.failures import CommitUnknown, TransactionBroken

# "committed locally, but might not have been replicated to the standby" comes under this code.
_WARNING = "01000"


async def commit(connection: AsyncConnection) -> None:
    """Commit the open transaction. Returning means durable.

    Raises `CommitUnknown` when the outcome is open, `TransactionBroken` when there is no sound transaction to commit,
    and psycopg's error when PostgreSQL refused: then nothing was written. A caller that is cancelled meanwhile gets
    its `CancelledError` after the outcome is known and only when that is a clean commit.
    """
    if connection.info.transaction_status is not TransactionStatus.INTRANS:
        raise TransactionBroken(status=connection.info.transaction_status.name.lower())
    committing = asyncio.ensure_future(_commit(connection))
    cancelled: asyncio.CancelledError | None = None
    while not committing.done():
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:  # noqa: BLE001 - read from the task below
            break
    if committing.cancelled():
        raise CommitUnknown(reason="the program is stopping")
    committing.result()
    if cancelled is not None:
        raise cancelled


async def _commit(connection: AsyncConnection) -> None:
    warnings: list[str] = []

    def notice(said: psycopg.errors.Diagnostic) -> None:
        if said.sqlstate == _WARNING:
            warnings.append(said.message_primary or "")

    connection.add_notice_handler(notice)
    try:
        await connection.commit()
    except psycopg.Error as error:
        if connection.broken or connection.closed:
            raise CommitUnknown(reason="the connection was lost") from error
        raise
    finally:
        connection.remove_notice_handler(notice)
    if warnings:
        raise CommitUnknown(reason="the standby may not have it")
