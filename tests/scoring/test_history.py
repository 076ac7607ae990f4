"""Outcomes joined with the history without looking ahead, and points proposed for the policy's own rows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from libs.contracts.lead import Lead
from libs.policy.load import load_policy, read_files
from scoring.history import Joined, Scored, held_rows, names_leads, read_outcomes, recorded, rescored
from scoring.propose import proposals, with_points
from scoring.table import TableError
from services.score.domain.points import score_lead
from tests.paths import ROOT
from tests.scoring.made import written
from tests.services.score.test_points import KNOWN, POLICY, a_lead

DAY = datetime(2026, 9, 1, tzinfo=UTC)


def scored(name: str, version: int = 1, kind: str = "demo_request", **fields: Any) -> Lead:
    lead = a_lead({**KNOWN, "email": f"{name}@acme.com", **fields}, kind=kind, lead_id=name, version=version)
    return lead.model_copy(update={"score": score_lead(lead, POLICY.scoring)})


def joined(path: Path, *versions: tuple[Lead, int]) -> list[Scored]:
    book = Joined(read_outcomes(path))
    for lead, day in versions:
        book.learn(lead, DAY + timedelta(days=day))
    return book.scored()


def test_without_a_date_the_first_score_counts_and_with_one_the_last_before_it(tmp_path: Path) -> None:
    versions = [
        (scored("a"), 0),
        (scored("a", 2, employees=120), 3),
        (scored("a", 3, employees=120, seniority="vp"), 9),
    ]
    plain = written(tmp_path / "p.csv", [{"lead_id": "a", "won": "yes"}, {"lead_id": "gone", "won": "no"}])
    assert [one.lead.version for one in joined(plain, *versions)] == [1]
    assert [one.lead.version for one in joined(plain, *reversed(versions))] == [1]
    dated = written(tmp_path / "d.csv", [{"lead_id": "a", "won": "yes", "closed_at": "2026-09-06"}])
    assert [one.lead.version for one in joined(dated, *versions)] == [2], "what is learned after the end would tell it"
    early = written(tmp_path / "e.csv", [{"lead_id": "a", "won": "yes", "closed_at": "2026-08-01"}])
    assert joined(early, *versions) == []


def test_leads_are_named_by_id_contact_or_address(tmp_path: Path) -> None:
    for rows in ([{"contact_id": "c1", "outcome": 1}], [{"Email": " A@ACME.com", "outcome": 1}]):
        path = written(tmp_path / "o.csv", rows)
        assert names_leads(path)
        assert [one.won for one in joined(path, (scored("a"), 0))] == [True]
    other = written(tmp_path / "x.csv", [{"visits": 1, "outcome": 1}])
    assert not names_leads(other)
    with pytest.raises(TableError, match="names no leads"):
        read_outcomes(other)


def test_what_was_recorded_is_what_the_rows_give(tmp_path: Path) -> None:
    lead = scored("a", employees=120, seniority="vp")
    table, held = held_rows(lead, POLICY.scoring)
    assert table is not None
    signed = {rule.name: -rule.points if rule.group == "risk" else rule.points for rule in table.rules}
    assert lead.score is not None
    assert sum(signed[name] * share for name, share in held.items()) == lead.score.priority
    found = [Scored(lead, DAY, True)]
    assert recorded(found) == rescored(found, POLICY.scoring) == [lead.score.priority]


def history(count: int = 1500) -> list[Scored]:
    """Leads for which only the size of the company and a demo request matter, and free mail is no risk at all."""
    chance = np.random.default_rng(5)
    found = []
    for number in range(count):
        size, kind = int(chance.choice([10, 120, 900])), str(chance.choice(["demo_request", "webinar"]))
        fields = {
            "employees": size,
            "email_kind": str(chance.choice(["free", "corporate"])),
            "seniority": str(chance.choice(["vp", "staff"])),
        }
        odds = (2.0 if size == 120 else -1.0) + (1.5 if kind == "demo_request" else -0.5)
        won = bool(chance.random() < 1 / (1 + np.exp(-odds)))
        found.append(Scored(scored(f"l{number}", kind=kind, **fields), DAY + timedelta(hours=number), won))
    return found


def test_proposed_points_follow_the_outcomes_and_fit_the_file() -> None:
    rows, kept = proposals(history(), POLICY.scoring)
    by_name = {one.row: one for one in rows}
    assert kept == {"voice_ai": "0 leads, 0 of them converted: too few to learn from"}
    size, boss, mail = (by_name[name] for name in ("company_size_in_profile", "decision_maker", "free_mail"))
    assert size.proposed > 2 * boss.proposed
    assert boss.proposed < boss.now
    assert mail.proposed < mail.now
    assert by_name["throwaway_mail"].why == "held for 0 leads only"
    assert by_name["throwaway_mail"].proposed == by_name["throwaway_mail"].now
    files = read_files(ROOT / "policy")
    text = with_points(files["scoring.yaml"], POLICY.scoring, rows)
    told = load_policy({**files, "scoring.yaml": text}).scoring.tables[-1]
    assert {rule.name: rule.points for rule in told.rules if not rule.review} == {one.row: one.proposed for one in rows}
    before, after = files["scoring.yaml"].splitlines(), text.splitlines()
    assert len(before) == len(after)
    assert all("points" in one for one, other in zip(before, after, strict=True) if one != other), "comments stay"
    assert read_files(ROOT / "policy") == files, "nothing is put into force"
