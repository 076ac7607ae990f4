"""`whatif economics` as people meet it: the command on the real broker, tables, the leads behind a number, the page."""

import asyncio
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from bench.history.course import policy
from cli.__main__ import app
from cli.errors import CliError
from cli.publish import publish
from cli.whatif.curve import Axes, Point, curve
from cli.whatif.economics import Asked, as_told, looked_at
from cli.whatif.economics_behind import behind_cut, listed
from cli.whatif.economics_page import page_of
from cli.whatif.economics_shown import HONEST, cuts_table, notes, situation, told
from cli.whatif.page import details, soft
from libs.contracts.codec import encode
from libs.contracts.topics import TRIAGE_DECIDED
from libs.policy.load import read_files
from libs.runtime.broker import Producer
from libs.runtime.settings import RuntimeSettings
from tests.cli.test_whatif_page import HOSTILE, Page
from tests.paths import ROOT
from tests.whatif.decided import NOW, answer, decision, proposal, write
from whatif.answers import Answered
from whatif.economics import Economics, economics
from whatif.logged import Log
from whatif.writes import Written

THEN = datetime(2031, 5, 1, 9, 0, tzinfo=UTC)
"""No other test decides anything then."""
WINDOW = ("--from", "2031-05-01", "--to", "2031-05-02")
HELD = "fields.yaml:contact.title.overwrite"


def printed(*parts: object) -> str:
    file = StringIO()
    Console(file=file, width=180).print(*parts)
    return file.getvalue()


def some(count: int = 300) -> list[Answered]:
    return [answer(0.5 + n % 40 / 100, n % 97 != 0, n) for n in range(count)]


def test_the_fields_are_told_with_what_is_recommended_and_why_not() -> None:
    held = [*some(), *(answer(0.9, True, n, "contact.owner") for n in range(60))]
    text = printed(*told(economics(held, [], policy(), tolerate=0.05), HONEST, 0.05, 20, cuts=False))
    assert "enrich:contact.title" in text
    assert "enrich:contact.owner: never changes without a person (always_review)." in text
    assert "All recommended cuts together: 300 reviews saved, 4 of them wrong." in text
    flat = " ".join(text.split())
    assert all(line in flat for line in HONEST)


def test_one_field_s_cuts_mark_the_band_now_and_the_recommended_one() -> None:
    (one,) = economics(some(), [write(0.95, True), *(write(0.9, False) for _ in range(99))], policy(), tolerate=0.05)
    rows = [line.replace("│", "").split() for line in printed(cuts_table(one)).splitlines() if line.startswith("│")]
    marked = {row[0]: " ".join(row[10:]) for row in rows if row[10:]}
    assert marked == {"0.50": "recommended", "0.70": "the band now"}
    assert rows[0][:4] == ["0.50", "300", "4", "1.3%"]
    assert rows[0][7:10] == ["0", "100", "1"]
    assert situation(one) == (
        "It is written from 0.70 on. Recommended: from 0.50 on, which saves 160 reviews more; of those, 3 were wrong "
        "(0.6% to 5.4%)."
    )


def test_a_stricter_cut_than_now_says_what_it_costs() -> None:
    held = [answer(0.9, True, n) for n in range(300)] + [answer(0.75, False, n) for n in range(300, 320)]
    (one,) = economics(held, [], policy())
    assert situation(one) == "It is written from 0.70 on. Recommended: from 0.90 on, which asks 20 times more."
    (same,) = economics(held[:300], [], policy())
    assert situation(same) == "It is written from 0.70 on. Recommended: from 0.70 on, as it is."


def test_what_asks_besides_the_band_is_said() -> None:
    asking = policy(("launch.yaml", "mode: limited_auto", "mode: suggested"))
    found = economics(some(), [], asking, tolerate=0.05)
    assert "As long as this asks, too, no cut is in force: launch mode suggested." in printed(
        *told(found, [], 0.05, 20, cuts=False)
    )
    assert situation(found[0]).startswith("It is written from 0.70 on once nothing else asks (launch mode suggested).")


