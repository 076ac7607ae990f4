"""Leads that were labelled without a look at the rules: no wrong silent link, and nearly all exactly as labelled."""

from functools import cache

from tests.services.dedupe.corpus import SECOND, Judged, accuracy, confusion, judged, rows


@cache
def answers() -> list[Judged]:
    return judged(SECOND)


def test_the_corpus_is_as_large_as_it_says() -> None:
    base, leads = rows("base.jsonl", SECOND), rows("leads.jsonl", SECOND)
    assert len([row for row in base if row["type"] == "company"]) >= 40
    assert len(leads) >= 160
    assert len([row for row in leads if "hard" in row["tags"]]) >= 115
    ids = {row["id"] for row in base}
    labels = [row["label"] for row in leads]
    assert {one for label in labels for one in label.get("asked", ())} <= ids
    assert {one for label in labels for one in (label["contact"], label["company"])} <= ids | {"new", None}


def test_no_lead_is_linked_wrongly_in_silence() -> None:
    wrong = [one for one in answers() if one.wrongly_linked]
    assert not wrong, "\n".join(map(str, wrong))


def test_the_labels_are_met() -> None:
    assert accuracy(answers()) >= 0.97, confusion(answers())
    hard = [one for one in answers() if "hard" in one.row["tags"]]
    assert accuracy(hard) >= 0.95, confusion(hard)
