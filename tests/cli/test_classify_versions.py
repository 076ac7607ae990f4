"""`signalbox classify versions | shadow | promote`: which version decides, on the real broker."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from cli.classify.versions import compared, with_models
from cli.publish import newest_published, publish
from libs.contracts.lead import Lead, ShadowOpinion
from libs.policy.load import load_policy
from libs.policy.problems import PolicyError
from services.classify.train import Trained
from tests.cli.classify_command import SHIPPED, answer, output, ran, refusal, stack_in
from tests.cli.routed import put_routed
from tests.paths import ROOT
from tests.services.classify.makers import POLICY, a_lead

FILES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "policy").glob("*.yaml")}


@pytest.fixture
def stack(kafka: str, models_data: Path, trained: Trained) -> str:
    """A running stack whose data folder holds a trained version, which is named. The policy's own model decides."""
    stack_in(models_data, kafka)
    asyncio.run(publish(kafka, FILES, "ann", "start"))
    return trained.model.version


def published(kafka: str) -> tuple[str, str | None, str, str]:
    event = asyncio.run(newest_published(kafka))
    assert event is not None
    named = load_policy(event.files).classification
    return named.model, named.shadow, event.author, event.reason


def test_a_version_is_tried_and_then_decides(kafka: str, models_data: Path, stack: str) -> None:
    assert output("versions", "--data", models_data).split() == [SHIPPED, "decides", stack]
    assert f"published: {SHIPPED} decides, in shadow {stack}" in output(
        "shadow", stack, "--data", models_data, "--actor", "bo"
    )
    assert published(kafka) == (SHIPPED, stack, "bo", f"model {stack} in shadow")
    assert output("versions", "--data", models_data).split() == [SHIPPED, "decides", stack, "in", "shadow"]
    output("promote", SHIPPED, "--data", models_data)
    assert published(kafka)[:2] == (SHIPPED, stack), "another version stays in shadow"
    output("promote", stack, "--data", models_data, "--reason", "it is better", "--actor", "bo")
    assert published(kafka) == (stack, None, "bo", "it is better")
    output("shadow", SHIPPED, "--data", models_data)
    output("shadow", "--off", "--data", models_data)
    assert published(kafka)[:2] == (stack, None)
    with pytest.raises(PolicyError, match="shadow is the model that decides"):
        raise ran("shadow", stack, "--data", models_data).exception or AssertionError
    assert "give one of the two" in refusal("shadow", SHIPPED, "--off", "--data", models_data).do
    assert published(kafka)[:2] == (stack, None)


def test_without_a_stack_there_are_versions_and_nobody_says_which_decides(tmp_path: Path) -> None:
    done = ran("versions", "--data", tmp_path)
    assert (done.exit_code, done.stdout.split()) == (0, [SHIPPED])
    assert "no Signalbox runs here" in done.stderr
    for command in (["promote", SHIPPED], ["shadow", SHIPPED], ["shadow"]):
        assert "no Signalbox runs here" in refusal(*command, "--data", tmp_path).what


def test_the_policys_files_name_the_models_and_keep_the_rest() -> None:
    both = with_models(FILES, POLICY, None, "offline-2-aaa")
    assert {name for name in FILES if both[name] != FILES[name]} == {"classification.yaml"}
    text = both["classification.yaml"]
    assert text.startswith(FILES["classification.yaml"].split("model:")[0]), "what people wrote above stays"
    assert text.endswith(f"\nmodel: {SHIPPED}\nshadow: offline-2-aaa\n")
    again = with_models(both, load_policy(both), "offline-2-bbb", None)["classification.yaml"]
    assert again.endswith("\nmodel: offline-2-bbb\n")
    assert [line for line in again.splitlines() if line.startswith("shadow:")] == []
    assert with_models(both, load_policy(both), None, "offline-2-aaa") == both
    with pytest.raises(PolicyError):
        with_models(FILES, POLICY, "No Version", None)


def tried(version: str, flags: Sequence[str] = (), **labels: str) -> ShadowOpinion:
    return ShadowOpinion(model_version=version, labels=labels, flags=tuple(flags), confidence=0.9)


def test_two_models_are_compared_by_version_and_field() -> None:
    one = answer(use_case="voice_ai", intent="high", shadow=tried("b", use_case="voice_ai", intent="low"))
    two = answer(["spam"], use_case="unknown", shadow=tried("b", use_case="unknown", urgency="low"))
    three = answer(use_case="unknown", shadow=tried("a", ["spam"], use_case="unknown"))
    alone = answer(use_case="unknown")
    leads = [(a_lead(f"Message {at}", at), held) for at, held in enumerate((one, two, three, alone))]
    found = compared(leads)
    assert found["leads"] == 3
    assert found["versions"] == {
        "a": {"leads": 1, "fields": {"flag": {"leads": 1, "agree": 0}, "use_case": {"leads": 1, "agree": 1}}},
        "b": {
            "leads": 2,
            "fields": {
                "flag": {"leads": 2, "agree": 1},
                "intent": {"leads": 1, "agree": 0},
                "use_case": {"leads": 2, "agree": 2},
            },
        },
    }
    told = [(row["lead"], row["field"], row["decided"], row["shadow"], row["message"]) for row in found["differences"]]
    assert told == [
        ("lead-0", "intent", "high", "low", "Message 0"),
        ("lead-1", "flag", "spam", "none", "Message 1"),
        ("lead-2", "flag", "none", "spam", "Message 2"),
    ]


def test_the_newest_opinion_on_each_lead_counts(kafka: str, models_data: Path, stack: str, tmp_path: Path) -> None:
    version = f"offline-{tmp_path.name.replace('_', '-')}"
    name = f"lead-of-{tmp_path.name}"

    def lead_with(number: int, urgency: str) -> Lead:
        held = answer(urgency="high", shadow=tried(version, urgency=urgency))
        told = {"lead_id": name, "version": number, "classification": held}
        return a_lead("Call us [today]").model_copy(update=told)

    asyncio.run(put_routed(kafka, lead_with(1, "high"), lead_with(2, "low")))
    found = json.loads(output("shadow", "--json", "--data", models_data))
    fields = {"flag": {"leads": 1, "agree": 1}, "urgency": {"leads": 1, "agree": 0}}
    assert found["versions"][version] == {"leads": 1, "fields": fields}
    table = output("shadow", "--data", models_data)
    assert f"{version} in shadow, leads: 1" in table
    assert "0 of 1 the same" in table
    assert "Call us [today]" in table
