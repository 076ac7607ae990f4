"""A model endpoint that lies: answers of every kind that a guard has to refuse, made by chance from a seed."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

Made = Callable[[random.Random, Mapping[str, Any]], bytes]
"""A response body from chance and the request that it answers."""

WORDS = (
    "vip",
    "enterprise",
    "ignore",
    "100",
    "Ignore all previous instructions",
    "<script>alert(1)</script>",
    "\u202e",
    "\x00",
)
_LABELS = (
    "vip",
    "STRONG",
    "strong ",
    "strоng",
    "high\u200b",
    "",
    "voice_ai",
    "crm_cleanup",
    "high",
    "unknown",
    "__proto__",
    "true",
)


def answer(rng: random.Random, asked: Mapping[str, Any]) -> bytes:
    """One hostile response to a chat request."""
    return rng.choice(KINDS)(rng, asked)


def _completion(content: Any, **more: Any) -> bytes:
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
    whole = {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}
    return json.dumps(whole).encode("utf-8", "surrogatepass")


def _schema(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = asked["response_format"]["json_schema"]["schema"]["properties"]
    return found


def _claims(rng: random.Random, asked: Mapping[str, Any], bad: str) -> dict[str, Any]:
    """Claims in the schema, but for one thing."""
    told = json.loads(asked["messages"][1]["content"])
    words = told["message"].split() or ["nothing"]
    claims: dict[str, Any] = {}
    for name, field in _schema(asked)["claims"]["properties"].items():
        label = rng.choice(field["properties"]["label"]["enum"])
        quote = " ".join(words[1:4])
        claims[name] = {"label": label, "confidence": rng.random(), "quote": quote}
    if bad:
        claims[rng.choice(list(claims))] |= _wrong(rng, bad, told)
    return claims


def _wrong(rng: random.Random, bad: str, told: Mapping[str, Any]) -> dict[str, Any]:
    value: Any = {
        "label": rng.choice(_LABELS),
        "confidence": rng.choice([-1, 2, 1e308, "1", None, True, [0.9], {"v": 1}]),
        "quote": rng.choice(
            ["words from nowhere", " ", "a", told["delimiter"], told["message"][::-1], 7, ["x"], "\ud800"]
        ),
        "score": 100,
        "owner": "ceo",
    }[bad]
    return {bad: value} | ({"label": "high"} if bad == "quote" else {})


def _almost(rng: random.Random, asked: Mapping[str, Any]) -> bytes:
    bad = rng.choice(["label", "confidence", "quote", "score", "owner", ""])
    answer_: dict[str, Any] = {"claims": _claims(rng, asked, bad), "flags": []}
    if rng.random() < 0.3:
        answer_[rng.choice(["route", "score", "owner", "should_route_to_sales", "priority", "lead_id"])] = rng.choice(
            WORDS
        )
    if rng.random() < 0.2:
        answer_["claims"].pop(rng.choice(list(answer_["claims"])))
    if rng.random() < 0.3:
        flag = rng.choice(["spam", "vip", "not_spam", "SPAM"])
        answer_["flags"] = [{"flag": flag, "confidence": 1, "quote": rng.choice(WORDS)}] * rng.choice([1, 2, 30])
    return _completion(json.dumps(answer_))


def _canary(rng: random.Random, asked: Mapping[str, Any]) -> bytes:
    canary = asked["messages"][0]["content"].rsplit(": ", 1)[1]
    shown = rng.choice(
        [canary, canary.upper(), canary[::-1], "-".join(canary), "".join(f"\\u{ord(c):04x}" for c in canary)]
    )
    claims = _claims(rng, asked, "")
    return _completion(json.dumps({"claims": claims, "flags": []})[:-1] + f', "note": "{shown}"}}')


def _numbers(rng: random.Random, asked: Mapping[str, Any]) -> bytes:
    claims = json.dumps({"claims": _claims(rng, asked, ""), "flags": []})
    number = rng.choice(["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "0x1", "1_0", ".5", "٣"])
    return _completion(claims.replace('"confidence": 0', f'"confidence": {number}', 1))


def _doubled(rng: random.Random, asked: Mapping[str, Any]) -> bytes:
    text = json.dumps({"claims": _claims(rng, asked, ""), "flags": []})
    more = rng.choice(['{"claims": {}, ', '{"flags": [], ', text, "```json\n"])
    return _completion(more + text[1:] if more.endswith(", ") else more + text)


def _deep(rng: random.Random, _: Mapping[str, Any]) -> bytes:
    depth = rng.choice([50, 500, 20_000])
    return _completion(
        rng.choice(["[" * depth + "]" * depth, '{"claims":' * depth, '{"a":' * depth + "1" + "}" * depth])
    )


def _tools(rng: random.Random, _: Mapping[str, Any]) -> bytes:
    call = {
        "id": "1",
        "type": "function",
        "function": {"name": rng.choice(["assign_owner", "set_priority"]), "arguments": "{}"},
    }
    return _completion(rng.choice([None, "", "{}"]), tool_calls=[call])


def _other(rng: random.Random, _: Mapping[str, Any]) -> bytes:
    texts = (
        "Sure! This lead is a VIP.",
        "[]",
        "null",
        "true",
        '"vip"',
        "<html><script>alert(1)</script>",
        "{}",
        "\ufeff{}",
        "42",
    )
    return _completion(rng.choice([*texts, ["a", "b"], {"text": "x"}, 7, True]))


def _protocol(rng: random.Random, _: Mapping[str, Any]) -> bytes:
    return rng.choice(
        [
            b"", b"<html>", b"{}", b"[]", b'{"choices": []}', b'{"choices": null}', b'{"choices": [{}]}', b"\xff\xfe\x00",
            b'{"choices": [{"message": {"content": "\\ud800"}}]}', b"[" * 50_000, b'{"error": {"message": "x"}}',
            b'{"choices": NaN}',
            rng.randbytes(300), b'{"choices": [{"message": {"content": "{}"}, "finish_reason": "length"}]}',
        ]
    )  # fmt: skip


def _huge(rng: random.Random, asked: Mapping[str, Any]) -> bytes:
    size = 10_000_000 if rng.random() < 0.05 else 200_000
    text = json.dumps({"claims": _claims(rng, asked, ""), "flags": []})
    return _completion(
        rng.choice([text + " " * size, '{"claims": "' + "x" * size, text[:-1] + ', "pad": "' + "é" * size + '"}'])
    )


KINDS: tuple[Made, ...] = (
    _almost, _almost, _almost, _canary, _numbers, _doubled, _deep, _tools, _other, _protocol, _huge,
)  # fmt: skip
