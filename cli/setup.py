"""`sources list|add|rotate|token|test`: addresses that tools post to, with what proves them, without editing a file by hand."""

import asyncio
import base64
import difflib
import re
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import sources
from cli.client import Api, Running, running
from cli.console import PlainTable, out, print_json, shown
from cli.errors import CliError
from cli.options import AsJson, Data, PolicyFolder
from cli.publish import newest_published, publish
from cli.signing import SIGNED, Unsigned, signed
from cli.up import policy_files
from embedded.files import write_atomically
from libs.policy.load import load_policy
from libs.policy.sources import IntakeSource
from libs.runtime import clock
from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import Adapter, Preset

app = typer.Typer(help="The addresses that tools post to.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The source, as policy/sources.yaml names it.")]
Secret = Annotated[str | None, typer.Option("--secret", help="The secret that the tool shows; asked for when needed.")]
PLAIN = Preset("", (), b"", kind="lead", trust=0.5)
"""Stands in for a tool that has no preset."""
VERIFY = "verify"
"""The name of the secret that is only for the tool's check of the address, where the real one must not stand in a URL."""
SEEN_SECONDS = 10.0
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


@app.command("list")
def list_sources(data: Data, policy: PolicyFolder, as_json: AsJson = False) -> None:
    """List every source: address, tool, what proves it, and when its secrets end."""
    stack = _running(data)
    rows = [_row(data, name, source, stack) for name, source in sorted(_known(policy, stack).items())]
    if as_json:
        print_json(rows)
        return
    table = PlainTable()
    for column in ("source", "tool", "kind", "trust", "proof", "address"):
        table.add_column(column)
    for row in rows:
        table.add_row(*(str(row[name]) for name in ("name", "adapter", "kind", "trust", "proof", "url")))
    out.print(table)