def test_the_leads_behind_a_number_are_listed_wrong_ones_first() -> None:
    held = [answer(0.9, n != 3, n) for n in range(6)] + [answer(0.5, True, 7), answer(0.9, False, 8, asked_by=HELD)]
    writes = [write(0.95, True), write(0.9, False), write(0.6, True)]
    found = economics(held, writes, policy())
    behind = behind_cut("contact.title@0.85", found, held, writes, "")
    assert [one.lead_id for one in behind.answers] == ["l3", "l0", "l1", "l2", "l4", "l5", "l8"]
    assert (len(behind.corrected), behind.written) == (1, 2)
    first, second = listed(behind, 3)
    assert str(first.title) == "enrich:contact.title from 0.85 on: 6 reviews saved, 1 of them wrong; 3 of 7 answers"
    assert str(second.title) == "written without asking and taken back: 1 of 2; 1 are listed"
    assert "[red]" in printed(*listed(behind_cut("contact.title@0.1", *_named("[red]")), 5))


def _named(text: str) -> tuple[list[Economics], list[Answered], list[Written], str]:
    held = [Answered("q", "l", "enrich", "contact.title", 0.9, True, "approve", None, text, "ana", NOW)]
    return economics(held, [], policy()), held, [], ""


@pytest.mark.parametrize(
    "name", ["contact.title", "nobody:contact.title@0.9", "contact.title@high", "contact.title@7", "@"]
)
def test_a_name_that_names_no_cut_is_told_what_there_is(name: str) -> None:
    held = some(10)
    with pytest.raises(CliError, match=r"names no cut[\s\S]*enrich:contact\.title@0\.85"):
        behind_cut(name, economics(held, [], policy()), held, [], "")


def test_json_says_all_that_the_tables_say() -> None:
    found = economics(some(), [], policy(), tolerate=0.05)
    log = Log(policy())
    made = json.loads(json.dumps(as_told(found, log, Asked(), policy(), "", 0.05), default=str))
    (field,) = made["fields"]
    assert (field["name"], field["recommended"], field["present"]["band"]) == ("enrich:contact.title", 0.5, 0.7)
    assert [cut["at"] for cut in field["cuts"] if cut["recommended"]] == [0.5]
    assert [cut["at"] for cut in field["cuts"] if cut["in_force"]] == [0.7]
    assert made["notes"] == notes(log)
    assert made["recommended_together"] == {"saved": 300, "wrong": 4}


def test_no_answer_is_said_with_what_there_is() -> None:
    log = Log(policy())
    with pytest.raises(CliError, match="nobody has answered a suggestion yet"):
        looked_at(log, Asked())
    log.decided(decision("l1", "approve", proposal()))
    assert len(looked_at(log, Asked(field="contact.title"))[0]) == 1
    for asked in (
        Asked(field="contact.name"),
        Asked(workflow="score"),
        Asked(since=NOW + timedelta(days=1)),
        Asked(until=NOW),
    ):
        with pytest.raises(
            CliError, match=r"no answer fits[\s\S]*1 answers about enrich:contact\.title, from 2026-11-02"
        ):
            looked_at(log, asked)


# --- the page --------------------------------------------------------------------------------------------------------


def a_page() -> str:
    held = [answer(0.5 + n % 40 / 100, n % 7 != 0, n, kind=HOSTILE) for n in range(300)]
    return page_of(economics(held, [write(0.9, True, kind=HOSTILE)], policy(), "kind"), 0.02, [HOSTILE])


def test_the_page_tells_every_cut_and_stays_text() -> None:
    page = Page(a_page())
    assert page.open == []
    assert HOSTILE in page.text
    assert not {"script", "img", "iframe", "link", "object"} & set(page.tags)
    assert not {name for name in page.attributes if name.startswith("on")} | ({"src", "href"} & page.attributes)
    assert page.tags.count("svg") == 2
    assert page.tags.count("circle") == 2 * 40 + 1, "each cut, and the one above all answers"
    assert all(f"{at / 100:.2f}" in page.text for at in range(50, 91))


def test_a_page_of_fields_without_pictures_is_one_too() -> None:
    page = Page(page_of(economics([answer(0.9, True)], [], policy()), 0.0, []))
    assert page.open == []
    one = Page(page_of(economics([answer(0.7, True)], [write(0.2, True)], policy()), 0.0, []))
    assert one.tags.count("svg") == 2
    assert "nan" not in one.text.lower()


