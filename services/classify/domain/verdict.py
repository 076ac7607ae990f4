"""Claims and flags put together: whether it is for sales, how sure routing can be, and the reason in words."""

from collections.abc import Mapping

from libs.contracts.lead import Claim, Classification
from libs.policy.taxonomy import Taxonomy
from services.classify.domain.asked import Asked

LONGEST_REASON = 600


def assembled(
    asked: Asked,
    taxonomy: Taxonomy,
    claims: Mapping[str, Claim],
    flags: Mapping[str, Claim],
    sure_of_no_other_flag: float,
    model_version: str,
    note: str = "",
) -> Classification:
    """The classification. Its confidence is the lowest among the fields that routing depends on and the flags; of the intent too
    when nothing else speaks for sales."""
    routing = [claim.confidence for name, claim in claims.items() if taxonomy.fields[name].routes]
    if not _has_use_case(claims) and is_for_sales(claims, flags, taxonomy):
        routing.append(claims["intent"].confidence)
    flagging = [flag.confidence for flag in flags.values()] or [sure_of_no_other_flag]
    return Classification(
        claims=dict(claims),
        flags=dict(flags),
        should_route_to_sales=is_for_sales(claims, flags, taxonomy),
        confidence=round(min([*routing, *flagging]), 4),
        reason=reason_of(claims, flags, note, asked.risks),
        model_version=model_version,
        input_hash=asked.input_hash,
        risks=dict(asked.risks),
    )


def is_for_sales(claims: Mapping[str, Claim], flags: Mapping[str, Claim], taxonomy: Taxonomy) -> bool:
    """Nothing speaks against sales, and there is a use case or somebody who wants something."""
    if any(flag in taxonomy.not_for_sales for flag in flags):
        return False
    intent = claims.get("intent")
    return _has_use_case(claims) or (intent is not None and intent.label in ("high", "medium"))


def _has_use_case(claims: Mapping[str, Claim]) -> bool:
    use_case = claims.get("use_case")
    return use_case is not None and use_case.label != "unknown"


def reason_of(claims: Mapping[str, Claim], flags: Mapping[str, Claim], note: str, risks: Mapping[str, Claim]) -> str:
    """What was recognised, each with its quote, what was kept from being read, and what nothing was said about left out."""
    told = [f"looks like {name} ({_shown(flag)})" for name, flag in flags.items()]
    told += [f"{name} {claim.label} ({_shown(claim)})" for name, claim in claims.items() if claim.label != "unknown"]
    text = "; ".join(told) or "the words do not say what is wanted"
    kept = (
        f"not read, as it talks to a machine: {', '.join(kind.replace('_', ' ') for kind in risks)}; " if risks else ""
    )
    text = kept + text
    return f"{note}: {text}"[:LONGEST_REASON] if note else text[:LONGEST_REASON]


def _shown(claim: Claim) -> str:
    quotes = ", ".join(f"“{evidence.quote[:80]}”" for evidence in claim.evidence[:2])
    return f"{quotes}, {claim.confidence:.2f}" if quotes else f"{claim.confidence:.2f}"
