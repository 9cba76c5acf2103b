"""Every option of the server in one table: its name, what it may be, what it is by default and what it does.

The table is the class itself: `ledgerflow-server settings` prints it, `reading.read` obeys it, and nothing else in
the server looks at the environment.
"""

# ruff: noqa: RUF009 - `_option` declares a field, as dataclasses.field does

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from ledgerflow_server.settings import kinds
from ledgerflow_server.settings.kinds import Kind

KIB, MIB = 1024, 1024 * 1024


def _option(default: Any, kind: Kind, says: str, *, secret: bool = False) -> Any:
    """Declare an option. `Any`, because the type checker reads the type from the annotation beside it."""
    metadata = {"kind": kind, "says": says, "secret": secret}
    if callable(default):
        return dataclasses.field(default_factory=default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def _data_folder() -> Path:
    return Path(platformdirs.user_data_path("ledgerflow-server"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the server was told. Sizes are bytes, times as their names say. Valid once `reading.read` made it."""

    data_folder: Path = _option(_data_folder, kinds.path, "folder of keys, certificates, beacons and embedded data")
    database_url: str = _option(
        "", kinds.url("postgresql", "postgres"), "PostgreSQL 15 or newer; empty: one of our own", secret=True
    )
    database_admin_url: str = _option(
        "", kinds.url("postgresql", "postgres"), "the same for `migrate`: a role that may create roles", secret=True
    )
    database_pooled: bool = _option(False, kinds.flag, "a pooler in transaction mode stands before the database")
    pool_size: int = _option(10, kinds.whole(1, 200), "most database connections of a process for each of two roles")

    host: str = _option("0.0.0.0", kinds.text, "address to listen on")  # noqa: S104 - offices reach it; TLS is on
    port: int = _option(8443, kinds.whole(0, 65535), "port to listen on; 0: any free one")
    public_url: str = _option("", kinds.url("https", "http"), "address clients use; empty: https://<host name>:<port>")
    certificate: Path | None = _option(None, kinds.path, "TLS certificate chain (PEM); empty: one of our own authority")
    certificate_key: Path | None = _option(None, kinds.path, "its private key (PEM)")
    processes: int = _option(1, kinds.whole(1, 64), "processes that serve requests")
    connections: int = _option(1000, kinds.whole(1, 100_000), "most open connections of one process")
    trusted_proxies: tuple[str, ...] = _option((), kinds.networks, "networks whose X-Forwarded-For is believed")

    body_limit: int = _option(8 * MIB, kinds.whole(KIB, 64 * MIB), "largest request body")
    json_limit: int = _option(MIB, kinds.whole(KIB, 64 * MIB), "largest JSON request body")
    json_depth: int = _option(16, kinds.whole(1, 64), "deepest nesting of JSON")
    expanded_limit: int = _option(32 * MIB, kinds.whole(KIB, 256 * MIB), "largest body after decompression")
    expansion_ratio: int = _option(20, kinds.whole(2, 1000), "largest ratio of expanded to sent")
    body_seconds: int = _option(30, kinds.whole(1, 3600), "time a body may take before its rate counts")
    body_rate: int = _option(2 * KIB, kinds.whole(1, MIB), "slowest a body may arrive after that, bytes a second")

    attachment_limit: int = _option(64 * MIB, kinds.whole(KIB, 1024 * MIB), "largest attachment")
    attachment_quota: int = _option(
        10 * 1024 * MIB, kinds.whole(MIB, 1024**5), "most bytes of attachments of one company"
    )

    rate_address: str = _option("6000/minute", kinds.rate, "requests of one address, counted in each process")
    rate_device: str = _option("6000/minute", kinds.rate, "requests of one device")
    rate_tenant: str = _option("60000/minute", kinds.rate, "requests of one tenant")

    token_minutes: int = _option(10, kinds.whole(1, 60), "life of an access token")
    session_days: int = _option(30, kinds.whole(1, 365), "life of a session without use")
    idempotency_days: int = _option(7, kinds.whole(7, 365), "how long answers to Idempotency-Key are kept")

    worker_jobs: int = _option(2, kinds.whole(1, 32), "jobs a worker does at once")

    log_level: str = _option("info", kinds.one_of("debug", "info", "warning", "error"), "least level that is logged")
    metrics: bool = _option(True, kinds.flag, "serve Prometheus metrics at /metrics on an address of their own")
    metrics_host: str = _option("127.0.0.1", kinds.text, "address of the metrics")
    metrics_port: int = _option(9464, kinds.whole(0, 65535), "port of the metrics; process N uses this one + N")
    trace_endpoint: str = _option("", kinds.url("http", "https"), "OTLP/HTTP collector for traces; empty: none")
    docs: bool = _option(False, kinds.flag, "show every request of the API at /docs")

    @property
    def key_folder(self) -> Path:
        """Where the keys lie."""
        return self.data_folder / "keys"

    @property
    def database_secrets(self) -> Path:
        """Where the passwords of the database roles lie, and the keys of tenant contexts."""
        return self.key_folder / "database.key"

    @property
    def database_folder(self) -> Path:
        """Where our own PostgreSQL lies."""
        return self.data_folder / "postgresql"

    @property
    def attachment_folder(self) -> Path:
        """Where the bytes of attachments lie."""
        return self.data_folder / "attachments"

    @property
    def export_folder(self) -> Path:
        """Where files with everything of one tenant wait to be fetched."""
        return self.data_folder / "exports"

    @property
    def beacon_folder(self) -> Path:
        """Where the heads of the companies' logs are remembered outside the database."""
        return self.data_folder / "beacons"
