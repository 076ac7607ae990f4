"""The picture is well-formed and shows every budget on its side of the line."""

from dataclasses import replace
from xml.etree import ElementTree

from bench.machine import machine
from bench.picture import BAD, GOOD, picture
from bench.result import Check, Report, Row, Spread

KEPT = Check("a < b & c", Spread(0.9, 1.1, 1.4), 1.0, 1.2, "higher")
MISSED = Check("latency", Spread(100, 400, 9000), 150, 50, "lower", "ms")


def test_each_budget_has_a_bar_in_its_colour() -> None:
    rows = [Row("one", "t", [KEPT], {}, []), Row("two", "t", [MISSED], {}, [])]
    text = picture(Report(machine(), "2026-11-22T00:00:00+00:00", 1, 5, rows))
    root = ElementTree.fromstring(text)
    drawn = [item.get("fill") for item in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert drawn.count(GOOD) == 2
    assert drawn.count(BAD) == 2
    assert "one: a < b & c" in "".join(root.itertext())


def test_a_report_is_kept_whole_with_its_verdicts() -> None:
    report = Report(machine(), "2026-11-22T00:00:00+00:00", 1, 5, [Row("two", "t", [MISSED], {}, [])])
    told = report.as_json()
    assert told["rows"][0]["checks"][0]["is_met"] is False
    assert not report.is_met
    assert replace(report, rows=[]).is_met
