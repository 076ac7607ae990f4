"""Columns decide as the live functions do, lead by lead."""

from functools import cache

from bench.history.course import Course, policy, ran
from services.score.domain.points import score_lead
from tests.whatif.test_one_rule import LOW_CONFIDENCE, OWNED_ONLY, SCORES
from whatif.prepared import Prepared, prepared

OTHER = (SCORES, OWNED_ONLY, LOW_CONFIDENCE)


@cache
def made() -> tuple[Course, Prepared]:
    course = ran(12, 700, [(0.0, ())], [policy(*OTHER)], decisions=False)
    return course, prepared(course.history(), policy(*OTHER))


def test_scores_are_those_of_the_points_tables() -> None:
    course, held = made()
    tallies, asked, seen = held.now.parts[0].scored, policy(*OTHER), set()
    for row in range(len(held.table)):
        lead = course.leads[_key(held, row)].model_copy(update={"score": None})
        score = score_lead(lead, asked.scoring, asked.taxonomy.qualification)
        tally = tallies.held[int(tallies.of[row])]
        assert (tally.fit, tally.engagement, tally.risk, tally.priority) == (
            score.fit, score.engagement, score.risk, score.priority,
        )  # fmt: skip
        assert list(tally.missing) == list(score.missing)
        seen.add(score.priority)
    assert len(seen) > 20


def _key(held: Prepared, row: int) -> tuple[str, int]:
    return str(held.table.columns["lead_id"].at(row)), int(held.table.numbers["version"][row])
