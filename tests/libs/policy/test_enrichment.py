"""What `policy check` says about enrichment.yaml: each contradiction at its place, with what to write instead."""

import pytest

from libs.policy.load import load_policy
from libs.policy.problems import PolicyError
from tests.libs.policy.shipped import FILES

INDUSTRY = "  industry: {providers: [company_directory, website], on_conflict: review}\n"
API = """
apis:
  clearfirm:
    url: "https://api.clearfirm.example/v2/companies?domain={domain}"
    fields: {revenue_band: {path: revenue}}
"""


def problems_of(industry: str = INDUSTRY, more: str = "") -> list[str]:
    text = FILES["enrichment.yaml"]
    assert INDUSTRY in text
    try:
        load_policy({**FILES, "enrichment.yaml": text.replace(INDUSTRY, industry) + more})
    except PolicyError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  industrie: {providers: [website]}", "no such lead field: industrie; did you mean industry?"),
        ("  industry: {providers: [web_site]}", "no such provider: web_site; did you mean website?"),
        ("  industry: {providers: [website, website]}", "website is given twice"),
        ("  industry: {providers: [website], trust: {phone: 0.5}}", "phone is no provider of industry"),
        ("  message: {providers: [website]}", "does not name enrich among the updaters of lead.message"),
    ],
)
def test_a_field_is_checked_where_it_stands(line: str, told: str) -> None:
    number = FILES["enrichment.yaml"].split(INDUSTRY)[0].count("\n") + 1
    found = [problem for problem in problems_of(line + "\n") if told in problem]
    assert found, problems_of(line + "\n")
    assert found[0].startswith(f"enrichment.yaml:{number}:")


def test_an_api_needs_trust_and_a_field_that_lists_it() -> None:
    assert any(
        "clearfirm fills nothing: list it among the providers of revenue_band" in one for one in problems_of(more=API)
    )
    listed = "  industry: {providers: [clearfirm]}\n"
    told = problems_of(listed, API)
    assert any("clearfirm has no industry among its `fields`" in one for one in told), told
    both = API.replace("revenue_band: {path: revenue}", "industry: {path: industry}")
    assert [one.split(": ", 1)[1] for one in problems_of(listed, both)] == [
        "clearfirm has no trust: give it one under `providers` in sources.yaml"
    ]
    trusted = "  industry: {providers: [clearfirm], trust: {clearfirm: 0.9}}\n"
    assert problems_of(trusted, both) == []


def test_an_api_is_not_named_like_a_built_in_provider_and_knows_its_fields() -> None:
    told = problems_of(more=API.replace("clearfirm:", "website:").replace("revenue_band", "revenue_bant"))
    assert any("website is a built-in provider" in one for one in told), told
    assert any("no such lead field: revenue_bant; did you mean revenue_band?" in one for one in told), told
