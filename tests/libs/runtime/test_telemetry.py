"""What is exported of a log record holds no value of a lead."""

import logging

from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

from libs.runtime.telemetry import WithoutValues, configure_logging


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


def test_libraries_do_not_log_addresses_and_heads_whatever_the_level() -> None:
    root = logging.getLogger()
    held, level = list(root.handlers), root.level
    try:
        configure_logging("DEBUG")
        assert logging.getLogger("libs.runtime.owner").isEnabledFor(logging.DEBUG)
        quiet = ("httpx", "httpcore.http11", "urllib3.connectionpool", "aiokafka")
        assert not any(logging.getLogger(name).isEnabledFor(logging.INFO) for name in quiet)
    finally:
        logging.basicConfig(level=level, handlers=held, force=True)
