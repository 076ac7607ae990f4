"""Loading: every problem with its file, line and column, and a hash of the meaning."""

import pytest

from libs.policy.launch import LaunchMode
from libs.policy.load import PARTS, PolicyError, files_with_mode, load_policy, policy_hash
from tests.libs.policy.shipped import FILES, POLICY


def edited(file: str, old: str, new: str) -> dict[str, str]:
    """The shipped files with one replacement, which must be possible."""
    assert old in FILES[file]
    return {**FILES, file: FILES[file].replace(old, new, 1)}


def problems_of(files: dict[str, str]) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_policy(files)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_policy_loads_and_its_hash_is_its_meaning() -> None:
    assert set(FILES) == {f"{part}.yaml" for part in PARTS}
    assert POLICY.hash == policy_hash(FILES)
    assert load_policy({f"policy/{name}": text for name, text in FILES.items()}).hash == POLICY.hash


def test_comments_and_blanks_do_not_change_the_hash_but_a_value_does() -> None:
    assert policy_hash(edited("launch.yaml", "mode: suggested", "# why not\nmode:   suggested  # yes\n")) == POLICY.hash
    swapped = edited("matching.yaml", "link_at: 0.97", "review_at: 0.60")
    swapped["matching.yaml"] = "link_at: 0.97".join(swapped["matching.yaml"].rsplit("review_at: 0.60", 1))
    assert policy_hash(swapped) == POLICY.hash
    assert policy_hash(edited("launch.yaml", "mode: suggested", "mode: read_only")) != POLICY.hash


@pytest.mark.parametrize(
    ("file", "old", "new", "needle", "told"),
    [
        ("launch.yaml", "mode: suggested", "mod: suggested", "mod:", "unknown key mod; did you mean mode?"),
        ("launch.yaml", "mode: suggested", "mode: sugested", "sugested", "mode: Input should be"),
        ("matching.yaml", "link_at: 0.97", "link_at: 1.97", "1.97", "less than or equal to 1"),
        ("matching.yaml", "link_at: 0.97", "link_at: very", "very", "valid number"),
        ("matching.yaml", "link_at: 0.97", "linkat: 0.97", "linkat", "did you mean link_at?"),
        ("routing.yaml", "record.owner != null", "record.ownr != null", "record.ownr", "did you mean record.owner?"),
        ("routing.yaml", "lead.score.priority < 30", "lead.score.priority < 'x'", "< 'x'", "no matching overload"),
        (
            "routing.yaml",
            "\"'strategic' in record.held_for",
            "\"'strategic' in rec.held_for",
            "rec.held",
            "unknown fact",
        ),
        (
            "routing.yaml",
            "lead.score.priority >= 80 && lead.emp",
            "lead.score.priority >= 80 && lead.enp",
            "lead.enp",
            "lead.employees",
        ),
        (
            "routing.yaml",
            "{record.owner} already",
            "{record.owner_} already",
            '"{record.owner_}',
            "unknown fact {record.owner_}",
        ),
        ("routing.yaml", "queue: account_owner", "queue: acount_owner", "acount_owner", "did you mean account_owner?"),
        ("routing.yaml", "pool: enterprise}", "pool: enterprize}", "enterprize", "did you mean enterprise?"),
        ("routing.yaml", "when: record.owner != null", 'when: "true"', '"true"', "no later rule is ever asked"),
        ("routing.yaml", "name: low_priority\n", "name: nurture\n", "nurture", "nurture is given twice"),
        ("pools.yaml", "when_empty: unassigned", "when_empty: everybody", "everybody", "no such queue: everybody"),
        ("scoring.yaml", "points: 50", "points: -50", "-50", "greater than or equal to 0"),
        (
            "scoring.yaml",
            "== true, review: true",
            "== true, points: 0",
            "{name: competitor",
            "must give points, or `review: true`",
        ),
        ("scoring.yaml", "lead.phone]", "lead.fone]", "lead.fone", "did you mean lead.phone?"),
        ("sla.yaml", "America/New_York", "America/New_Yorck", "America/New_Yorck", "no such time zone"),
        ("sla.yaml", "calendar: sales_emea", "calendar: sales_emeia", "sales_emeia", "did you mean sales_emea?"),
        (
            "sla.yaml",
            '{start: "09:00", end: "18:00"}',
            '{start: "19:00", end: "18:00"}',
            '{start: "19:00"',
            "ends after",
        ),
        ("sources.yaml", "defaults: {channel: paid_social}", "defaults: {chanel: x}", "x}", "did you mean channel?"),
        ("sources.yaml", "secret: typeform", "secret: Whsec_abc+/=", "Whsec_abc", "match pattern"),
        (
            "taxonomy.yaml",
            "      unknown:\n        definition: The words do not say, or it is something else.\n",
            "",
            "use_case:",
            "`unknown`",
        ),
        ("taxonomy.yaml", "  spam: {", "  spamm: {", "spamm", "did you mean spam?"),
        (
            "workflows.yaml",
            "email, name, first_name",
            "email, nmae, first_name",
            "nmae",
            "lead.nmae has no contract; did you mean name?",
        ),
        (
            "fields.yaml",
            "[mapper, enrich], overwrite: fill_if_empty, risk: medium",
            "[mapper, enrich, router], overwrite: fill_if_empty, risk: medium",
            "router]",
            "does not grant lead.email to router",
        ),
        (
            "fields.yaml",
            "overwrite: fill_if_empty, risk: medium",
            "overwrite: fill, risk: medium",
            "fill,",
            "Input should be",
        ),
        (
            "fields.yaml",
            "low:    {auto: 0.70, suggest: 0.40}",
            "low:    {auto: 0.30, suggest: 0.40}",
            "low:",
            "must not be below",
        ),
        (
            "suppression.yaml",
            "send: block,  enrol",
            "sent: block,  enrol",
            "sent",
            "unknown key sent; did you mean send?",
        ),
        (
            "launch.yaml",
            "suggested:       {lead_fields: auto",
            "suggested:       {lead_fields: nothing",
            "matrix:",
            "read_only allows more lead_fields",
        ),
    ],
)
def test_each_problem_is_found_at_its_place(file: str, old: str, new: str, needle: str, told: str) -> None:
    files = edited(file, old, new)
    problems = problems_of(files)
    found = next((problem for problem in problems if told in problem), None)
    assert found is not None, problems
    name, line, column, _ = found.split(":", 3)
    assert name == file
    assert files[file].splitlines()[int(line) - 1][int(column) - 1 :].startswith(needle), found


