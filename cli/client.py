"""The stack's HTTP APIs as commands use them: addresses from the data folder, the token, and errors that say what to do."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from cli.errors import CliError, Refused, not_running
from cli.settings import RemoteSettings
from cli.stack import API_SERVICES
from embedded.status import StackStatus, status
from libs.runtime import clock
from libs.runtime.cluster import Cluster
from libs.runtime.people import PREFIX
from libs.runtime.settings import RuntimeSettings, port_of

TIMEOUT_SECONDS = 30.0
PATIENCE_SECONDS = 15.0
"""So long a service that does not answer is asked again: the supervisor starts it anew in a few seconds."""
UNNAMED = "cli"
"""The actor of a command that names none."""
COMMAND_SECONDS = 30.0
"""So long a command may take to be decided before the client gives up asking."""


@dataclass(frozen=True)
class Running:
    """A running stack: where Kafka and each service's API are, and the API's token."""

    data: Path
    kafka: Cluster
    database_url: str
    token: str
    ports: dict[str, int]
    host: str = "127.0.0.1"

    def url(self, service: str) -> str:
        """The address of a service's API."""
        return f"http://{self.host.replace('{service}', service)}:{self.ports[f'{service.upper()}_PORT']}"


def running(data: Path) -> Running:
    """The stack that runs in a data folder, else the one that the environment names. Raises CliError without either."""
    seen: StackStatus = status(data)
    if seen.addresses is None:
        return _remote(data)
    if not seen.processes or not seen.supervised:
        raise not_running(data)
    secrets = json.loads((data / "secrets.json").read_text())
    token = RemoteSettings().token or secrets["api_token"]
    held = RemoteSettings(
        kafka=seen.addresses.kafka, database_url=seen.addresses.database_url,
        tenant_secret=secrets.get("tenant_secret", ""), master_key=f"key:{key}" if (key := secrets.get("master_key")) else "",
    )  # fmt: skip
    return Running(data, Cluster(_settings(data, held)), held.database_url, token, seen.ports)


def _remote(data: Path) -> Running:
    named = RemoteSettings()
    token = named.token or named.api_token
    if not named.kafka or not token:
        raise not_running(data)
    ports = {f"{service.upper()}_PORT": port_of(service) for service in API_SERVICES}
    return Running(data, Cluster(_settings(data, named)), named.database_url, token, ports, named.api_host)


def _settings(data: Path, named: RemoteSettings) -> RuntimeSettings:
    """What reading the topics takes; only where the environment names the keys too can sealed records be read."""
    return RuntimeSettings(
        kafka=named.kafka, database_url=named.database_url or "-", data=data, api_token="-" * 16,
        tenant_secret=named.tenant_secret or "0" * 64, master_key=named.master_key if named.tenant_secret else "",
    )  # fmt: skip


