"""An OpenAI-compatible chat endpoint: asked within limits, retried, left alone after failures and when the budget is spent."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import BaseModel, Field, JsonValue, ValidationError

from libs.runtime import clock
from libs.runtime.chat_budget import Cost, DailyBudget
from libs.runtime.chat_settings import ChatSettings

LONGEST_RESPONSE = 128_000
LONGEST_COMPLAINT = 4_000
LONGEST_WAIT_SECONDS = 5.0
"""A longer `Retry-After` is not waited for: whoever asked goes on without an answer."""
_TRY_AGAIN = frozenset((408, 409, 425, 429, 500, 502, 503, 504))
_NOT_UNDERSTOOD = frozenset((400, 404, 415, 422))


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(ge=0, le=10_000_000)
    completion_tokens: int = Field(ge=0, le=10_000_000)


class _Completion(BaseModel):
    choices: list[_Choice]
    model: str | None = Field(default=None, max_length=100)
    usage: _Usage | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """One attempt's text, with the name of the model that gave it and what it took."""

    text: str
    model: str
    used: Cost | None


class _FailedError(Exception):
    """One attempt failed; `again` says whether another one may help, `used` whether it may have cost something."""

    def __init__(self, problem: str, *, again: bool, after: float = 0.0, used: Cost | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.again = again
        self.after = after
        self.used = used


class _NoSchemaError(Exception):
    """The server does not know JSON schemas."""


NOTHING = Cost(0, 0)
USED_UP = "the day's budget is used up"


@dataclass(frozen=True, slots=True)
class ChatQuestion:
    """What is asked, with the JSON schema of the answer and its name."""

    system: str
    user: str
    schema: dict[str, JsonValue]
    name: str


@dataclass(frozen=True, slots=True)
class ChatReply:
    """The endpoint's text and the model's name, or the problem in a few words (no payload in it)."""

    text: str = ""
    model: str = ""
    problem: str = ""


LEFT_ALONE = "the endpoint is left alone after failures"


class ChatEndpoint:
    """Asks `POST {base_url}/chat/completions`, one question a request, with a JSON schema and temperature 0.

    A server that does not know schemas is asked for a JSON object from then on, with the schema in the instructions: what
    it answers has to be checked all the same. After `breaker_failures` failures in a row it is left alone for
    `breaker_seconds`, and once the day's budget is used up until the next day (UTC): every question is then answered
    with a problem at once.
    """

    def __init__(self, settings: ChatSettings, budget_file: Path | None = None) -> None:
        """`budget_file`: where what the day has cost survives a restart."""
        headers = {"Authorization": f"Bearer {settings.key.get_secret_value()}"} if settings.key else {}
        headers["Accept-Encoding"] = "identity"  # what is not packed cannot swell
        self._settings = settings
        self._http = httpx.AsyncClient(headers=headers, timeout=settings.timeout_seconds, follow_redirects=False)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._budget = DailyBudget(settings, budget_file)
        self._knows_schemas = True
        self._failures = 0
        self._closed_until = 0.0

    @property
    def left_alone(self) -> bool:
        """Whether it is not asked for now."""
        return clock.monotonic() < self._closed_until

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(self, question: ChatQuestion) -> ChatReply:
        """The endpoint's text, after retries; what goes wrong is a problem, and nothing is raised."""
        attempt = 0
        async with self._slots:
            while True:
                try:
                    said = await self._paid(self._body(question))
                except _NoSchemaError:
                    self._knows_schemas = False
                except _FailedError as failed:
                    if not failed.again or attempt == self._settings.retries:
                        if failed.problem != USED_UP:
                            self._note_failure()
                        return ChatReply(model=self._settings.model, problem=failed.problem)
                    await asyncio.sleep(max(failed.after, self._settings.retry_seconds * 2**attempt))
                    attempt += 1
                else:
                    self._failures = 0
                    return ChatReply(said.text, said.model)

    def _body(self, question: ChatQuestion) -> dict[str, JsonValue]:
        system = question.system
        named: JsonValue = {"name": question.name, "strict": True, "schema": question.schema}
        response_format: dict[str, JsonValue] = {"type": "json_schema", "json_schema": named}
        if not self._knows_schemas:
            response_format = {"type": "json_object"}
            system = f"{system}\nThe JSON schema of the answer:\n{json.dumps(question.schema)}"
        messages: list[JsonValue] = [
            {"role": "system", "content": system},
            {"role": "user", "content": question.user},
        ]
        return {
            "model": self._settings.model,
            "temperature": 0,
            "max_tokens": self._settings.max_tokens,
            "messages": messages,
            "response_format": response_format,
        }

    async def _paid(self, body: dict[str, JsonValue]) -> _Said:
        """One attempt within the day's budget. What the endpoint says that it took is counted, else what was reserved."""
        content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
        reserved = self._budget.reserve(len(content))
        if reserved is None:
            raise _FailedError(USED_UP, again=False)
        used: Cost | None = None
        try:
            said = await self._attempt(content)
            used = said.used
        except _NoSchemaError:
            used = NOTHING
            raise
        except _FailedError as failed:
            used = failed.used
            raise
        finally:
            self._budget.settle(reserved, used)
        return said

    async def _attempt(self, content: bytes) -> _Said:
        url = f"{self._settings.base_url.rstrip('/')}/chat/completions"
        headers = {"Content-Type": "application/json"}
        try:
            async with self._http.stream("POST", url, content=content, headers=headers) as response:
                if response.status_code != 200:
                    await self._complaint(response)
                return self._said(await _limited(response, LONGEST_RESPONSE))
        except httpx.HTTPError as error:
            raise _FailedError(f"the endpoint failed: {type(error).__name__}", again=True) from error

    async def _complaint(self, response: httpx.Response) -> None:
        """Raise what another status than 200 means; nothing is charged for it."""
        status = response.status_code
        if self._knows_schemas and status in _NOT_UNDERSTOOD:
            text = (await _limited(response, LONGEST_COMPLAINT, whole=False)).lower()
            if b"response_format" in text or b"json_schema" in text or b"schema" in text:
                raise _NoSchemaError
        again = status in _TRY_AGAIN
        raise _FailedError(f"the endpoint answered {status}", again=again, after=_retry_after(response), used=NOTHING)

    def _said(self, body: bytes) -> _Said:
        try:
            completion = _Completion.model_validate_json(body)
        except ValidationError:
            raise _FailedError("the endpoint does not speak the protocol", again=False) from None
        usage = completion.usage
        used = Cost(usage.prompt_tokens, usage.completion_tokens) if usage else None
        if not completion.choices or completion.choices[0].message.content is None:
            raise _FailedError("the endpoint's answer is empty or refused", again=False, used=used)
        if completion.choices[0].finish_reason not in (None, "stop"):
            raise _FailedError("the endpoint's answer is cut off", again=False, used=used)
        told = completion.model or ""
        own = self._settings.model
        name = own if told in ("", own) or not told.isprintable() else f"{own} as {told}"
        return _Said(completion.choices[0].message.content, name, used)

    def _note_failure(self) -> None:
        self._failures += 1
        if self._failures >= self._settings.breaker_failures:
            self._failures = 0
            self._closed_until = clock.monotonic() + self._settings.breaker_seconds


async def _limited(response: httpx.Response, longest: int, *, whole: bool = True) -> bytes:
    """The body up to a length; a longer one fails, or is cut off there unless `whole` is wanted."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _FailedError("the endpoint's answer is packed, which was not asked for", again=False)
    held = bytearray()
    async for chunk in response.aiter_raw():
        held += chunk
        if len(held) > longest:
            if whole:
                raise _FailedError("the endpoint's answer is too long", again=False)
            break
    return bytes(held)


def _retry_after(response: httpx.Response) -> float:
    """Seconds that the endpoint asks to wait, as far as they are waited for."""
    told = response.headers.get("retry-after", "")
    return min(float(told), LONGEST_WAIT_SECONDS) if told.isascii() and told.isdecimal() else 0.0
