"""A trace goes through the stages in the header; without an exporter the header is handed on as it came."""

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libs.contracts.ids import traceparent
from libs.runtime.tracing import Spans


def test_without_a_tracer_the_header_stays() -> None:
    assert Spans().start("dedupe", traceparent("s")) == traceparent("s")


def test_each_stage_is_a_child_span_of_the_one_before() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans = Spans(provider.get_tracer("test"))
    first = spans.start("dedupe", traceparent("s"))
    second = spans.start("enrich", first)
    spans.end()
    assert {header.split("-")[1] for header in (traceparent("s"), first, second)} == {traceparent("s").split("-")[1]}
    dedupe, enrich = sorted(exporter.get_finished_spans(), key=lambda span: span.name)
    assert dedupe.parent is not None
    assert enrich.parent is not None
    assert format(dedupe.parent.span_id, "016x") == traceparent("s").split("-")[2]
    assert enrich.parent.span_id == dedupe.context.span_id
    assert second.split("-")[2] == format(enrich.context.span_id, "016x")
