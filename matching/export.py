"""A model as the text that `policy/matching.yaml` ends with."""

import json
import re
from collections.abc import Iterator, Mapping

from libs.policy.match_model import MatchModel, RecordModel

_SECTION = re.compile(r"^model:.*\Z", re.MULTILINE | re.DOTALL)
_WIDTH = 120


def with_model(text: str, model: MatchModel) -> str:
    """The policy file's text with its last section, `model:`, replaced. Raises ValueError when it has none."""
    if not _SECTION.search(text):
        raise ValueError("matching.yaml has no section `model:`")
    return _SECTION.sub(lambda _: model_text(model), text)


def model_text(model: MatchModel) -> str:
    """The section `model:` as YAML."""
    lines = ["model:", *_made(model)]
    for name, record in (("person", model.person), ("company", model.company)):
        lines += [f"  {name}:", *_record(record)]
    return "\n".join(lines) + "\n"


def _made(model: MatchModel) -> Iterator[str]:
    made = model.made
    yield "  made:"
    yield f"    by: {made.by}"
    yield f"    on: {made.on.isoformat()}"
    if made.by == "splink":
        yield f"    version: {json.dumps(made.version)}"
        yield f"    contacts: {made.contacts}"
        yield f"    companies: {made.companies}"
        yield f"    kept: [{', '.join(json.dumps(one) for one in made.kept)}]"


def _record(record: RecordModel) -> Iterator[str]:
    yield f"    prior: {record.prior:.8g}"
    yield "    comparisons:"
    for name, levels in record.comparisons.items():
        yield f"      {name}:"
        for level, held in levels.items():
            yield f"        {level}: {{m: {held.m:.8g}, u: {held.u:.8g}}}  # {held.weight:+.1f} bits"
    if record.terms:
        yield "    terms:"
    for name, terms in record.terms.items():
        yield f"      {name}:"
        yield f"        rest: {terms.rest:.6g}"
        yield "        shares:"
        yield from _flow(terms.shares)


def _flow(shares: Mapping[str, float]) -> Iterator[str]:
    """A mapping in braces, wrapped."""
    line = "          {"
    parts = [f"{json.dumps(value, ensure_ascii=False)}: {share:.6g}" for value, share in shares.items()]
    for at, part in enumerate(parts):
        piece = part + (", " if at + 1 < len(parts) else "}")
        if len(line) + len(piece) > _WIDTH:
            yield line.rstrip()
            line = "           "
        line += piece
    yield line
