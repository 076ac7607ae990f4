"""An OpenAI-compatible chat endpoint: asked side by side within limits, with a time budget; it never holds a lead up."""

import asyncio
from collections.abc import Sequence

import httpx
from pydantic import BaseModel, ValidationError

from libs.policy.taxonomy import Taxonomy
from libs.runtime import clock
from services.classify.domain.asked import Asked
from services.classify.domain.prompt import PROMPT_VERSION, Prompt, prompt_for
from services.classify.domain.reply import Reply
from services.classify.domain.strict import LONGEST_ANSWER, answer_schema
from services.classify.settings import EndpointSettings

LONGEST_RESPONSE = 4 * LONGEST_ANSWER
_TRY_AGAIN = frozenset((408, 409, 425, 429, 500, 502, 503, 504))


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice]


class _FailedError(Exception):
    """One attempt failed; `again` says whether another one may help."""

    def __init__(self, problem: str, again: bool, after: float = 0.0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.again = again
        self.after = after


class OpenAiEndpoint:
    """Asks `POST {base_url}/chat/completions` with a JSON schema and temperature 0.

    After `breaker_failures` failures in a row it is left alone for `breaker_seconds`: every question is then answered
    with a problem at once.
    """

    def __init__(self, settings: EndpointSettings) -> None:
        headers = {"Authorization": f"Bearer {settings.key.get_secret_value()}"} if settings.key else {}
        self._settings = settings
        self._http = httpx.AsyncClient(headers=headers, timeout=settings.timeout_seconds, follow_redirects=False)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._failures = 0
        self._closed_until = 0.0

    @property
    def model(self) -> str:
        """Model and prompt version, as they are recorded with every answer."""
        return f"{self._settings.model}/prompt-{PROMPT_VERSION}"

    async def ask(self, questions: Sequence[tuple[Asked, Taxonomy]]) -> Sequence[Reply]:
        """One reply per question, in order, within the batch's time budget; what is late is a problem, not a wait."""
        if clock.monotonic() < self._closed_until:
            return [Reply(model=self.model, problem="the endpoint is left alone after failures")] * len(questions)
        tasks = [asyncio.create_task(self._one(asked, taxonomy)) for asked, taxonomy in questions]
        if not tasks:
            return []
        done, late = await asyncio.wait(tasks, timeout=self._settings.batch_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        timed_out = Reply(model=self.model, problem="no answer within the batch's time")
        return [task.result() if task in done else timed_out for task in tasks]

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _one(self, asked: Asked, taxonomy: Taxonomy) -> Reply:
        prompt, schema = prompt_for(asked, taxonomy), answer_schema(taxonomy)
        body = self._body(prompt, schema)
        async with self._slots:
            for attempt in range(self._settings.retries + 1):
                try:
                    text = await self._attempt(body)
                    self._failures = 0
                    return Reply(text, self.model, prompt.canary)
                except _FailedError as failed:
                    if not failed.again or attempt == self._settings.retries:
                        self._note_failure()
                        return Reply(model=self.model, problem=failed.problem)
                    await asyncio.sleep(max(failed.after, self._settings.retry_seconds * 2**attempt))
        raise AssertionError("unreachable: the last attempt returns")

    def _body(self, prompt: Prompt, schema: object) -> dict[str, object]:
        response_format = {
            "type": "json_schema",
            "json_schema": {"name": "lead_classification", "strict": True, "schema": schema},
        }
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        return {
            "model": self._settings.model,
            "temperature": 0,
            "max_tokens": self._settings.max_tokens,
            "messages": messages,
            "response_format": response_format,
        }

    async def _attempt(self, body: dict[str, object]) -> str:
        try:
            url = f"{self._settings.base_url.rstrip('/')}/chat/completions"
            async with self._http.stream("POST", url, json=body) as response:
                if response.status_code != 200:
                    again = response.status_code in _TRY_AGAIN
                    raise _FailedError(f"the endpoint answered {response.status_code}", again, _retry_after(response))
                return _content(await _limited(response))
        except httpx.HTTPError as error:
            raise _FailedError(f"the endpoint failed: {type(error).__name__}", again=True) from error

    def _note_failure(self) -> None:
        self._failures += 1
        if self._failures >= self._settings.breaker_failures:
            self._failures = 0
            self._closed_until = clock.monotonic() + self._settings.breaker_seconds


async def _limited(response: httpx.Response) -> bytes:
    held = bytearray()
    async for chunk in response.aiter_bytes():
        held += chunk
        if len(held) > LONGEST_RESPONSE:
            raise _FailedError("the endpoint's answer is too long", again=False)
    return bytes(held)


def _content(body: bytes) -> str:
    try:
        choices = _Completion.model_validate_json(body).choices
    except ValidationError:
        raise _FailedError("the endpoint does not speak the protocol", again=False) from None
    if not choices or choices[0].message.content is None:
        raise _FailedError("the endpoint's answer is empty or refused", again=False)
    if choices[0].finish_reason not in (None, "stop"):
        raise _FailedError("the endpoint's answer is cut off", again=False)
    return choices[0].message.content


def _retry_after(response: httpx.Response) -> float:
    """Seconds that the endpoint asks to wait, at most five: longer is what the time budget is for."""
    told = response.headers.get("retry-after", "")
    return min(float(told), 5.0) if told.isdecimal() else 0.0
