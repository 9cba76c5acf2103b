"""Traces by OpenTelemetry, only where a collector is named. Without one nothing of it is even loaded."""

import importlib
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

_TELLING = (
    "http.url", "http.target", "url.full", "url.query", "net.peer.ip", "client.address", "http.user_agent",
    "user_agent.original",
)  # fmt: skip


def start(app: FastAPI, endpoint: str, version: str) -> Callable[[], None]:
    """Send a span for each request to the collector at `endpoint` (OTLP over HTTP); return what ends it.

    Spans carry route and status. Headers, bodies and query strings are not recorded.
    """
    # Loaded late: the exporter costs a third of a second that a server without a collector need not wait.
    exporters: Any = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    instrumentation: Any = importlib.import_module("opentelemetry.instrumentation.fastapi")
    resources: Any = importlib.import_module("opentelemetry.sdk.resources")
    sdk: Any = importlib.import_module("opentelemetry.sdk.trace")
    export: Any = importlib.import_module("opentelemetry.sdk.trace.export")

    provider = sdk.TracerProvider(
        resource=resources.Resource.create({"service.name": "ledgerflow-server", "service.version": version})
    )
    exporter = exporters.OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    instrumentation.FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=provider,
        server_request_hook=_forget_query,
        excluded_urls="/health/.*",
        exclude_spans=["send", "receive"],
    )

    def stop() -> None:
        instrumentation.FastAPIInstrumentor.uninstrument_app(app)
        provider.shutdown()

    return stop


def _forget_query(span: Any, _: Any) -> None:
    """Empty the attributes a query string or a client's address is in; the route stays."""
    for name in _TELLING:
        if name in (span.attributes or {}):
            span.set_attribute(name, "")