def test_all_problems_are_told_at_once() -> None:
    files = edited("launch.yaml", "mode: suggested", "mode: sugested")
    files["matching.yaml"] = (
        files["matching.yaml"].replace("link_at", "linkat").replace("max_candidates: 20", "max: 20")
    )
    problems = problems_of(files)
    assert [problem.split(":")[0] for problem in problems] == ["launch.yaml"] + ["matching.yaml"] * 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("mode: [", "not YAML"),
        ("mode: suggested\nmode: read_only\n", "launch.yaml:2:1: mode is given twice"),
        ("mode: !!python/object:os.system x", "no tags, please"),
        ("a: &a [*a]", "too deep"),
        ("[1, 2]", "valid dictionary"),
        ("? [1]\n: 2", "a key must be a plain word"),
        ("mode: \x00", "not YAML"),
    ],
)
def test_broken_files_are_problems(text: str, told: str) -> None:
    assert any(told in problem for problem in problems_of({**FILES, "launch.yaml": text}))


def test_aliases_can_not_blow_up() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert any("too deep or" in problem for problem in problems_of({**FILES, "launch.yaml": "\n".join(rows)}))


def test_missing_unknown_and_repeated_files_are_problems() -> None:
    files = {name: text for name, text in FILES.items() if name != "sla.yaml"}
    told = problems_of({**files, "rooting.yaml": "a: 1", "old/launch.yaml": FILES["launch.yaml"]})
    assert "sla.yaml:1:1: the file is missing" in told
    assert "rooting.yaml:1:1: no such part of a policy; did you mean routing?" in told
    assert "old/launch.yaml:1:1: launch is already given by launch.yaml" in told


def test_words_that_old_yaml_takes_for_booleans_stay_words() -> None:
    policy = load_policy(edited("matching.yaml", "[wixsite.com,", "[NO, on, 1e3x,"))
    assert policy.matching.shared_domains[:3] == ("NO", "on", "1e3x")


def test_another_launch_mode_is_another_version() -> None:
    for mode in LaunchMode:
        files = files_with_mode({f"policy/{name}": text for name, text in FILES.items()}, mode)
        policy = load_policy(files)
        assert policy.launch.mode is mode
        assert (policy.hash == POLICY.hash) is (mode is POLICY.launch.mode)
    with pytest.raises(PolicyError, match="mode is missing"):
        files_with_mode({"launch.yaml": "matrix: {}"}, LaunchMode.READ_ONLY)
