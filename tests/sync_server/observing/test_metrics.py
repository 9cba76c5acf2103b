"""Metrics are fetched from an address of their own, and every process of a server has one."""

from contextlib import closing
from socket import create_server

import httpx
import pytest

from ledgerflow_server.observing import metrics
from ledgerflow_server.observing.metrics import Metrics


def test_metrics_are_counted_and_fetched() -> None:
    counted = Metrics()
    counted.answered("GET", "/health/live", 200, 0.02)
    server = metrics.serve(counted, "127.0.0.1", 0)
    try:
        text = httpx.get(f"http://127.0.0.1:{server.port}/metrics").text
    finally:
        server.stop()
    assert 'ledgerflow_requests_total{method="GET",route="/health/live",status="200"} 1.0' in text
    assert 'ledgerflow_request_seconds_bucket{le="0.025",method="GET",route="/health/live"} 1.0' in text


def test_two_applications_do_not_count_for_each_other() -> None:
    first, second = Metrics(), Metrics()
    first.answered("GET", "/", 200, 0.1)
    assert (
        second.registry.get_sample_value("ledgerflow_requests_total", {"method": "GET", "route": "/", "status": "200"})
        is None
    )


def test_the_next_process_takes_the_next_free_port() -> None:
    with closing(create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        server = metrics.serve_at_first_free(Metrics(), "127.0.0.1", port)
        try:
            assert server.port > port
        finally:
            server.stop()
        with pytest.raises(OSError, match="in use"):
            metrics.serve_at_first_free(Metrics(), "127.0.0.1", port, tries=1)
