"""Event lists, the pure parts: how rows become bodies, what the mapper makes of them, and what is asked of intake."""

import json
import string
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from cli.errors import CliError
from cli.lead_import.body import FIELDS, laid_out, misfits
from cli.lead_import.check import figures_of, person_of
from cli.lead_import.command import BY_DEFAULT, Skip, layout_of, skipped_by
from cli.lead_import.door import Door, StoppedError
from cli.lead_import.state import Checked, ImportState
from cli.tables.headings import letters
from cli.tables.table import opened
from libs.policy.sources import IntakeSource
from services.intake.connectors.generic_json import map_generic
from services.intake.domain.aliases import field_of
from services.intake.domain.bodies import parse_body
from services.intake.domain.facts import Item, LeadFacts, Unmapped

SHA = "ab" * 32
RULES = IntakeSource(adapter="generic_json", trust=0.4, kind="event_list")
HEADINGS = st.lists(
    st.one_of(
        st.sampled_from(("", "Name", "E-Mail", "email", "Firma", "Phone", "import", "Notes")), st.text(max_size=12)
    ),
    min_size=1,
    max_size=8,
)


def mapped(headings: list[str], cells: list[str], file: str = "list.csv", **mapping: str) -> Item:
    """What the mapper makes of a row."""
    body = laid_out(file, SHA, headings, mapping).body(7, cells)
    (item,) = map_generic(parse_body(body, "application/json", ""), RULES)
    return item


def fields(item: Item) -> dict[str, object]:
    assert isinstance(item, LeadFacts)
    return {name: fact.value for name, fact in item.fields.items()}


@given(HEADINGS, st.data())
def test_every_cell_is_in_the_body_as_it_stands_under_its_own_name(headings: list[str], data: st.DataObject) -> None:
    headings = [heading.strip() for heading in headings]
    cells = [data.draw(st.text(st.characters(exclude_categories=("Cs",)), max_size=20)) for _ in headings]
    layout = laid_out("a.csv", SHA, headings, {})
    keys = [column.key for column in layout.columns]
    assert len(set(keys)) == len(keys)
    assert "import" not in keys
    told = json.loads(layout.body(9, cells))
    assert told.pop("import") == {"file": "a.csv", "sha256": SHA, "row": 9}
    assert told == {key: cell for key, cell in zip(keys, cells, strict=True) if cell.strip()}
    for heading, key in zip(headings, keys, strict=True):
        assert key.startswith(heading)


@given(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=5, unique=True))
def test_what_map_names_is_what_the_mapper_takes(names: list[str]) -> None:
    for name in names:
        found = field_of(name)
        assert found is not None
        assert found[0] == name


def test_map_wins_over_a_better_looking_heading_and_nothing_is_lost() -> None:
    item = mapped(
        ["Work Email", "Kontakt", "Contact"],
        ["badge@scanner.com", "Ann@Acme.com", "Acme"],
        Kontakt="email",
        Contact="company",
    )
    assert fields(item) == {"email": "ann@acme.com", "company": "Acme"}
    layout = laid_out("a.csv", SHA, ["Work Email", "Kontakt"], {"kontakt": "email"})
    told = json.loads(layout.body(2, ["badge@scanner.com", "Ann@Acme.com"]))
    assert told["import"]["previous"] == {"Work Email": "badge@scanner.com"}
    assert told["import"]["headers"] == {"email": "Kontakt"}
    assert told["email"] == "Ann@Acme.com"


def test_a_column_left_out_is_not_sent() -> None:
    layout = layout_of_headings(["E-Mail", "Diet"], "Diet=")
    assert b"vegan" not in layout.body(2, ["ann@acme.com", "vegan"])


FILES = st.one_of(
    st.sampled_from(("ann@acme.com.csv", "+49 30 901820", "x\ny: z@w.com", "http?utm_source=mail", "Name: Bo Chen")),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="/"), min_size=1, max_size=30),
)


@given(FILES)
def test_where_a_row_stood_is_no_fact_of_the_lead(file: str) -> None:
    assert isinstance(mapped(["Name", "Company"], ["Ann Lee", "Acme"], file), Unmapped)
    item = mapped(["Name", "E-Mail"], ["Ann Lee", "ann@acme.com"], file)
    assert fields(item) == {"name": "Ann Lee", "email": "ann@acme.com"}


def test_consent_is_the_columns_word_and_never_assumed() -> None:
    assert "consent" not in fields(mapped(["E-Mail", "Newsletter"], ["ann@acme.com", ""]))
    said = [fields(mapped(["E-Mail", "Newsletter"], ["a@acme.com", word])) for word in ("ja", "no", "maybe")]
    assert [one.get("consent") for one in said] == [True, False, None]
    assert [next(figures_of(one)) for one in said] == ["consent_yes", "consent_no", "consent_unsaid"]


