"""Traces by OpenTelemetry, only where a collector is named. Without one nothing of it is even loaded."""

import importlib
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI


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
    provider.add_span_processor(_without_query(sdk)())
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    instrumentation.FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, excluded_urls="/health/.*", exclude_spans=["send", "receive"]
    )

    def stop() -> None:
        instrumentation.FastAPIInstrumentor.uninstrument_app(app)
        provider.shutdown()

    return stop


def _without_query(sdk: Any) -> Any:
    """Return a span processor that drops the attributes a query string or a client's address would be in."""

    class WithoutQuery(sdk.SpanProcessor):  # type: ignore[misc]  # the class is loaded late and so unknown
        def on_start(self, span: Any, parent_context: Any = None) -> None:
            for name in ("http.url", "http.target", "url.full", "url.query", "net.peer.ip", "client.address"):
                if name in (span.attributes or {}):
                    span.set_attribute(name, "")

    return WithoutQuery
