"""Traces through Kafka headers (W3C `traceparent`): a lead's way is one trace, each stage a span of it.

A submission's trace id derives from its id, so it is known without asking anything. Without an exporter the header is
handed on unchanged and nothing else is done.
"""

from dataclasses import dataclass, field
from typing import Any

from libs.runtime.settings import RuntimeSettings


@dataclass
class Spans:
    """The open spans of one batch."""

    tracer: Any = None
    open: list[Any] = field(default_factory=list)

    def start(self, stage: str, traceparent: str) -> str:
        """Opens a span of this stage under `traceparent`; returns the header that what follows from it carries."""
        if self.tracer is None or not traceparent:
            return traceparent
        parent = _context_of(traceparent)
        span = self.tracer.start_span(stage, context=parent)
        self.open.append(span)
        context = span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"

    def end(self) -> None:
        """Close all."""
        for span in self.open:
            span.end()
        self.open.clear()


def _context_of(traceparent: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    return TraceContextTextMapPropagator().extract({"traceparent": traceparent})


def tracer_of(settings: RuntimeSettings, service: str) -> Any:
    """A tracer that exports to the configured OTLP endpoint; None when there is none."""
    if not settings.otlp_endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": f"signalbox-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{settings.otlp_endpoint}/v1/traces")))
    return provider.get_tracer("signalbox")
