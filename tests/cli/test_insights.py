"""The command line of insights: definitions and docs come from one table, and what is wrong is said before anybody is asked."""

import pytest
from typer.testing import CliRunner

from cli.errors import CliError
from cli.insights import _filters, _known, app
from services.insights.domain.definitions import METRICS
from services.insights.domain.described import markdown
from services.insights.domain.page import minutes, number
from tests.paths import ROOT


def test_the_page_in_the_docs_is_the_table() -> None:
    page = (ROOT / "docs" / "insights.md").read_text()
    mark = "<!-- metrics: `signalbox insights metrics --markdown` -->\n"
    assert page.partition(mark)[2] == markdown(), (
        "./signalbox insights metrics --markdown, below the mark of docs/insights.md"
    )


def test_every_definition_is_printed() -> None:
    told = CliRunner().invoke(app, ["metrics"]).stdout
    for metric in METRICS:
        assert metric.name in told
        assert metric.question in told


def test_numbers_as_people_read_them() -> None:
    few = {"numerator": 1, "denominator": 3, "rate": None}
    assert number("rate", few) == "1 of 3: too few"
    assert number("rate", {"numerator": 0, "denominator": 0, "rate": None}) == "none"
    assert number("rate", {"numerator": 30, "denominator": 1200, "rate": 0.025}) == "2% (30 of 1,200)"
    assert number("minutes", {"count": 40, "p50_minutes": 42, "p90_minutes": 5760}) == "42 min, 9 of 10 in 4 days"
    assert [minutes(one) for one in (0, 119, 150, 4000)] == ["0 min", "119 min", "2.5 h", "2.78 days"]


def test_what_is_wrong_is_said() -> None:
    assert _filters(["queue=inbound_sales", "label=a=b"]) == {"queue": "inbound_sales", "label": "a=b"}
    with pytest.raises(CliError, match="is no filter"):
        _filters(["queue"])
    with pytest.raises(CliError, match="there is no metric"):
        _known("leeds")