class Api:
    """A client of all services of one stack."""

    def __init__(self, stack: Running, actor: str = "cli") -> None:
        self.stack = stack
        headers = {"Authorization": f"Bearer {stack.token}", "X-Signalbox-Actor": actor}
        if stack.token.startswith(f"{PREFIX}.") and actor == UNNAMED:
            del headers["X-Signalbox-Actor"]  # a person's token says who they are
        self._http = httpx.Client(headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False)

    @classmethod
    def of(cls, data: Path, actor: str = "cli") -> "Api":
        """The client of the stack that runs in a data folder. Raises CliError when none does."""
        return cls(running(data), actor)

    def __enter__(self) -> "Api":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, service: str, path: str, **params: Any) -> Any:
        """The JSON that a service answers. Raises CliError when it does not answer or refuses."""
        given = {name: value for name, value in params.items() if value is not None}
        return self._json(service, "GET", path, params=given)

    def find(self, service: str, path: str, **params: Any) -> Any | None:
        """As `get`; None when the service knows no such thing."""
        answer = self._send(service, "GET", path, params={k: v for k, v in params.items() if v is not None})
        return None if answer.status_code == httpx.codes.NOT_FOUND else self._checked(service, answer)

    def post(self, service: str, path: str, body: Any = None, method: str = "POST") -> Any:
        """The JSON answer to a write; a command that is still open (202) is asked for until it is decided."""
        answer = self._json(service, method, path, json=body, headers={"Idempotency-Key": clock.new_id()})
        deadline = time.monotonic() + COMMAND_SECONDS
        while isinstance(answer, dict) and answer.get("status") == "accepted" and answer.get("link"):
            if time.monotonic() > deadline:
                raise CliError(
                    f"command {answer['command_id']} is still open after {COMMAND_SECONDS:.0f} s",
                    f"{service} {path}",
                    f"ask again at {self.stack.url(service)}{answer['link']}",
                )
            time.sleep(0.1)
            answer = self._json(service, "GET", str(answer["link"]))
        return answer

    def lines(self, service: str, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """A streamed answer, one JSON object a line. Raises CliError as `get` does."""
        try:
            with self._http.stream("GET", self.stack.url(service) + path, params=params, timeout=None) as answer:
                if not answer.is_success:
                    answer.read()
                    self._checked(service, answer)
                for line in answer.iter_lines():
                    if line.strip():
                        yield json.loads(line)
        except httpx.HTTPError as error:
            raise self._away(service, path, error) from None

    def download(self, service: str, path: str, file: Path | None, **params: Any) -> int:
        """A streamed answer as it is, into a file, which is there only when it is whole, or to standard output; returns its
        bytes. Raises CliError as `get` does, and when the connection breaks off."""
        part = None if file is None else file.with_name(f"{file.name}.part")
        size = 0
        try:
            with (
                self._http.stream("GET", self.stack.url(service) + path, params=params, timeout=None) as answer,
                nullcontext(sys.stdout.buffer) if part is None else part.open("wb") as into,
            ):
                if not answer.is_success:
                    answer.read()
                    self._checked(service, answer)
                for chunk in answer.iter_bytes():
                    size += into.write(chunk)
            if part is not None and file is not None:
                part.replace(file)
        except httpx.HTTPError as error:
            raise self._away(service, path, error) from None
        except OSError as error:
            raise CliError(
                f"it can't be written: {error.strerror or error}", str(file), "name another file with --out"
            ) from None
        finally:
            if part is not None:
                part.unlink(missing_ok=True)
        sys.stdout.flush()
        return size

    def hook(self, path: str, body: bytes, headers: dict[str, str], method: str = "POST") -> httpx.Response:
        """Intake's answer to a webhook, sent as a form tool sends it: without the token."""
        try:
            with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
                return client.request(method, self.stack.url("intake") + path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise self._away("intake", path, error) from None

    def _json(self, service: str, method: str, path: str, **options: Any) -> Any:
        return self._checked(service, self._send(service, method, path, **options))

    def _send(self, service: str, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer; asked again for some seconds while a service is being started again, which every call bears."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._http.request(method, self.stack.url(service) + path, **options)
            except httpx.HTTPError as error:
                if time.monotonic() > deadline or not isinstance(error, httpx.TransportError):
                    raise self._away(service, path, error) from None
            time.sleep(0.2)

    def _away(self, service: str, path: str, error: Exception) -> CliError:
        return CliError(
            f"{service} does not answer ({type(error).__name__})",
            f"{self.stack.url(service)}{path}",
            f"look at `./signalbox status` and `./signalbox logs {service}`",
        )

    def _checked(self, service: str, answer: httpx.Response) -> Any:
        if answer.is_success:
            return answer.json() if answer.content else None
        where = f"{answer.request.method} {answer.request.url}"
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            what = f"{service} failed with {answer.status_code}: {said(answer)}"
            raise CliError(what, where, f"look at `./signalbox logs {service}`; try again when it is well")
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise CliError(
                f"{service} knows no such thing: {said(answer)}",
                where,
                "check the id, and the field or time that was named",
            )
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise CliError(
                f"{service} refuses: {said(answer)}",
                where,
                "`signalbox access list` shows who may do what; an admin grants more",
            )
        moved = answer.status_code == httpx.codes.CONFLICT
        do = "look again: it may have moved since, or the id is wrong" if moved else "change what the message names"
        raise Refused(f"{service} refuses ({answer.status_code}): {said(answer)}", where, do, _object(answer))


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def said(answer: httpx.Response) -> str:
    """The message of an error answer and the problems that it names, in one line."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:300] or answer.reason_phrase
    told = body.get("detail", body) if isinstance(body, dict) else body
    problems = told.get("problems", []) if isinstance(told, dict) else []
    if isinstance(told, dict) and "message" in told:
        told = told["message"]
    elif isinstance(body, dict) and "message" in body:
        told = body["message"]
    text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)[:500]
    return "; ".join([text, *(one if isinstance(one, str) else json.dumps(one) for one in problems[:10])])
