"""The policy that the demo runs by."""

import pytest

from cli.demo.policy import in_limited_auto, with_mapping
from cli.errors import CliError
from cli.settings import ROOT
from libs.policy.load import load_policy, read_files


def test_the_demo_runs_the_shipped_policy_in_limited_auto() -> None:
    files = read_files(ROOT / "policy")
    shipped, ours = load_policy(files), load_policy(in_limited_auto(files))
    assert (shipped.launch.mode.value, ours.launch.mode.value) == ("suggested", "limited_auto")
    assert ours.routing == shipped.routing


def test_a_mended_mapping_is_a_new_policy_that_loads() -> None:
    files = in_limited_auto(read_files(ROOT / "policy"))
    mended = load_policy(with_mapping(files, "call_form", "phone", "rueckruf"))
    assert mended.sources.sources["call_form"].mapping == {"phone": "rueckruf"}
    assert mended.hash != load_policy(files).hash


def test_a_policy_without_the_line_is_refused_in_words() -> None:
    with pytest.raises(CliError, match=r"launch\.yaml"):
        in_limited_auto({"launch.yaml": "matrix: {}"})
