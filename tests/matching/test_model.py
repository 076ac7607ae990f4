"""The model as policy: what is missing or impossible is named where it stands; weights are what the numbers say."""

import math

import pytest

from libs.policy.load import PolicyError, load_policy, read_files
from libs.policy.match_model import Level, Terms
from matching.export import with_model
from tests.paths import ROOT

FILES = read_files(ROOT / "policy")
MODEL = load_policy(FILES).matching.model
TEXT = FILES["matching.yaml"]


def problem_of(text: str) -> str:
    with pytest.raises(PolicyError) as found:
        load_policy({**FILES, "matching.yaml": text})
    return str(found.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "        one_word: {m: 0.05, u: 0.2}\n",
            "",
            "name must have exactly the levels equal, similar, one_word, differs",
        ),
        ("      phone:\n", "      telephone:\n", "telephone is no comparison"),
        ("equal: {m: 0.5, u: 4.76837e-07}", "equal: {m: 0.5, u: 0}", "greater than 0"),
        ("equal: {m: 0.5, u: 4.76837e-07}", "equal: {m: 0.5, u: 1e-20}", "at most 40"),
        ("prior: 6.10314e-05", "prior: 1.0", "prior must be below 1"),
    ],
)
def test_a_model_that_is_not_whole_is_no_policy(old: str, new: str, said: str) -> None:
    assert old in TEXT
    problem = problem_of(TEXT.replace(old, new, 1))
    assert said in problem
    assert "matching.yaml:" in problem


def test_the_shipped_weights_are_the_documented_ones() -> None:
    found = {
        name: {level: round(held.weight, 2) for level, held in levels.items()}
        for name, levels in MODEL.person.comparisons.items()
    }
    assert found["name"] == {"equal": 10.0, "similar": 6.0, "one_word": -2.0, "differs": -6.0}
    assert found["email"] == {"equal": 20.0, "differs": -1.0}
    assert round(MODEL.person.prior_weight, 2) == -14.0


def test_a_common_value_counts_by_its_own_share() -> None:
    held = Level(m=0.5, u=0.001)
    model = MODEL.person.model_copy(
        update={
            "comparisons": {**MODEL.person.comparisons, "name": {**MODEL.person.comparisons["name"], "equal": held}},
            "terms": {"name": Terms(rest=0.0001, shares={"john smith": 0.01})},
        }
    )
    assert model.weight("name", "equal", "john smith", "john smith") == pytest.approx(math.log2(0.5 / 0.01))
    assert model.weight("name", "equal", "zeb quirk", "zeb quirk") == pytest.approx(math.log2(0.5 / 0.0001))
    assert model.weight("name", "similar", "john smith", "jon smith") == MODEL.person.weight("name", "similar")


def test_the_shipped_model_survives_being_written() -> None:
    again = load_policy({**FILES, "matching.yaml": with_model(TEXT, MODEL)}).matching.model
    assert again == MODEL


def test_a_policy_without_the_section_is_not_written() -> None:
    with pytest.raises(ValueError, match="no section"):
        with_model("link_at: 0.9\n", MODEL)
