"""OpenTelemetry: metrics, traces and logs go out over OTLP when an endpoint is configured, and cost nothing otherwise.

Labels are stage names and reason codes only: nothing of a lead ever becomes a label.
"""

import copy
import json
import logging
import sys
from dataclasses import dataclass
from typing import Any

from libs.runtime.settings import RuntimeSettings

TALKATIVE = ("httpx", "httpcore", "urllib3", "asyncio")
"""Libraries that log addresses with their queries and the heads of answers, httpx at INFO and the others at DEBUG; urllib3
also logs what exports the logs, which then is exported. Whatever level is asked for is asked for from our own code."""


@dataclass
class Meter:
    """The service's instruments. All methods are no-ops without an exporter."""

    records: Any = None
    seconds: Any = None

    def batch(self, stage: str, count: int, seconds: float) -> None:
        """A batch was committed."""
        if self.records is not None:
            self.records.add(count, {"stage": stage})
            self.seconds.record(seconds, {"stage": stage})


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message and, for errors, the exception's type and places (no values)."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for one record."""
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["at_code"] = _places(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _places(error: BaseException) -> list[str]:
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-8:]


class WithoutValues(logging.Handler):
    """Hands records on without their exceptions, whose messages may quote a lead; type and code places stay."""

    def __init__(self, inner: logging.Handler) -> None:
        super().__init__()
        self._inner = inner

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one record on."""
        shorn = copy.copy(record)
        error = record.exc_info[1] if record.exc_info else None
        shorn.exc_info = shorn.exc_text = None
        if error is not None:
            shorn.error, shorn.at_code = type(error).__name__, " > ".join(_places(error))
        self._inner.handle(shorn)

    def flush(self) -> None:
        """Flush what records are handed on to."""
        self._inner.flush()


def configure_logging(level: str) -> None:
    """JSON lines on standard error for everything."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def export_logs(settings: RuntimeSettings, service: str) -> None:
    """Send log records to the configured OTLP endpoint too; nothing without one."""
    if not settings.otlp_endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter  # noqa: PLC0415
    from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler  # noqa: PLC0415
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415

    provider = LoggerProvider(resource=Resource.create({"service.name": f"signalbox-{service}"}))
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"{settings.otlp_endpoint}/v1/logs")))
    logging.getLogger().addHandler(WithoutValues(LoggingHandler(logger_provider=provider)))


def meter_of(settings: RuntimeSettings, service: str) -> Meter:
    """Instruments that export to the configured OTLP endpoint, or do nothing."""
    if not settings.otlp_endpoint:
        return Meter()
    # imported here: the exporter costs 15 MB and 0.2 s that only those pay who use it
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415

    exporter = OTLPMetricExporter(endpoint=f"{settings.otlp_endpoint}/v1/metrics")
    resource = Resource.create({"service.name": f"signalbox-{service}"})
    provider = MeterProvider([PeriodicExportingMetricReader(exporter, 10_000)], resource=resource)
    meter = provider.get_meter("signalbox")
    return Meter(
        records=meter.create_counter("signalbox.stage.records", "records", "records committed"),
        seconds=meter.create_histogram("signalbox.stage.batch", "s", "time of a batch, transaction included"),
    )
