"""A model as Splink's settings, and what Splink estimated as a model."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from libs.policy.match_model import MOST_BITS, TERMS, Level, RecordModel, Terms
from matching.levels import Conditions, level_names

Kind = Literal["person", "company"]
TABLES: Mapping[Kind, str] = {"person": "contact", "company": "company"}
SLIPS = 0.01
"""Share of pairs of one person that may compare in any way, whatever a base shows: nothing rules a match out for good."""
NEVER_SEEN = 0.5
"""A level that no sampled pair of strangers shows counts as seen so often: rare, not impossible."""


def splink_settings(
    conditions: Mapping[str, Conditions], model: RecordModel | None, rules: Sequence[object], **more: object
) -> dict[str, Any]:
    """Splink's settings with the comparisons, the weights and the common values of a model; without a model, to be trained."""
    prior = {"probability_two_random_records_match": model.prior} if model is not None else {}
    return {
        "link_type": "dedupe_only",
        "comparisons": [_comparison(name, held, model) for name, held in conditions.items()],
        "blocking_rules_to_generate_predictions": list(rules),
        "retain_matching_columns": False,
        **prior,
        **more,
    }


def _comparison(name: str, conditions: Conditions, model: RecordModel | None) -> dict[str, Any]:
    null, conditioned = conditions
    levels: list[dict[str, Any]] = [{"sql_condition": null, "label_for_charts": "not said", "is_null_level": True}]
    for level in level_names(conditions):
        levels.append({"sql_condition": conditioned.get(level, "ELSE"), "label_for_charts": level})
        if model is not None:
            held = model.comparisons[name][level]
            levels[-1] |= {"m_probability": held.m, "u_probability": held.u}
    if model is not None and name in model.terms:
        levels[1] |= {
            "tf_adjustment_column": TERMS[name],
            "tf_adjustment_weight": 1.0,
            "disable_tf_exact_match_detection": True,
        }
    return {"output_column_name": name, "comparison_levels": levels}


def estimated_model(
    told: Mapping[str, Any], before: RecordModel, terms: Mapping[str, Terms], sampled_pairs: float
) -> tuple[RecordModel, list[str]]:
    """The model that Splink's settings after a training say, and the levels it could not see.

    `told` is what Splink saves. A comparison with a level that no estimate reached keeps the weight that `before` gives it.
    """
    comparisons: dict[str, dict[str, Level]] = {}
    kept: list[str] = []
    for comparison in told["comparisons"]:
        name = comparison["output_column_name"]
        held = {level["label_for_charts"]: level for level in comparison["comparison_levels"]}
        comparisons[name] = {}
        for level, old in before.comparisons[name].items():
            found = held[level]
            if "m_probability" in found:
                least = NEVER_SEEN / sampled_pairs
                m = (1.0 - SLIPS) * found["m_probability"] + SLIPS / len(before.comparisons[name])
                comparisons[name][level] = _level(m, max(found.get("u_probability", least), least))
            else:
                comparisons[name][level] = old
                kept.append(f"{name}.{level}")
    prior = min(max(float(told["probability_two_random_records_match"]), 1e-12), 0.5)
    return RecordModel(prior=_short(prior), comparisons=comparisons, terms=dict(terms)), kept


def _level(m: float, u: float) -> Level:
    """Both within (0, 1] and within the bits that a level may weigh."""
    least = 2.0**-MOST_BITS * 1.01
    u = min(max(float(u), least), 1.0)
    return Level(m=_short(min(max(float(m), u * least, 1e-9), 1.0)), u=_short(u))


def _short(value: float) -> float:
    return float(f"{value:.6g}")
