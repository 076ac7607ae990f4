"""What is exported of a log record holds no value of a lead."""

import logging

from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

from libs.runtime.telemetry import WithoutValues


def test_an_exported_exception_tells_its_type_and_place_and_not_what_it_quotes() -> None:
    exporter, provider = InMemoryLogRecordExporter(), LoggerProvider()  # type: ignore[no-untyped-call]
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    logger = logging.Logger("test")
    logger.addHandler(WithoutValues(LoggingHandler(logger_provider=provider)))
    try:
        raise KeyError("jane@example.com")
    except KeyError:
        logger.exception("it ends")
    (held,) = exporter.get_finished_logs()
    told = held.to_json()
    assert "jane" not in told
    assert "KeyError" in told
    assert "test_telemetry.py" in told
