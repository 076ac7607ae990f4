"""`send`: post a file to intake as a form tool would, signed where the tool signs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import Api, said
from cli.console import out
from cli.errors import CliError
from cli.options import Data
from cli.signing import Unsigned, signed
from cli.sources import secrets_of
from libs.runtime import clock

_TYPES = {".json": "application/json", ".txt": "text/plain", ".form": "application/x-www-form-urlencoded"}


def send(
    file: Annotated[Path, typer.Argument(help="The body, byte for byte; `-` reads standard input.", allow_dash=True)],
    data: Data,
    source: Annotated[str, typer.Option("--source", "-s", help="The intake source, as policy/sources.yaml names it.")],
    content_type: Annotated[str, typer.Option("--content-type", help="Default: by the file's name.")] = "",
) -> None:
    """Post a file to /hooks/SOURCE and print the receipt."""
    body = _body(file)
    guessed = _TYPES[".json" if body[:1] in (b"{", b"[") else ".form"]
    kind = content_type or _TYPES.get(file.suffix, guessed)
    with Api.of(data) as api:
        described = _source(api, source)
        path = f"/hooks/{source}"
        request = Unsigned(api.stack.url("intake") + path, body)
        headers, body = signed(described["adapter"], secrets_of(data).get(source, ""), request, clock.now())
        answer = api.hook(path, body, {"content-type": kind, **headers})
    if not answer.is_success:
        do = "check the secret in sources.json, and that the file is what the tool posts"
        raise CliError(f"intake answered {answer.status_code}: {said(answer)}", f"source {source}", do)
    out.print(f"{answer.status_code} {answer.text}", markup=False)


def _body(file: Path) -> bytes:
    try:
        return typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CliError(f"the file can't be read: {error.strerror}", str(file), "name a readable file") from None


def _source(api: Api, name: str) -> dict[str, Any]:
    sources: list[dict[str, Any]] = api.get("intake", "/api/sources")
    found = next((source for source in sources if source["name"] == name), None)
    if found is None:
        known = ", ".join(source["name"] for source in sources)
        raise CliError(f"there is no source {name!r}", "--source", f"choose from {known}")
    return found
