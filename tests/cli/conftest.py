"""A model trained on a few messages, for the tests that need one."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from cli.classify.files import models_folder
from services.classify.labelled import Example, read_examples
from services.classify.train import FIELDS, Trained, train
from tests.services.classify.makers import POLICY

INDUSTRIES = ("unknown", "software", "education")


@pytest.fixture(scope="session")
def few() -> list[Example]:
    """Some sixty messages with all labels, some of each. One author is left out in turn, of three industries: it is quick."""
    counts: Counter[tuple[str, str, str]] = Counter()
    chosen = []
    for example in sorted(read_examples(), key=lambda one: len(one.text)):
        if (example.author, example.language) not in (("a", "en"), ("b", "en")) or example.facts.get("industry"):
            continue
        keys = [(example.author, name, example.labels.get(name, "")) for name in FIELDS]
        if example.labels.get("industry") in INDUSTRIES and any(counts[key] < 2 for key in keys):
            chosen.append(example if example.author == "a" else replace(example, author="policy"))
            counts.update(keys)
    return chosen


@pytest.fixture(scope="session")
def models_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def trained(few: list[Example], models_data: Path) -> Trained:
    return train(few, POLICY.taxonomy, models_folder(models_data), lambda _: None)
