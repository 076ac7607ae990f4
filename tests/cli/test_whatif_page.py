"""The report's page: whatever leads, members and rules are called, it stays text; nothing is loaded from anywhere."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bench.history.course import SMALL_CAPS, policy, ran
from cli.whatif.html import page_of
from cli.whatif.svg import nice
from tests.whatif.test_one_rule import HIGHER
from whatif.compare import compared
from whatif.report import Report

HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(2)>\"'"


class Page(HTMLParser):
    """Tags and attributes as a browser meets them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "line", "rect", "path", "br", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect", "path"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def report() -> Report:
    course = ran(3, 500, [(0.0, ())], [policy(*SMALL_CAPS, HIGHER)])
    return compared(course.history(), policy(*SMALL_CAPS, HIGHER))


def test_every_number_of_the_report_is_on_the_page(report: Report) -> None:
    page = Page(page_of(report, "ab12 (./policy)"))
    assert page.open == []
    for flow in report.flows:
        assert flow.was in page.text
    assert f"{report.kinds['by the policy']:,}" in page.text
    assert page.tags.count("svg") >= len(report.was.waiting)
    assert all(moved.lead_id in page.text for moved in report.moved)


def test_names_are_text_and_nothing_is_loaded(report: Report) -> None:
    names = dict.fromkeys(report.names, HOSTILE)
    moved = tuple(replace(one, lead_id=HOSTILE, was_rule=HOSTILE) for one in report.moved)
    page = Page(page_of(replace(report, names=names, moved=moved), HOSTILE))
    assert HOSTILE in page.text
    assert not {"script", "img", "iframe", "link", "object"} & set(page.tags)
    assert not {name for name in page.attributes if name.startswith("on")} | ({"src", "href"} & page.attributes)


def test_nothing_differs_is_a_page_too() -> None:
    history = ran(3, 60, [(0.0, ())]).history()
    page = Page(page_of(compared(history, None), "the same"))
    assert "Nothing would differ." in page.text


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (3, 5), (7, 10), (101, 200), (0.4, 0.5), (2.4, 2.5)])
def test_scales_end_at_round_numbers(value: float, top: float) -> None:
    assert nice(value) == pytest.approx(top)