def test_numbers_that_nobody_could_call_are_counted() -> None:
    item = fields(mapped(["E-Mail", "Telefon"], ["ann@acme.com", "30901820"]))
    assert list(figures_of(item)) == ["consent_unsaid", "phone_unclear"]
    whole = fields(mapped(["E-Mail", "Telefon", "Land"], ["ann@acme.com", "30901820", "Deutschland"]))
    assert list(figures_of(whole)) == ["consent_unsaid"]


def layout_of_headings(headings: list[str], *mapping: str):  # type: ignore[no-untyped-def]
    given = dict(one.split("=") for one in mapping)
    return laid_out("a.csv", SHA, headings, given)


def test_a_mapping_that_does_not_fit_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("E-Mail,Name,Name,\nann@acme.com,Ann,Lee,x\n")
    table = opened(path)
    for wrong, told in (
        ("Mail", "no mapping"),
        ("Phone=phone", "no column 'Phone'"),
        ("Name=surname", "no field of a lead"),
        ("Name=name", "columns B and C"),
    ):
        with pytest.raises(CliError, match=told):
            layout_of(table, [wrong])
    columns = layout_of(table, ["c=last_name", "d="]).columns
    assert [(one.key, one.mapped) for one in columns] == [
        ("E-Mail", ""), ("Name", ""), ("last_name", "last_name"), ("", ""),
    ]  # fmt: skip


def test_letters_are_those_of_a_spreadsheet() -> None:
    assert [letters(place) for place in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]
    assert len({letters(place) for place in range(5000)}) == 5000
    assert set("".join(letters(place) for place in range(800))) == set(string.ascii_uppercase)


def test_broken_rows_are_named_with_their_column() -> None:
    columns = laid_out("a.csv", SHA, ["Name", "E-Mail"], {}).columns
    assert misfits(columns, ["Ann", "ann@acme.com", "", " "]) == ""
    assert misfits(columns, ["Ann"]) == ""
    assert misfits(columns, ["Lee", " Ann", "ann@acme.com"]).startswith("column C: a value where there is no heading")
    assert "column B (E-Mail): 6,003 characters in 1,002 lines" in misfits(columns, ["Ann", 'x"\n' + "a@b,c\n" * 1000])


