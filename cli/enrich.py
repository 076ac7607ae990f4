"""`enrich try`: ask one provider now, and see what it says with its evidence, or exactly why it says nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.console import PlainTable, err, out, print_json
from cli.enrich_check import check
from cli.errors import CliError
from cli.options import AsJson, Data, PolicyFolder
from cli.up import policy_files
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from libs.runtime import clock
from libs.runtime.health import Health
from libs.runtime.outbound import Outbound, with_hosts
from services.enrich.connectors.paid_api import PaidApi
from services.enrich.connectors.website import Website
from services.enrich.domain.findings import Finding, Inputs
from services.enrich.domain.proof import proven
from services.enrich.domain.provider import Provider
from services.enrich.http.manners import Manners
from services.enrich.http.settings import EnrichHttpSettings, secrets_file
from services.enrich.http.store import Unkept

app = typer.Typer(help="Enrichment: try a provider, hold values against their evidence.", no_args_is_help=True)
app.command()(check)


@app.command("try")
def try_(
    policy: PolicyFolder,
    data: Data,
    provider: Annotated[str, typer.Option(help="`website`, or an API that enrichment.yaml describes.")] = "website",
    domain: Annotated[str, typer.Option(help="The company's domain.")] = "",
    email: Annotated[str, typer.Option(help="The person's address, for an API that asks about it.")] = "",
    company: Annotated[str, typer.Option(help="The company's name, for an API that asks about it.")] = "",
    phone: Annotated[str, typer.Option(help="The number in E.164, for an API that asks about it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Ask a provider by the local policy. Nothing is kept or counted towards its caps, but an API may charge for it."""
    given = {
        name: value
        for name, value in (("domain", domain), ("email", email), ("company", company), ("phone", phone))
        if value
    }
    asked, rules = _provider(provider, load_policy(policy_files(policy)), data)
    missing = sorted(_wanted(provider, rules) - given.keys())
    if missing or not given:
        wanted = " and ".join(f"--{name}" for name in missing or ["domain"])
        raise CliError(f"{provider} has to know what to ask about", "the command's options", f"add {wanted}")
    findings = asyncio.run(_asked(asked, {name: given[name] for name in _wanted(provider, rules)}))
    if as_json:
        print_json({"provider": provider, "findings": [_plain(one) for one in findings]})
    else:
        out.print(_shown(findings))
    if not any(one.outcome == "found" for one in findings):
        raise typer.Exit(1)


def _provider(name: str, policy: Policy, data: Path) -> tuple[Provider, Policy]:
    """The provider by the policy; `website` also while it is off, which is said."""
    rules = policy.enrichment
    if name == "website" and not rules.website.enabled:
        err.print("the policy has website.enabled off: no lead is enriched by it yet")
    found = _made(policy, data)
    if name not in found:
        raise CliError(
            f"there is no provider {name!r} over HTTP", "enrichment.yaml, apis", f"choose from {', '.join(found)}"
        )
    return found[name], policy


def _made(policy: Policy, data: Path) -> dict[str, Provider]:
    told, rules, unkept = EnrichHttpSettings(), policy.enrichment, Unkept()
    secrets = secrets_file(data)
    manners = Manners(clock.monotonic)
    ports = None if told.loopback else told.ports
    outbound = Outbound(loopback=told.loopback, ports=ports, resolve=with_hosts(told.hosts))
    found: dict[str, Provider] = {
        "website": Website(rules.website, outbound, unkept, manners, clock.now, told.user_agent, told.body_bytes)
    }
    for name, api in rules.apis.items():
        found[name] = PaidApi(
            name, api, outbound, unkept, unkept, manners, lambda: secrets.current(clock.monotonic()), Health(), clock.now,
            told.user_agent, told.body_bytes,
        )  # fmt: skip
    return found


def _wanted(provider: str, policy: Policy) -> set[str]:
    if provider == "website":
        return {"domain"}
    url = policy.enrichment.apis[provider].url
    return {name for name in ("domain", "email", "company", "phone") if f"{{{name}}}" in url}


async def _asked(provider: Provider, inputs: Inputs) -> Sequence[Finding]:
    [findings] = await provider.answer([inputs])
    return [proven(finding) for finding in findings]


def _plain(finding: Finding) -> dict[str, object]:
    held = asdict(finding)
    return {**held, "evidence": [one.model_dump(mode="json") for one in finding.evidence]}


def _shown(findings: Sequence[Finding]) -> PlainTable:
    table = PlainTable("field", "outcome", "value", "confidence", "evidence or reason")
    for one in findings:
        said = "\n".join(f"{each.quote!r} ({each.where})" for each in one.evidence) or one.reason
        value = ", ".join(map(str, one.value)) if isinstance(one.value, list) else str(one.value or "")
        table.add_row(one.field, one.outcome, value, f"{one.confidence:.2f}" if one.evidence else "", said)
    return table
