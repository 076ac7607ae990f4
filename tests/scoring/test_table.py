"""Tables of outcomes as people have them: delimiters, words for yes and no, columns that are no features."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoring.table import TableError, is_test, read_table, split
from tests.scoring.made import leads, written


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_typed_and_those_without_meaning_are_named(tmp_path: Path, delimiter: str) -> None:
    table = read_table(written(tmp_path / "t.csv", leads(300), delimiter))
    assert {one.name: one.kind for one in table.columns} == {
        "source": "category",
        "visits": "number",
        "city": "category",
    }
    assert table.rows == 300
    assert None in table.columns[1].values
    assert table.left_out["note"] == "a text of its own for most rows"
    assert table.left_out["same"] == "the same in every row"


@pytest.mark.parametrize(("yes", "no"), [("won", "lost"), ("Yes", "NO"), ("true", "false"), ("1.0", "0.0")])
def test_outcomes_are_words(tmp_path: Path, yes: str, no: str) -> None:
    rows = [{**row, "converted": yes if row["converted"] else no} for row in leads(100)]
    rows[3]["converted"] = ""
    table = read_table(written(tmp_path / "t.csv", rows))
    assert table.rows == 99, "what has not ended yet is no outcome"
    assert sum(table.outcome) == sum(row["converted"] == yes for row in rows)


def test_what_is_wrong_is_said_with_its_place(tmp_path: Path) -> None:
    rows = leads(50)
    renamed = [{"done" if name == "converted" else name: value for name, value in row.items()} for row in rows]
    with pytest.raises(TableError, match="Name it with --outcome; columns are id, source"):
        read_table(written(tmp_path / "a.csv", renamed))
    with pytest.raises(TableError, match="there is no column 'nope'"):
        read_table(written(tmp_path / "b.csv", rows), "nope")
    with pytest.raises(TableError, match="source is 'ads' in line"):
        read_table(written(tmp_path / "c.csv", [{**row, "source": "ads"} for row in rows]), "source")
    with pytest.raises(TableError, match="the same for all of the 50 rows"):
        read_table(written(tmp_path / "d.csv", [{**row, "converted": 1} for row in rows]))
    (tmp_path / "empty.csv").write_text("a,b\n")
    with pytest.raises(TableError, match="holds no rows"):
        read_table(tmp_path / "empty.csv")
    with pytest.raises(TableError, match="can't be read"):
        read_table(tmp_path / "missing.csv")
    table = read_table(written(tmp_path / "e.csv", rows), "source", positive="ADS")
    assert sum(table.outcome) == sum(row["source"] == "ads" for row in rows)


def test_with_times_the_newest_are_tested_on_and_else_always_the_same(tmp_path: Path) -> None:
    rows = [{**row, "came": f"{number % 28 + 1:02}.{number % 12 + 1:02}.2026"} for number, row in enumerate(leads(200))]
    path = written(tmp_path / "t.csv", rows)
    table = read_table(path, time="came")
    learned, tested = split(table)
    assert table.times is not None
    assert max(table.times[at] for at in learned) <= min(table.times[at] for at in tested)
    assert min(table.times) >= datetime(2026, 1, 1, tzinfo=UTC)
    plain = read_table(path, exclude=["came"])
    turned = read_table(written(tmp_path / "u.csv", rows[::-1]), exclude=["came"])
    assert {plain.keys[at] for at in split(plain)[1]} == {turned.keys[at] for at in split(turned)[1]}
    assert 0.2 < sum(is_test(str(number)) for number in range(5000)) / 5000 < 0.4
