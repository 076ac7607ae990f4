"""What stands at a path of an API's JSON answer, as a lead's field wants it, with the fragment that says so."""

import json
from typing import Any

from pydantic import JsonValue

from libs.contracts.change import Evidence
from libs.policy.enrichment import ApiField
from services.enrich.domain.findings import Finding, nothing
from services.enrich.http.quotes import cleaned, quote_of

NUMBERS = frozenset(("employees", "seats"))
LISTS = frozenset(("tech_stack", "social_links"))
MOST_IN_A_LIST = 30
_MISSING = object()


def mapped(field: str, rule: ApiField, body: Any, source: str, where: str, secret: str) -> Finding:
    """The field's finding. `source` is the answer's text and `where` its address without secrets. An answer that repeats the
    secret says nothing."""
    held = _at(body, rule.path)
    if held is _MISSING or held is None or held in ("", [], {}):
        return nothing(field, f"the answer holds nothing at {rule.path}")
    value = _value(field, rule, held)
    if value is None:
        return nothing(field, f"what the answer holds at {rule.path} is no value for {field}")
    fragment = _fragment(rule.path, held, source)
    if secret and (secret in fragment or secret in json.dumps(value, ensure_ascii=False)):
        return nothing(field, f"the answer repeats a secret at {rule.path}")
    evidence = (Evidence(quote=fragment, where=f"{where}#{rule.path}"),)
    return Finding(field, "found", value, rule.confidence, evidence)


def _at(body: Any, path: str) -> Any:
    held = body
    for step in path.split("."):
        if isinstance(held, dict):
            held = held.get(step, _MISSING)
        elif isinstance(held, list) and step.isascii() and step.isdecimal() and len(step) < 6:
            held = held[int(step)] if int(step) < len(held) else _MISSING
        else:
            return _MISSING
    return held


def _value(field: str, rule: ApiField, held: Any) -> JsonValue:
    """None for what the field can't hold."""
    if field in LISTS:
        every = held if isinstance(held, list) else [held]
        texts = [_text(rule, one) for one in every[:MOST_IN_A_LIST]]
        return [one for one in texts if one] or None
    if isinstance(held, list | dict):
        return None
    text = _text(rule, held)
    if field not in NUMBERS:
        return text or None
    digits = text.replace(",", "").removesuffix(".0")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


def _text(rule: ApiField, held: Any) -> str:
    if isinstance(held, list | dict) or held is None:
        return ""
    said = json.dumps(held) if isinstance(held, bool | int | float) else str(held)
    return cleaned(rule.values.get(said, said), 500)


def _fragment(path: str, held: Any, source: str) -> str:
    """The value with its key, word for word from the answer where it can be found there."""
    key = path.rpartition(".")[2]
    said = held if isinstance(held, str) else json.dumps(held, ensure_ascii=False)
    quote = quote_of(source, cleaned(said, 300)) if isinstance(held, str) else said
    for spelled in (f'"{key}": "{quote}"', f'"{key}":"{quote}"', f'"{key}": {quote}', f'"{key}":{quote}'):
        if quote and spelled in source:
            return spelled[:600]
    return (quote or said)[:600]