def test_the_pieces_of_a_page_escape_whatever_they_are_given() -> None:
    points = [Point(0, 1, 0, 2, HOSTILE, HOSTILE), Point(0, 3, 1, 4, HOSTILE)]
    drawn = curve(HOSTILE, HOSTILE, points, Axes(HOSTILE, HOSTILE, (0.0, 0.0), 0.0), (0.0, 0.0))
    page = Page(drawn + details(HOSTILE, soft(HOSTILE)))
    assert page.open == []
    assert set(page.tags) <= {
        "figure",
        "figcaption",
        "svg",
        "path",
        "line",
        "text",
        "circle",
        "title",
        "details",
        "summary",
        "p",
    }
    assert page.text.count(HOSTILE) == 8


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no browser here")
def test_a_browser_runs_nothing_of_what_people_wrote(tmp_path: Path) -> None:
    file, told_of = (
        tmp_path / "report.html",
        "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">",
    )
    held = [answer(0.5 + n % 40 / 100, True, n, kind=told_of) for n in range(60)]
    file.write_text(page_of(economics(held, [], policy(), "kind"), 0.02, [told_of]), encoding="utf-8")
    browser = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}/profile",
        "--dump-dom",
    ]
    dom = subprocess.run([*browser, file.as_uri()], capture_output=True, text=True, timeout=120, check=True).stdout
    page = Page(dom)
    assert "<title>Threshold economics</title>" in dom
    assert told_of in page.text
    assert not {"script", "img"} & set(page.tags)


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def stack(settings: RuntimeSettings, monkeypatch: pytest.MonkeyPatch) -> RuntimeSettings:
    monkeypatch.setenv("SIGNALBOX_KAFKA", settings.kafka)
    monkeypatch.setenv("SIGNALBOX_API_TOKEN", settings.api_token)
    return settings


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["whatif", "economics", *arguments])


async def test_the_command_reads_counts_and_writes_the_report(stack: RuntimeSettings, tmp_path: Path) -> None:
    await publish(stack.kafka, read_files(ROOT / "policy"), "ann", "for economics")
    producer = Producer(stack.kafka)
    await producer.start()
    for n in range(60):
        asked = proposal(0.6 + n % 2 / 4)
        event = decision(
            f"{stack.env}-{n}", "edit" if n % 10 == 0 else "approve", asked, at=THEN + timedelta(minutes=n)
        )
        await producer.send_and_wait(encode(TRIAGE_DECIDED, event, event.lead_id, source="triage"))
    await producer.stop()

    def of(*arguments: str) -> Result:
        return run("--data", str(tmp_path / "none"), *WINDOW, *arguments)

    made = await asyncio.to_thread(of, "--json", "--html", str(tmp_path / "report.html"))
    assert made.exit_code == 0, made.output
    (field,) = json.loads(made.stdout)["fields"]
    told_of = [(cut["at"], cut["saved"], cut["wrong"]) for cut in field["cuts"]]
    assert told_of == [(0.6, 60, 6), (0.7, 30, 0), (0.85, 30, 0)]
    assert "enrich:contact.title" in (tmp_path / "report.html").read_text()
    made = await asyncio.to_thread(of, "--show", "contact.title@0.5", "--json")
    assert [one["verdict"] for one in json.loads(made.stdout)["answers"]] == ["edit"] * 6 + ["approve"] * 54
    made = await asyncio.to_thread(of, "--field", "contact.name")
    assert made.exit_code == 1
    assert isinstance(made.exception, CliError)
    made = await asyncio.to_thread(of, "--segment", "kind", "--tolerate", "0.3")
    assert "enrich:contact.title:lead" in made.stdout


@pytest.mark.parametrize(
    "arguments", [("--segment", "shoe_size"), ("--tolerate", "2"), ("--limit", "0"), ("--from", "yesterday")]
)
def test_what_can_not_be_asked_is_a_usage_error(arguments: tuple[str, ...], stack: RuntimeSettings) -> None:
    assert run(*arguments).exit_code == 2


def test_a_window_that_ends_before_it_begins_and_no_stack_are_told(tmp_path: Path) -> None:
    made = run("--data", str(tmp_path), "--from", "2031-05-02", "--to", "2031-05-01")
    assert "ends before it begins" in str(made.exception)
    made = run("--data", str(tmp_path))
    assert "no Signalbox runs here" in str(made.exception)
