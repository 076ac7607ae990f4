"""Which providers a policy names over the network: none as shipped, and the same object for the same description."""

from pathlib import Path
from typing import Any, cast

from libs.policy.enrichment import BUILT_IN
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from libs.runtime.health import Health
from services.enrich.connectors.campaign import Campaign
from services.enrich.connectors.company_directory import CompanyDirectory
from services.enrich.connectors.email_domain import EmailDomain
from services.enrich.connectors.language import Language
from services.enrich.connectors.person_name import PersonName
from services.enrich.connectors.phone import Phone
from services.enrich.connectors.record_base import RecordBase
from services.enrich.connectors.title import Title
from services.enrich.connectors.website import Website
from services.enrich.http.settings import EnrichHttpSettings
from services.enrich.network import NetworkProviders
from tests.paths import ROOT
from tests.services.enrich.makers import NOW, POLICY, policy_with

API = """
apis:
  clearfirm:
    url: "https://api.clearfirm.example/v2/companies?domain={domain}"
    fields: {revenue_band: {path: revenue}}
    cost: COST
"""
LISTED = "  revenue_band: {providers: [clearfirm], trust: {clearfirm: 0.9}}"


def network(folder: Path) -> NetworkProviders:
    pool = cast(Any, None)  # nothing is asked here
    return NetworkProviders(pool, folder, Health(), EnrichHttpSettings(), lambda: NOW, lambda: 0.0)


def with_api(cost: str) -> Policy:
    files = read_files(ROOT / "policy")
    lines = [LISTED if one.startswith("  revenue_band:") else one for one in files["enrichment.yaml"].splitlines()]
    return load_policy({**files, "enrichment.yaml": "\n".join(lines) + API.replace("COST", cost)})


def test_as_shipped_nothing_goes_out(tmp_path: Path) -> None:
    assert network(tmp_path)(POLICY) == []


def test_an_enabled_site_and_each_api_is_one_provider_for_all_policies_that_say_the_same(tmp_path: Path) -> None:
    named = network(tmp_path)
    site = policy_with("website: {enabled: true}")
    [website] = named(site)
    assert website.name == "website"
    assert named(policy_with("website: {enabled: true}\nbudget_seconds: 3")) == [website]
    [other] = named(policy_with('website: {enabled: true, pages: ["/", "/about"]}'))
    assert other is not website
    [api] = named(with_api("0.02"))
    assert (api.name, api.fields) == ("clearfirm", ("revenue_band",))
    assert named(with_api("0.02"))[0] is api
    assert named(with_api("0.03"))[0] is not api


def test_the_policy_knows_the_built_in_providers() -> None:
    own = (EmailDomain, Phone, PersonName, Title, Language, Campaign, RecordBase, CompanyDirectory, Website)
    assert {one.name for one in own} == set(BUILT_IN)
