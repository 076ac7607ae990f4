"""The labelled leads: no wrong silent link, and nearly all of them exactly as a person labelled them."""

from functools import cache

from tests.services.dedupe.corpus import Judged, accuracy, confusion, judged, rows


@cache
def answers() -> list[Judged]:
    return judged()


def test_the_corpus_is_as_large_as_it_says() -> None:
    base = rows("base.jsonl")
    assert len([row for row in base if row["type"] == "company"]) >= 120
    assert len(rows("leads.jsonl")) >= 400
    assert len([row for row in rows("leads.jsonl") if "hard" in row["tags"]]) >= 80
    ids = {row["id"] for row in base}
    named = [row["label"] for row in rows("leads.jsonl")]
    assert {one for label in named for one in label.get("asked", ())} <= ids
    assert {one for label in named for one in (label["contact"], label["company"])} <= ids | {"new", None}


def test_no_lead_is_linked_wrongly_in_silence() -> None:
    wrong = [one for one in answers() if one.wrongly_linked]
    assert not wrong, "\n".join(map(str, wrong))


def test_the_labels_are_met() -> None:
    assert accuracy(answers()) >= 0.95, confusion(answers())
    hard = [one for one in answers() if "hard" in one.row["tags"]]
    assert accuracy(hard) >= 0.93, confusion(hard)
