"""Columns by their headings and values, and cells as values."""

import pytest

from cli.crm_import.columns import guessed, overridden
from cli.crm_import.values import Unfit, day, domain, fields_of, flag, number, own_key, size
from cli.tables.headings import spelled


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["First Name", "Last Name", "Email Address", "Company Name"], ["first_name", "last_name", "email", "company"]),
        (
            ["Vorname", "Nachname", "E-Mail-Adresse", "Firma", "Straße"],
            ["first_name", "last_name", "email", "company", ""],
        ),
        (
            ["Prénom", "Nom", "Courriel", "Société", "Téléphone"],
            ["first_name", "last_name", "email", "company", "phone"],
        ),
        (["Nombre", "Apellidos", "Correo electrónico", "País"], ["first_name", "last_name", "email", "country"]),
        (["contactId", "do_not_mail", "jobTitle"], ["custom_id", "do_not_mail", "title"]),
        (["Email", "E-Mail", "Work phone", "Mobile"], ["email", "", "phone", ""]),
    ],
)
def test_headings_in_several_languages(headings: list[str], fields: list[str]) -> None:
    assert [column.field for column in guessed("contact", headings, [])] == fields


def test_a_company_s_own_name_has_other_headings() -> None:
    assert [one.field for one in guessed("company", ["Account Name", "Web", "Branche"], [])] == [
        "name", "website", "industry",
    ]  # fmt: skip
    assert [one.field for one in guessed("opportunity", ["Deal", "Betrag", "Firma"], [])] == [
        "name",
        "amount",
        "company",
    ]


def test_an_unknown_heading_is_known_by_its_values() -> None:
    rows = [["ann@acme.com", "x", "+49 30 1234567"], ["bo@rival.com", "y", "+1 415 555 2671"], ["", "", ""]]
    found = guessed("contact", ["Kanal 1", "Kanal 2", "Kanal 3"], rows)
    assert [(one.field, one.how) for one in found] == [("email", "values"), ("", ""), ("phone", "values")]


def test_a_person_s_mapping_counts_more_and_takes_the_field_from_the_guess() -> None:
    found = overridden(guessed("contact", ["Email", "Private Mail", "City"], []), {"private mail": "email", "City": ""})
    assert [one.field for one in found] == ["", "email", ""]
    with pytest.raises(KeyError):
        overridden(found, {"Nope": "email"})


def test_headings_are_spelled_without_case_accents_and_signs() -> None:
    assert {spelled(one) for one in ("E-Mail", "e_mail", "eMail", "É-MAIL")} == {"e mail"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", 1234.5), ("1.234,50 €", 1234.5), ("1 234", 1234), ("12,5", 12.5), ("1.000", 1000), ("1.000.000", 1000000),
        ("$ 99", 99), ("-3", -3), ("1'250.75", 1250.75), ("0.125", 0.125),
    ],
)  # fmt: skip
def test_numbers_of_any_country(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["12.5", "1.5k", "<10", "2 m"])
def test_what_is_no_count_of_people_says_so(text: str) -> None:
    with pytest.raises(Unfit, match="is no count of people"):
        size(text)


def test_other_values() -> None:
    assert (size("51-200"), size("1 200")) == ("51-200", 1200)
    assert (flag("Ja"), flag("no")) == (True, False)
    assert (day("31.12.2026"), day("2026-12-31T10:00:00"), day("13/12/2026")) == (
        "2026-12-31",
        "2026-12-31",
        "2026-12-13",
    )
    assert domain("https://www.Acme.com/de") == "acme.com"
    for read, text in ((day, "01/02/2026"), (day, "soon"), (number, "many"), (flag, "perhaps"), (domain, "acme")):
        with pytest.raises(Unfit):
            read(text)


def test_a_row_tells_its_fields_and_what_is_wrong_by_column() -> None:
    columns = guessed("contact", ["Name", "E-Mail", "Opt out"], [])
    fields, problems = fields_of(columns, ["Ann\x00 Lee", "Ann@Acme.com", "maybe"])
    assert fields == {"name": "Ann Lee", "email": "ann@acme.com"}
    assert problems == ["Opt out: 'maybe' is neither yes nor no"]
    assert own_key("contact", fields) == own_key("contact", {"email": "ANN@acme.com"})
    assert own_key("contact", {"name": "Ann"}) == ""


@pytest.mark.parametrize(
    ("kind", "headings", "row", "fields"),
    [
        (
            "member",
            ["Name", "Pools", "Weight", "Daily cap", "Skills", "On hold", "Calendar", "Role"],
            ["Ann", "inbound; enterprise", "2", "5", "voice_ai", "no", "sales_us", "revops"],
            {"name": "Ann", "pools": ["inbound", "enterprise"], "weight": 2, "daily_cap": 5, "skills": ["voice_ai"],
             "on_hold": False, "calendar": "sales_us", "roles": ["revops"]},
        ),
        (
            "suppression", ["Reason", "Domain", "E-Mail"], ["Never-Route", "https://www.rival.example/x", ""],
            {"reason": "never_route", "domain": "rival.example"},
        ),
        (
            "calendar", ["Datum", "Country", "Closed", "Hours", "Reason"], ["24.12.2026", "de", "no", "9:00-12:00", "Eve"],
            {"day": "2026-12-24", "country": "DE", "closed": False, "shifts": [["09:00", "12:00"]], "reason": "Eve"},
        ),
    ],
)  # fmt: skip
def test_members_entries_and_days_are_read_as_they_are_written(
    kind: str, headings: list[str], row: list[str], fields: dict[str, object]
) -> None:
    assert fields_of(guessed(kind, headings, [row]), row, kind) == (fields, [])


@pytest.mark.parametrize(
    ("kind", "heading", "cell", "told"),
    [
        ("member", "weight", "-1", "no whole number"),
        ("member", "daily cap", "five", "no whole number"),
        ("suppression", "reason", "opted_out", "no reason to hold somebody back: write one of opt_out,"),
        ("calendar", "country", "Germany", "two letters"),
        ("calendar", "hours", "9 to 12", "09:00-12:30; 13:30-17:00"),
        ("calendar", "date", "31.31.2026", "no date"),
    ],
)
def test_a_cell_that_does_not_fit_says_how_it_is_written(kind: str, heading: str, cell: str, told: str) -> None:
    fields, problems = fields_of(guessed(kind, [heading], [[cell]]), [cell], kind)
    assert fields == {}
    assert told in problems[0]
