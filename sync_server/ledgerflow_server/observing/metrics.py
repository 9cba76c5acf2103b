"""Counters and timings for Prometheus, in a registry of our own so that two applications in one test do not meet.

Labels are routes as written in the code, methods and statuses: a bounded number. No label names a tenant.
"""

import errno
import threading
from dataclasses import dataclass
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What every request leaves behind. Features add their own to `registry` when they are wired."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "ledgerflow_requests_total", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "ledgerflow_request_seconds", "Time to answer.", ("method", "route"), buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.under_way = Gauge("ledgerflow_requests_under_way", "Requests being answered.", registry=self.registry)
        self.refused = Counter(
            "ledgerflow_refused_total", "Requests refused at the edge.", ("code",), registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)


@dataclass(frozen=True, slots=True)
class MetricsServer:
    """The listener metrics are fetched from; apart from the API, so that the world outside cannot read them."""

    server: WSGIServer
    thread: threading.Thread

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server.server_address[1])

    def stop(self) -> None:
        """Stop listening and wait for the end."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def serve(metrics: Metrics, host: str, port: int) -> MetricsServer:
    """Answer `/metrics` at an address (port 0: any free one). Raises `OSError` where the port is taken."""
    server, thread = start_http_server(port, host, metrics.registry)
    return MetricsServer(server, thread)


def serve_at_first_free(metrics: Metrics, host: str, port: int, tries: int = 64) -> MetricsServer:
    """Answer at `port` or the first free one after it: processes of one server take one each.

    Raises `OSError` where none of `tries` ports is free.
    """
    for offset in range(tries - 1):
        try:
            return serve(metrics, host, port + offset)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    return serve(metrics, host, port + tries - 1)
