"""The shared HTTP: the bucket, Retry-After, the breaker; and the file with the secrets."""

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from libs.runtime.errors import Retryable
from libs.runtime.limits import BREAKER_AFTER, Bucket, retry_after
from services.crm.connectors import Remotes, open_connector
from services.crm.connectors.http import RemoteHttp
from services.crm.connectors.settings import FILE, RemotesFileError, read_remotes

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HUBSPOT = {"kind": "hubspot", "token": "secret-token", "app_id": "1"}


def test_the_bucket_lets_no_more_through_than_the_limit_and_wastes_nothing() -> None:
    bucket, now, made = Bucket(190, 10.0), 1000.0, list[float]()
    for _ in range(600):
        now += bucket.wait(now)
        made.append(now)
    burst = sum(1 for at in made if at <= 1000.0)
    assert burst == 190
    for start in range(1011, 1020):  # past the first burst, any 10 s hold the limit
        assert sum(1 for at in made if start <= at < start + 10) <= 191
    assert made[-1] - 1000.0 == pytest.approx((600 - 190) * 10 / 190, rel=0.01)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("", 0.0), ("soon", 0.0), ("-3", 0.0), ("Sun, 22 Nov 2026 10:01:30 GMT", 90.0)],
)
def test_retry_after_is_a_number_or_a_date(text: str, seconds: float) -> None:
    assert retry_after(text, AT) == seconds


def answering(status: int, asked: list[str]) -> RemoteHttp:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(status)

    return RemoteHttp("far", Bucket(1000, 1.0), 5.0, httpx.MockTransport(answer))


async def test_a_remote_that_keeps_failing_is_left_alone() -> None:
    asked: list[str] = []
    http = answering(500, asked)
    for _ in range(BREAKER_AFTER + 5):
        with pytest.raises(Retryable) as error:
            await http.call("GET", "https://far/x", headers={})
        assert (error.value.after_seconds or 0) > 0
    assert len(asked) == BREAKER_AFTER
    http.breaker.worked()
    with pytest.raises(Retryable):
        await http.call("GET", "https://far/x", headers={})
    assert len(asked) == BREAKER_AFTER + 1


async def test_a_wait_that_is_too_long_is_left_to_the_effect() -> None:
    asked: list[str] = []
    http = answering(200, asked)
    http.bucket.paused_until = float("inf")
    with pytest.raises(Retryable):
        await http.call("GET", "https://far/x", headers={})
    assert asked == []


def written(data: Path, text: str, mode: int = 0o600) -> None:
    (data / FILE).write_text(text)
    (data / FILE).chmod(mode)


def test_the_file_must_be_the_owners_alone_and_errors_tell_no_secret(tmp_path: Path) -> None:
    assert read_remotes(tmp_path) == {}
    written(tmp_path, json.dumps({"hubspot": HUBSPOT}), 0o644)
    with pytest.raises(RemotesFileError, match="chmod 600"):
        read_remotes(tmp_path)
    written(tmp_path, json.dumps({"hubspot": HUBSPOT}))
    assert read_remotes(tmp_path)["hubspot"].kind == "hubspot"
    assert "secret-token" not in repr(read_remotes(tmp_path))
    for bad in (
        '{"hubspot": {"kind": "hubspot", "token": "secret-token"}}',
        '{"x": {"kind": "y"}}',
        "[secret-token",
        "7",
    ):
        written(tmp_path, bad)
        with pytest.raises(RemotesFileError) as error:
            read_remotes(tmp_path)
        assert "secret-token" not in str(error.value)
    with pytest.raises(RemotesFileError):
        open_connector(tmp_path, "nobody")


def test_a_broken_edit_keeps_what_was_good_and_an_unchanged_connector_stays(tmp_path: Path) -> None:
    written(tmp_path, json.dumps({"hubspot": HUBSPOT}))
    remotes = Remotes(tmp_path)
    first = remotes.current()["hubspot"]
    remotes._file._checked_at = -1e9
    written(tmp_path, "{")
    assert remotes.current()["hubspot"] is first
    assert remotes.problem
    remotes._file._checked_at = -1e9
    other = {"kind": "webhook", "url": "https://x/crm", "secret": "whsec_x"}
    written(tmp_path, json.dumps({"hubspot": HUBSPOT, "mine": other}))
    assert set(remotes.current()) == {"hubspot", "mine"}
    assert remotes.current()["hubspot"] is first
    assert not remotes.problem
    assert [one.name for one in remotes.of_kind("webhook")] == ["mine"]
