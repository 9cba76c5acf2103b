"""JSON logs, one object a line on standard error: what happened to which request, never what was in it."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

# The only fields a line may have. What is not here does not reach the log, whoever passed it.
ALLOWED = frozenset(
    {
        "event", "level", "at", "logger", "request", "trace", "method", "route", "status", "ms", "bytes_in",
        "bytes_out", "tenant", "device", "error", "code", "codes", "frames", "process", "port", "revision", "signal",
        "job", "seconds", "count", "address",
    }
)  # fmt: skip


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send the logs of the server, of its libraries and of uvicorn to `stream` (standard error)."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _frames,
        _only_allowed,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _only_allowed,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Libraries write what they like into a message: a URL, an SQL statement with its values. Only their warnings
    # are of use, and `_only_allowed` cannot look inside a sentence.
    for name in ("uvicorn.access", "httpx", "httpcore", "psycopg", "sqlalchemy", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def configured(level: str, stream: TextIO) -> Iterator[None]:
    """Log to `stream` while the block runs, and as before afterwards."""
    root = logging.getLogger()
    before = root.handlers, root.level, structlog.get_config()
    configure(level, stream)
    try:
        yield
    finally:
        root.handlers = before[0]
        root.setLevel(before[1])
        structlog.configure(**before[2])


def frames_of(error: BaseException) -> list[str]:
    """Return where an error passed through (`file:line function`), without its text, which may quote data."""
    return [
        f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ][-12:]


def _frames(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an error that was logged with its kind and its places in the code."""
    held = event.pop("exc_info", None)
    if held is True:
        held = sys.exc_info()
    error = held[1] if isinstance(held, tuple) else held
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["frames"] = frames_of(error)
    return event


def _only_allowed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name in [name for name in event if name not in ALLOWED and not name.startswith("_")]:
        del event[name]
    return event
