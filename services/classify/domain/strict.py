"""The strict schema of a language model's answer, and what makes an answer refused."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from libs.contracts.change import Evidence
from libs.contracts.lead import Claim, Classification
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.policy.taxonomy import Taxonomy
from services.classify.domain.asked import Asked
from services.classify.domain.reply import Reply
from services.classify.domain.verdict import assembled

LONGEST_ANSWER = 32_000


class RefusedError(ValueError):
    """The answer is not used. The message names the rule, never the answer's text."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ClaimAnswer(_Strict):
    """One field: a label of the taxonomy, how sure, and the words that say so (null only for `unknown`)."""

    label: str = Field(max_length=64)
    confidence: float = Field(ge=0, le=1)
    quote: str | None = Field(default=None, max_length=500)


class FlagAnswer(_Strict):
    """One raised flag."""

    flag: str = Field(max_length=64)
    confidence: float = Field(ge=0, le=1)
    quote: str = Field(min_length=1, max_length=500)


class StrictAnswer(_Strict):
    """All that a model may say. It has no field for route, score, owner or rights."""

    claims: dict[str, ClaimAnswer]
    flags: list[FlagAnswer] = Field(default=[], max_length=20)


def answer_schema(taxonomy: Taxonomy) -> dict[str, JsonValue]:
    """The JSON Schema that the endpoint is asked to keep: closed objects, labels as enumerations."""
    number: JsonValue = {"type": "number", "minimum": 0, "maximum": 1}
    claims: dict[str, JsonValue] = {
        name: _closed(
            {
                "label": {"type": "string", "enum": [*field.labels]},
                "confidence": number,
                "quote": {"type": ["string", "null"]},
            }
        )
        for name, field in taxonomy.fields.items()
    }
    flag = _closed(
        {"flag": {"type": "string", "enum": [*taxonomy.flags]}, "confidence": number, "quote": {"type": "string"}}
    )
    return _closed({"claims": _closed(claims), "flags": {"type": "array", "items": flag}})


def _closed(properties: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {"type": "object", "additionalProperties": False, "required": [*properties], "properties": properties}


def answered(reply: Reply, asked: Asked, taxonomy: Taxonomy) -> Classification:
    """The classification that an endpoint's reply stands for, with the prompt's version and the hash of the raw text.

    Raises RefusedError.
    """
    answer = read_answer(reply.text, asked, taxonomy, reply.secrets, reply.model)
    raw = hashlib.sha256(reply.text.encode("utf-8", "surrogatepass")).hexdigest()
    return answer.model_copy(update={"prompt_version": reply.prompt_version, "answer_hash": raw})


def read_answer(
    text: str, asked: Asked, taxonomy: Taxonomy, forbidden: Iterable[str], model_version: str
) -> Classification:
    """The classification that a model's text stands for. Raises RefusedError unless it keeps every rule: strict JSON,
    the closed schema, labels of the taxonomy, and for each claim a quote that occurs word for word in what was asked.

    `forbidden` are texts that only the instructions hold: an answer with one of them was talked into repeating them.
    """
    if len(text) > LONGEST_ANSWER:
        raise RefusedError("longer than an answer can be")
    if any(_repeats(secret, text) for secret in forbidden):
        raise RefusedError("repeats its instructions")
    answer = _parsed(text)
    if set(answer.claims) != set(taxonomy.fields):
        raise RefusedError("does not answer exactly the fields asked")
    claims = {name: _claim(name, claim, asked, taxonomy) for name, claim in answer.claims.items()}
    flags: dict[str, Claim] = {}
    for flag in answer.flags:
        if flag.flag not in taxonomy.flags or flag.flag in flags:
            raise RefusedError("raises a flag that does not exist, or one twice")
        if flag.confidence >= taxonomy.flag_at:
            flags[flag.flag] = Claim(label=flag.flag, confidence=flag.confidence, evidence=(_proof(flag.quote, asked),))
    return assembled(asked, taxonomy, claims, flags, 1.0, model_version)


_LETTERS = re.compile(r"[^0-9a-z]+")


def _repeats(secret: str, text: str) -> bool:
    """Whether a text holds a secret, also written apart, in capitals, backwards or with JSON's escapes."""
    if secret in text:
        return True
    plain = _LETTERS.sub("", secret.casefold())
    shown = _LETTERS.sub("", _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text).casefold())
    return plain in shown or plain[::-1] in shown


_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def _parsed(text: str) -> StrictAnswer:
    try:
        parsed = parse_strict(text.encode("utf-8", "surrogatepass"), max_depth=8)
        if parsed.normalised:
            raise RefusedError("is not strict JSON")
        return StrictAnswer.model_validate(parsed.value)
    except StrictJsonError:
        raise RefusedError("is not strict JSON") from None
    except ValidationError as error:
        first: Mapping[str, Any] = error.errors(include_input=False, include_url=False)[0]
        raise RefusedError(f"is outside the schema ({first['type']})") from None


def _claim(name: str, claim: ClaimAnswer, asked: Asked, taxonomy: Taxonomy) -> Claim:
    if claim.label not in taxonomy.fields[name].labels:
        raise RefusedError("has a label that the taxonomy does not know")
    if claim.label == "unknown":
        return Claim(label="unknown", confidence=claim.confidence)
    if claim.quote is None:
        raise RefusedError("claims something without a quote")
    return Claim(label=claim.label, confidence=claim.confidence, evidence=(_proof(claim.quote, asked),))


def _proof(quote: str, asked: Asked) -> Evidence:
    place = asked.place_of(quote)
    if place is None:
        raise RefusedError("quotes words that do not occur")
    return place


def second_opinion(answer: Classification, offline: Classification, taxonomy: Taxonomy) -> Classification:
    """The endpoint's answer, with its confidence lowered to what the built-in model leaves it where they disagree on
    something that routing depends on: a disagreement is a person's to settle."""
    doubts = [
        1.0 - offline.flags[flag].confidence
        for flag in offline.flags
        if flag in taxonomy.not_for_sales and flag not in answer.flags
    ]
    for name, field in taxonomy.fields.items():
        theirs, ours = answer.claims[name], offline.claims.get(name)
        if (
            field.routes
            and ours is not None
            and "unknown" not in (ours.label, theirs.label)
            and ours.label != theirs.label
        ):
            doubts.append(1.0 - ours.confidence)
    if any(flag in taxonomy.not_for_sales for flag in answer.flags) and not offline.flags:
        doubts.append(1.0 - offline.confidence)
    if not doubts or min(doubts) >= answer.confidence:
        return answer
    note = f"the built-in model disagrees; {answer.reason}"
    return answer.model_copy(update={"confidence": round(min(doubts), 4), "reason": note[:600]})