def test_an_open_quote_swallows_nothing_silently(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Name,E-Mail\nAnn,a@acme.com\n"Bo,b@acme.com\nCy,c@acme.com\nDee,d@acme.com\n')
    table = opened(path)
    with pytest.raises(CliError, match="row 3 opens is never closed"):
        list(table.rows())
    path.write_text('Name,E-Mail\nAnn,a@acme.com\n"Bo,b@acme.com\nCy,c@acme.com\n"Dee",d@acme.com')
    columns = laid_out("a.csv", SHA, ["Name", "E-Mail"], {}).columns
    told = {row: misfits(columns, cells, ",") for row, cells in opened(path).rows()}
    assert told[2] == ""
    assert "whole rows stand inside it" in told[3]
    path.write_text('Name,E-Mail\n"Ann\nLee, of Acme",a@acme.com')
    ((_, cells),) = opened(path).rows()
    assert misfits(columns, cells, ",") == ""


def test_the_same_person_is_the_same_mailbox_or_number_and_name() -> None:
    assert person_of({"email": "Ann@Acme.com"}) == person_of({"email": "ann@acme.com", "name": "X"})
    assert person_of({"phone": "+4930901820", "name": "Ann Lee"}) == person_of(
        {"phone": "+4930901820", "name": "Lee, Ann"}
    )
    assert person_of({"phone": "+4930901820", "name": "Bo Lee"}) != person_of(
        {"phone": "+4930901820", "name": "Ann Lee"}
    )
    assert person_of({"phone": "30901820", "name": "Ann Lee"}) == person_of({"name": "Ann Lee"}) == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_tables_of_any_encoding_and_separator_are_the_same_rows(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "a.csv"
    lines = [["Straße", "E-Mail"], ['"Weg 1\nHaus ""B"""', "jörg@acme.de"], ["", ""], ["Gasse", "x@y.de"]]
    path.write_bytes("\r\n".join(separator.join(line) for line in lines).encode(encoding))
    table = opened(path)
    assert table.headings == ("Straße", "E-Mail")
    found = list(table.rows())
    assert found[0] == (2, ['Weg 1\nHaus "B"', "jörg@acme.de"])
    assert [row for row, _ in found] == [2, 4]
    assert table.is_unchanged()
    path.write_bytes(path.read_bytes() + b"\n")
    assert not table.is_unchanged()


def test_a_sheets_numbers_and_times_are_read_as_they_are_shown(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Name", "Phone", "Code", "Mobile", "Badge", "Seats", "At", "Day", "Share"])
    sheet.append(
        ["Ann", 4930901820, 1067, 612345678, 17.0, 2.5, datetime(2026, 11, 3, 14, 30), date(2026, 11, 4), 0.25]
    )
    formats = {"B2": '"+"0', "C2": "00000", "D2": "00 00 00 00 00", "E2": "#,##0", "I2": "0%"}
    for cell, number_format in formats.items():
        sheet[cell].number_format = number_format
    sheet.append([None, "+49 30 901820", "01067", None, True])
    path = tmp_path / "a.xlsx"
    book.save(path)
    first, second = (cells for _, cells in opened(path).rows())
    assert first == [
        "Ann", "+4930901820", "01067", "0612345678", "17", "2.5", "2026-11-03T14:30:00", "2026-11-04", "0.25",
    ]  # fmt: skip
    assert second[:5] == ["", "+49 30 901820", "01067", "", "true"]


def test_a_sheet_whose_size_is_told_wrongly_is_read_whole(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Name", "E-Mail"])
    sheet.append(["Ann", "ann@acme.com"])
    whole, path = tmp_path / "whole.xlsx", tmp_path / "a.xlsx"
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:A1"'))
    table = opened(path)
    assert table.headings == ("Name", "E-Mail")
    assert list(table.rows()) == [(2, ["Ann", "ann@acme.com"])]


def test_what_can_not_be_read_is_said_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name,E-Mail\nAnn,a@b.de\n" + '"' + "x" * 10_000_001)
    with pytest.raises(CliError, match="after row 2"):
        list(opened(path).rows())


def test_skip_adds_to_what_is_never_posted_and_none_takes_all_away() -> None:
    assert skipped_by([]) == BY_DEFAULT == {"doubled", "unreachable", "no_lead"}
    assert skipped_by([Skip.KNOWN, Skip.POSSIBLE]) == BY_DEFAULT | {"known", "possible"}
    assert skipped_by([Skip.NONE]) == frozenset()
    with pytest.raises(CliError):
        skipped_by([Skip.NONE, Skip.KNOWN])


def test_verdicts_are_found_anew_until_posting_began(tmp_path: Path) -> None:
    state = ImportState(tmp_path / "s.sqlite")
    state.keep([Checked(2, "new", person="email:a"), Checked(3, "known"), Checked(4, "broken")], ["consent_yes"])
    assert not state.begin()
    assert state.last_checked() == 0
    assert state.figures() == {}
    state.keep([Checked(2, "new", person="email:a"), Checked(3, "known"), Checked(4, "broken")])
    assert state.row_of("email:a") == 2
    assert state.open_rows(()) == {2, 3}
    assert state.open_rows(("known",)) == {2}
    state.finish(2, "posted", "sub")
    state.close()
    again = ImportState(tmp_path / "s.sqlite")
    assert again.begin()
    assert again.open_rows(()) == {3}
    assert [told.submission_id for told in again.told("new")] == ["sub"]
    again.close()


class Answers:
    """Answers as a server gave them, and the waits that were kept."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._left: Iterator[httpx.Response | Exception] = iter(answers)
        self.waits: list[float] = []
        self.deliveries: list[str] = []

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        self.deliveries.append(headers["Idempotency-Key"])
        answer = next(self._left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return False


DOOR = Door("event_list", "generic_json", "http://127.0.0.1/hooks/event_list")


def test_intakes_waits_are_kept_and_the_delivery_stays_the_same() -> None:
    answers = Answers(
        httpx.Response(429, headers={"Retry-After": "7"}),
        httpx.Response(503, headers={"Retry-After": "0.5"}),
        httpx.ConnectError("away"),
        httpx.Response(500),
        httpx.Response(202),
    )
    assert DOOR.posted(answers.post, b"{}", "import-1", answers.wait).status_code == 202
    assert answers.waits[:2] == [7.0, 0.5]
    assert answers.deliveries == ["import-1"] * 5


def test_an_import_ends_when_intake_stays_away_or_when_it_is_to_stop() -> None:
    away = Answers(*(httpx.ConnectError("away") for _ in range(100)))
    with pytest.raises(CliError, match="intake does not take rows"):
        DOOR.posted(away.post, b"{}", "import-1", away.wait)
    assert 50 < sum(away.waits) <= 60
    with pytest.raises(StoppedError):
        DOOR.posted(Answers(httpx.Response(429)).post, b"{}", "import-1", lambda _: True)


def test_rows_are_signed_as_the_tool_signs_else_the_secret_stands_in_the_address() -> None:
    signed = Door("std", "standard_webhooks", "http://h/hooks/std", "whsec_" + "QUJD" * 8)
    headers, _ = signed.request(b"{}", "import-1")
    assert headers["webhook-id"] == headers["Idempotency-Key"] == "import-1"
    assert signed.path == "/hooks/std"
    assert Door("z", "zapier", "http://h/hooks/z", "s3cret").path == "/hooks/z/s3cret"