@app.command()
def add(
    name: Name,
    data: Data,
    policy: PolicyFolder,
    preset: Annotated[str, typer.Option("--preset", help="The tool: a file under services/intake/connectors.")],
    kind: Annotated[
        str | None, typer.Option("--kind", help="What sort of submission: demo_request, webinar, …")
    ] = None,
    trust: Annotated[
        float | None, typer.Option("--trust", min=0, max=1, help="How far its values are trusted.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="What people call it.")] = None,
    secret: Secret = None,
    token: Annotated[str | None, typer.Option("--token", help="Access token, for tools that send only ids.")] = None,
    is_open: Annotated[bool, typer.Option("--open", help="No secret: anybody who knows the address may post.")] = False,
) -> None:
    """Add a source to the policy, make its secret, publish it when a stack runs, and say what to paste where."""
    adapter = _adapter(preset)
    tool = adapter.preset or PLAIN
    entry = _entry(name, adapter, tool, kind=kind, trust=trust, title=title, is_open=is_open)
    edited = _edited(policy_files(policy), name, entry)
    if not is_open:
        _keep_new_secrets(data, name, tool, secret)
    if token is not None:
        sources.set_token(data, name, token)
    _replace(policy / "sources.yaml", edited["sources.yaml"])
    stack = _running(data)
    out.print(f"source {name} is in {policy / 'sources.yaml'}", markup=False)
    if stack is not None:
        _publish(stack, name, entry)
    _tell(data, name, adapter, _base_url(stack))


@app.command()
def rotate(
    name: Name,
    data: Data,
    policy: PolicyFolder,
    secret: Secret = None,
    hours: Annotated[float, typer.Option("--hours", min=0, help="How long the old secret still counts.")] = 48.0,
) -> None:
    """Give a source a second secret; the old one counts for two more days, so that nothing is refused meanwhile."""
    stack = _running(data)
    source = _known(policy, stack).get(name)
    if source is None:
        raise _unknown(name)
    adapter = _adapter(source.adapter)
    value = _secret_value(adapter.preset or PLAIN, secret)
    if value is None:
        raise CliError("there is no new secret", f"source {name}", "name it with --secret, as the tool shows it")
    key, now = source.secret or name, clock.now()
    ends = now + timedelta(hours=hours)
    names = {one.name for one in sources.held_secrets(data, key)}
    label = next(text for n in range(1, 1000) if (text := f"{now:%Y-%m-%d}" + f"-{n}" * (n > 1)) not in names)
    sources.add_secrets(data, key, {label: value}, now, ends, lasting=VERIFY)
    out.print(f"the secret {label!r} counts from now on; those before it until {ends:%Y-%m-%d %H:%M} UTC", markup=False)
    _tell(data, key, adapter, _base_url(stack), name)


@app.command()
def token(
    name: Name,
    data: Data,
    value: Annotated[str | None, typer.Option("--token", help="The token; asked for when it is not given.")] = None,
) -> None:
    """Keep the access token with which the tool is asked for what stands behind the ids that it sends."""
    given = value or (typer.prompt("access token", hide_input=True) if sys.stdin.isatty() else None)
    if not given:
        raise CliError("there is no token", f"source {name}", "name it with --token")
    sources.set_token(data, name, given)
    out.print(f"the token of {name} counts within a second; what was given up is asked again by `signalbox redrive ID`")


@app.command("test")
def try_out(
    name: Name,
    data: Data,
    file: Annotated[Path | None, typer.Option("--file", help="Another body than the tool's sample.")] = None,
    as_json: AsJson = False,
) -> None:
    """Sign the tool's sample, show what the running intake makes of it, and check that it refuses a forged copy.

    Nothing is kept and nothing reaches the funnel.
    """
    with Api.of(data) as api:
        found = next((one for one in api.get("intake", "/api/sources") if one["name"] == name), None)
        if found is None:
            raise _unknown(name)
        tool = _adapter(found["adapter"]).preset or PLAIN
        body = tool.sample if file is None else file.read_bytes()
        if not body:
            raise CliError(f"{found['adapter']} has no sample", f"source {name}", "name a body with --file")
        told = _tried(api, data, name, found, body, tool.content_type)
        told["provable"] = _is_provable(_adapter(found["adapter"]))
        told["refuses_forgeries"] = None if found["takes_unsigned"] else _refuses(api, name, body, tool.content_type)
    if as_json:
        print_json(told)
    else:
        _show_trial(told)
    useful = any(item["item"] in ("lead", "to_fetch", "not_a_lead") for item in told["items"])
    if (told["provable"] and not told["accepted"]) or not useful or told["refuses_forgeries"] is False:
        raise typer.Exit(1)


def _is_provable(adapter: Adapter) -> bool:
    """Whether we can sign as the tool does: not where only the tool has the private key."""
    private = any(verifier.algorithm in ("ecdsa", "rsa", "ed25519") for verifier in adapter.verifiers)
    return adapter.name in SIGNED or not private


def _tried(api: Api, data: Path, name: str, found: dict[str, Any], body: bytes, content_type: str) -> dict[str, Any]:
    key = _secret_key(data, name, found)
    value = next((one.value for one in reversed(sources.held_secrets(data, key)) if one.name != VERIFY), "")
    token = value if found["adapter"] not in SIGNED and value else ""
    url = found["url"] + (f"/{token}" if token else "")
    headers, sent = signed(found["adapter"], value, Unsigned(url, body), clock.now())
    asked = {
        "body_base64": base64.b64encode(sent).decode(),
        "headers": {"Content-Type": content_type, **headers},
        "token": token,
    }
    told: dict[str, Any] = api.post("intake", f"/api/sources/{name}/try", asked)
    return {**told, "no_secret": not value and not found["takes_unsigned"]}


def _secret_key(data: Path, name: str, found: dict[str, Any]) -> str:
    """Under which name the settings hold the source's secrets: its own, or the one that the policy gives it."""
    held = sources.secrets_of(data)
    return name if name in held else str(found.get("secrets_under") or name)


def _refuses(api: Api, name: str, body: bytes, content_type: str) -> bool:
    """Whether the source's real address refuses the same body without a proof. Only asked where it must."""
    return api.hook(f"/hooks/{name}", body, {"content-type": content_type}).status_code == 401


def _show_trial(told: dict[str, Any]) -> None:
    by = f", by the secret {told['secret']!r}" if told["secret"] else ""
    verdict = f"accepted ({told['trust']}{by}), answered {told['status']}" if told["accepted"] else "refused: 401"
    if not told["accepted"] and not told["provable"]:
        verdict = "only the tool can sign this: its mapping alone was tried"
    out.print(f"{told['source']} ({told['adapter']}): {verdict}", markup=False)
    if told["no_secret"]:
        do = f"`./signalbox sources rotate {told['source']} --secret VALUE`"
        out.print(f"there is no secret of it in the data folder: give it the one that the tool shows with {do}")
    if told["refuses_forgeries"] is not None:
        did = "refuses" if told["refuses_forgeries"] else "TAKES"
        out.print(f"the address {did} the same body without a proof", markup=False)
    for item in told["items"]:
        if item["item"] != "lead":
            out.print(f"{item['item']}: {item.get('disposition', '')} {item.get('reason', '')}".strip(), markup=False)
            continue
        table = PlainTable(title=f"a lead, kind {item['kind']}", title_justify="left")
        for column in ("field", "value", "sure", "from"):
            table.add_column(column)
        for field, fact in item["fields"].items():
            table.add_row(field, shown(fact["value"]), f"{fact['confidence']:.2f}", fact["where"])
        out.print(table)
    out.print("nothing was kept", markup=False)


def _entry(
    name: str,
    adapter: Adapter,
    tool: Preset,
    *,
    kind: str | None,
    trust: float | None,
    title: str | None,
    is_open: bool,
) -> dict[str, Any]:
    """The source's entry in the policy."""
    entry: dict[str, Any] = {"title": title or tool.title or name, "adapter": adapter.name, "kind": kind or tool.kind}
    entry["trust"] = tool.trust if trust is None else trust
    if not is_open:
        entry |= {"secret": name, "require_signature": True}
    return entry | ({"defaults": dict(tool.defaults)} if tool.defaults else {})


def _edited(files: Mapping[str, str], name: str, entry: Mapping[str, Any]) -> dict[str, str]:
    """The policy's files with the source. Raises CliError when it is there already, PolicyError when it does not load."""
    if not _NAME.match(name):
        do = "take small letters, digits and _, a letter first, 64 at most"
        raise CliError(f"{name!r} can't be a source's name: it stands in an address", "NAME", do)
    if name in load_policy(files).sources.sources:
        raise CliError(f"there is a source {name!r} already", "sources.yaml of the policy", "choose another name")
    path = next(path for path in files if path.rpartition("/")[2] == "sources.yaml")
    try:
        edited = {**files, path: sources.with_source(files[path], name, entry)}
    except LookupError as error:
        raise CliError(str(error), path, "write the block by hand") from None
    load_policy(edited)
    return edited


def _publish(stack: Running, name: str, entry: Mapping[str, Any]) -> None:
    """Publish what is published now with the source, and nothing else that the folder may hold."""
    newest = asyncio.run(newest_published(stack.kafka))
    if newest is None:
        out.print("no policy is published yet: run `./signalbox policy publish`")
        return
    if name not in load_policy(newest.files).sources.sources:
        asyncio.run(publish(stack.kafka, _edited(newest.files, name, entry), "cli", f"source {name} added"))
    out.print("the policy with it is published", markup=False)
    deadline = clock.monotonic() + SEEN_SECONDS
    with Api(stack) as api:
        while clock.monotonic() < deadline:
            if any(one["name"] == name for one in api.get("intake", "/api/sources")):
                return
    out.print("intake has not taken it over yet: look at `./signalbox logs intake`", markup=False)


def _keep_new_secrets(data: Path, name: str, tool: Preset, given: str | None) -> None:
    value = _secret_value(tool, given)
    made = {VERIFY: sources.new_secret()} if any("{verify}" in step for step in tool.setup) else {}
    if value is not None:
        made["first"] = value
    sources.forget_secrets(data, name)  # of a source of that name that is no longer in the policy
    if made:
        now = clock.now()
        sources.add_secrets(data, name, made, now, now)


def _secret_value(tool: Preset, given: str | None) -> str | None:
    """The secret: as given, else made by us, else asked for; None when the tool makes it and nobody can be asked."""
    maker = tool.secret
    if given is not None or maker != "theirs":
        return given or sources.new_secret()
    if not sys.stdin.isatty():
        return None
    asked = typer.prompt(f"the secret that {tool.title} shows (empty: later)", default="", hide_input=True)
    return asked or None


def _tell(data: Path, key: str, adapter: Adapter, base_url: str, name: str = "") -> None:
    """What to paste where."""
    tool, held = adapter.preset or PLAIN, {one.name: one.value for one in sources.held_secrets(data, key)}
    maker = tool.secret
    newest = next(iter(reversed([value for label, value in held.items() if label != VERIFY])), "")
    url = f"{base_url}/hooks/{name or key}" + (f"/{newest}" if maker == "url" and newest else "")
    out.print(f"address:  {url}", markup=False)
    if newest and maker != "url":
        out.print(f"secret:   {newest if maker == 'ours' else '(as given)'}", markup=False)
    if not newest and maker == "theirs":
        out.print(f"It refuses everything until `signalbox sources rotate {key} --secret VALUE`.", markup=False)
    for number, step in enumerate(tool.setup, 1):
        pasted = newest if maker == "ours" else "the secret"
        text = step.replace("{url}", url).replace("{secret}", pasted).replace("{verify}", held.get(VERIFY, ""))
        out.print(f"{number}. {text}", markup=False)


def _row(data: Path, name: str, source: IntakeSource, stack: Running | None) -> dict[str, Any]:
    key = source.secret or name
    held = sources.held_secrets(data, name) or sources.held_secrets(data, key)
    ends = [f"{one.name} until {one.not_after:%Y-%m-%d %H:%M}" for one in held if one.not_after is not None]
    required = source.require_signature or source.secret is not None
    proof = "off" if not source.enabled else "secret" if held else "no secret yet" if required else "open"
    return {
        "name": name, "title": source.title, "adapter": source.adapter, "kind": source.kind, "trust": source.trust,
        "proof": ", ".join([proof, *ends]), "secrets": [one.name for one in held],
        "token": name in sources.sources_with_tokens(data), "url": f"{_base_url(stack)}/hooks/{name}",
    }  # fmt: skip


def _known(policy: Path, stack: Running | None) -> Mapping[str, IntakeSource]:
    """The sources of the published policy, else of the folder."""
    newest = None if stack is None else asyncio.run(newest_published(stack.kafka))
    return load_policy(policy_files(policy) if newest is None else newest.files).sources.sources


def _running(data: Path) -> Running | None:
    try:
        return running(data)
    except CliError:
        return None


def _base_url(stack: Running | None) -> str:
    """Where tools post to: what intake itself says, since its public address may be another."""
    if stack is None:
        return "http://YOUR-ADDRESS"
    with Api(stack) as api:
        found = api.get("intake", "/api/sources")
    return str(found[0]["url"]).partition("/hooks/")[0] if found else stack.url("intake")


def _adapter(name: str) -> Adapter:
    if name not in ADAPTERS:
        near = difflib.get_close_matches(name, ADAPTERS, 1)
        do = f"did you mean {near[0]}? Else choose from " if near else "choose from "
        raise CliError(f"there is no preset {name!r}", "--preset", do + ", ".join(sorted(ADAPTERS)))
    return ADAPTERS[name]


def _unknown(name: str) -> CliError:
    return CliError(f"there is no source {name!r}", "NAME", "look at `./signalbox sources list`, or add it")


def _replace(path: Path, text: str) -> None:
    """Write the policy's file whole or not at all, with the rights it had."""
    try:
        mode = path.stat().st_mode
        write_atomically(path, text)
        path.chmod(mode)
    except OSError as error:
        raise CliError(
            f"the policy can't be written: {error.strerror}", str(path), "add the source where the policy is kept"
        ) from None
