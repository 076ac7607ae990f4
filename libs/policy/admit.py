"""The gate: whether a proposed change of one field is applied, waits for a person, is blocked or suppressed, and by which rule.

A machine's change is asked by every rule below; the strictest answer counts, and of equals the first. So no rule can
loosen what another one holds back, and a stricter mode or a lower confidence never lets more through.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from libs.contracts.change import Permission, ProposedChange, Source, Status
from libs.policy.fields import Act, FieldContract, Overwrite
from libs.policy.launch import Allowance, Area, LaunchMode
from libs.policy.policy import Policy
from libs.policy.suppression import Hold, effect_of
from libs.policy.workflows import WorkflowContract

EARNED = "workflows.yaml:autonomy"
"""The rule of a verdict that a level of earned autonomy gave."""
ANY_EVIDENCE = "*"
"""What stands among rejected evidence hashes of a field that a person blocked: no machine writes it, whatever it says."""
_STRICTEST_FIRST = (Status.BLOCKED, Status.SUPPRESSED, Status.QUEUED, Status.APPLIED)


@dataclass(frozen=True, slots=True)
class Current:
    """What a field holds now: its value and where that came from. `rejected` are evidence hashes of what people rejected
    or rolled back for this field of this record."""

    value: JsonValue = None
    source: Source | None = None
    confidence: float = 0.0
    verified_by: str | None = None
    locked: bool = False
    rejected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer. `rule` is the gate rule's name, or `file:rule` when a line of the policy decided."""

    status: Status
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Case:
    """One question to the gate, with what the policy says about its field and stage."""

    policy: Policy
    current: Current
    proposed: ProposedChange
    contract: FieldContract
    stage: str
    workflow: WorkflowContract | None
    mode: LaunchMode
    suppressions: frozenset[str]
    level: Permission | None

    @property
    def where(self) -> str:
        return f"{self.proposed.record.type}.{self.proposed.field}"

    @property
    def as_submitted(self) -> bool:
        """The submitter's own words, put into an empty field of our own case."""
        proposed = self.proposed
        own = proposed.record.type == "lead" and proposed.source.kind == "submission" and proposed.actor.kind == "rule"
        return own and is_empty(self.current.value)

    @property
    def first_by_rule(self) -> bool:
        """A deterministic rule gives a field that allows it its first value."""
        return self.contract.first_by_rule and is_empty(self.current.value) and self.proposed.actor.kind == "rule"


def admit(
    policy: Policy,
    current: Current,
    proposed: ProposedChange,
    *,
    stage: str,
    mode: LaunchMode,
    suppressions: frozenset[str] = frozenset(),
    level: Permission | None = None,
) -> Verdict:
    """Whether a proposed change may happen: APPLIED, QUEUED, BLOCKED or SUPPRESSED. Total and pure; it never raises.

    `mode` is the stricter of the launch modes that count now, `suppressions` the reasons for which the record is held back,
    `level` what this field has earned (`libs.policy.autonomy.level_for`), None when it needs to earn nothing.
    """
    if same_value(proposed.new, current.value):
        return Verdict(Status.APPLIED, "unchanged", "the field holds this value already")
    contract = policy.contract(proposed.record.type, proposed.field)
    if contract is None:
        return _without_contract(proposed)
    case = _Case(policy, current, proposed, contract, stage, policy.workflow(stage), mode, suppressions, level)
    consent = _consent(case)
    if consent is not None:
        return consent
    if proposed.actor.kind == "human":
        return Verdict(Status.APPLIED, "human", f"{proposed.actor.id} decided")
    return _strictest(case, _APPROVED_RULES if proposed.actor.kind == "human_approved_ai" else _MACHINE_RULES)


def evidence_hash(proposed: ProposedChange) -> str:
    """What a person's no is remembered by: field, value, source and evidence. The confidence, the record and the model's
    version are left out, so that only new evidence brings a rejected change back."""
    told = [proposed.record.type, proposed.field, proposed.new, proposed.source.kind, proposed.source.name]
    quotes = sorted([evidence.quote, evidence.where] for evidence in proposed.evidence)
    return hashlib.sha256(json.dumps([*told, quotes], sort_keys=True).encode()).hexdigest()


def is_empty(value: JsonValue) -> bool:
    """True when a field holds nothing: null, a blank text, an empty list or map."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def same_value(a: JsonValue, b: JsonValue) -> bool:
    """True when two values mean the same: 1 and 1.0 do, true and 1 do not; all empty values are alike."""
    if is_empty(a) and is_empty(b):
        return True
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a == b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_value, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_value(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


def _without_contract(proposed: ProposedChange) -> Verdict:
    if proposed.actor.kind == "human":
        return Verdict(Status.APPLIED, "human", f"{proposed.actor.id} decided")
    where = f"{proposed.record.type}.{proposed.field}"
    return Verdict(Status.BLOCKED, "no_contract", f"fields.yaml has no contract for {where}")


def _strictest(case: _Case, rules: "tuple[_Rule, ...]") -> Verdict:
    answers = [verdict for rule in rules for verdict in rule(case)]
    applied = Verdict(Status.APPLIED, f"fields.yaml:{case.where}", "allowed by the field's contract")
    return min([*answers, applied], key=lambda verdict: _STRICTEST_FIRST.index(verdict.status))


def _consent(case: _Case) -> Verdict | None:
    """Consent only tightens: towards the tight end anybody may go, back only a person who shows why."""
    if not case.contract.tightest_first:
        return None
    old, new = _looseness(case, case.current.value), _looseness(case, case.proposed.new)
    if new < old:
        return Verdict(Status.APPLIED, "consent_tightens", f"{case.where} becomes tighter")
    if new == old:
        return None
    if case.proposed.actor.kind != "human":
        return Verdict(Status.BLOCKED, "consent_loosens", f"only a person may loosen {case.where}")
    if not case.proposed.evidence:
        return Verdict(Status.QUEUED, "consent_loosens", f"loosening {case.where} needs evidence")
    return Verdict(Status.APPLIED, "human", f"{case.proposed.actor.id} decided, with evidence")


def _looseness(case: _Case, value: JsonValue) -> int:
    """Position from the tightest; what the contract does not list is as loose as its loosest."""
    order = case.contract.tightest_first
    listed = (at for at, group in enumerate(order) if any(same_value(known, value) for known in group))
    return next(listed, len(order) - 1)


def _granted(case: _Case) -> Iterator[Verdict]:
    if case.workflow is None:
        yield Verdict(Status.BLOCKED, "not_granted", f"workflows.yaml has no contract for {case.stage}")
    elif not case.workflow.may_propose(case.proposed.record.type, case.proposed.field):
        yield Verdict(Status.BLOCKED, "not_granted", f"workflows.yaml does not grant {case.where} to {case.stage}")


def _ladder(case: _Case) -> Iterator[Verdict]:
    permission = case.workflow.permission if case.workflow else "read_only"
    if permission in ("read_only", "draft"):
        yield Verdict(Status.BLOCKED, f"workflows.yaml:{case.stage}.permission", f"{case.stage} may only {permission}")
    elif permission in ("approved_writes", "restricted"):
        yield Verdict(Status.QUEUED, f"workflows.yaml:{case.stage}.permission", f"{case.stage} needs a person's yes")


def _earned(case: _Case) -> Iterator[Verdict]:
    """What the field has not earned yet. The submitter's own words need no trust in a workflow."""
    if case.level is None or case.as_submitted:
        return
    if case.level in ("read_only", "draft"):
        yield Verdict(Status.BLOCKED, EARNED, f"{case.where} is at {case.level}: nothing is written")
    elif case.level != "limited_autonomous":
        yield Verdict(Status.QUEUED, EARNED, f"{case.where} has not earned writing by itself: a person's yes is needed")


def _exclusions(case: _Case) -> Iterator[Verdict]:
    excluded = sorted(case.suppressions.intersection(case.workflow.exclusions if case.workflow else ()))
    if excluded:
        rule = f"workflows.yaml:{case.stage}.exclusions"
        yield Verdict(Status.SUPPRESSED, rule, f"{case.stage} leaves records alone that are {', '.join(excluded)}")


def _suppression(case: _Case) -> Iterator[Verdict]:
    act = case.contract.act
    if act is None or (act is Act.OWNER_CHANGE and is_empty(case.current.value)):
        return
    effect = effect_of(case.policy, case.suppressions, act)
    rule = f"suppression.yaml:{'+'.join(effect.reasons)}.{act}"
    if effect.hold is Hold.BLOCK:
        yield Verdict(Status.SUPPRESSED, rule, " ".join(effect.notes))
    elif effect.hold is not Hold.ALLOW and case.proposed.actor.kind != "human_approved_ai":
        yield Verdict(Status.QUEUED, rule, " ".join(effect.notes))


def _human_word(case: _Case) -> Iterator[Verdict]:
    current = case.current
    if current.locked or current.verified_by or (current.source is not None and current.source.kind == "human"):
        by = current.verified_by or "a person"
        yield Verdict(Status.BLOCKED, "human_verified", f"{by} set or verified {case.where}")


def _memory(case: _Case) -> Iterator[Verdict]:
    if ANY_EVIDENCE in case.current.rejected:
        yield Verdict(
            Status.BLOCKED, "blocked_by_person", f"a person blocked {case.where}: whose word counts is unclear"
        )
    if case.current.rejected and evidence_hash(case.proposed) in case.current.rejected:
        yield Verdict(Status.BLOCKED, "rejected_before", "a person rejected this on the same evidence")


def _overwrite(case: _Case) -> Iterator[Verdict]:
    overwrite = case.contract.overwrite
    rule = f"fields.yaml:{case.where}.overwrite"
    if overwrite is Overwrite.NEVER:
        yield Verdict(Status.BLOCKED, rule, f"no machine writes {case.where}")
    elif is_empty(case.proposed.new) and overwrite is not Overwrite.ALWAYS:
        yield Verdict(Status.QUEUED, "clears", f"a person decides before {case.where} is emptied")
    if overwrite is Overwrite.ALWAYS or is_empty(case.current.value):
        return
    yield from _weaker(case)
    if overwrite is Overwrite.FILL_IF_EMPTY:
        yield Verdict(Status.QUEUED, rule, f"{case.where} is filled already; replacing it is a person's decision")


def _weaker(case: _Case) -> Iterator[Verdict]:
    """A value of lower trust or confidence never replaces another; equals of two sources that disagree ask a person."""
    current, proposed = case.current, case.proposed
    trust = case.policy.trust_of(proposed.source)
    held = case.policy.trust_of(current.source) if current.source else 0.0
    if trust < held:
        yield Verdict(Status.BLOCKED, "lower_trust", f"trust {trust:g} does not replace trust {held:g}")
    if proposed.confidence < current.confidence:
        shown = f"confidence {proposed.confidence:g} does not replace {current.confidence:g}"
        yield Verdict(Status.BLOCKED, "lower_confidence", shown)
    same_origin = current.source is not None and current.source.name == proposed.source.name
    if trust == held and proposed.confidence == current.confidence and not same_origin:
        yield Verdict(Status.QUEUED, "conflict", "two equally good sources disagree")


def _bands(case: _Case) -> Iterator[Verdict]:
    bands, confidence = case.policy.bands_of(case.contract), case.proposed.confidence
    rule = f"fields.yaml:{case.where}.bands"
    if not confidence >= bands.suggest:
        yield Verdict(Status.BLOCKED, rule, f"confidence {confidence:g} is below {bands.suggest:g}")
    elif case.as_submitted or case.first_by_rule:
        return
    elif bands.auto is None:
        yield Verdict(Status.QUEUED, rule, f"{case.where} is never written without a person")
    elif confidence < bands.auto:
        yield Verdict(Status.QUEUED, rule, f"confidence {confidence:g} is below {bands.auto:g}")
    if case.workflow is not None and not confidence >= case.workflow.threshold:
        limit = f"workflows.yaml:{case.stage}.threshold"
        yield Verdict(Status.QUEUED, limit, f"confidence {confidence:g} is below {case.workflow.threshold:g}")


def _never_silent(case: _Case) -> Iterator[Verdict]:
    if case.contract.always_review and not case.as_submitted and not case.first_by_rule:
        yield Verdict(Status.QUEUED, "never_silent", f"{case.where} never changes without a person")


def _launch(case: _Case) -> Iterator[Verdict]:
    if case.as_submitted:
        return
    area = _area(case)
    allowed = case.policy.launch.allows(area, case.mode)
    rule = f"launch.yaml:{case.mode}.{area}"
    if allowed in (Allowance.NOTHING, Allowance.SHOWN):
        yield Verdict(Status.BLOCKED, rule, f"in {case.mode} mode {area} is {allowed}")
    elif allowed is not Allowance.AUTO and case.proposed.actor.kind != "human_approved_ai":
        yield Verdict(Status.QUEUED, rule, f"in {case.mode} mode {area} needs a person")


def _area(case: _Case) -> Area:
    if case.contract.act is Act.OWNER_CHANGE:
        return "owner"
    if case.contract.act is Act.ROUTE:
        return "route"
    if case.contract.act is Act.SEND:
        return "notice"
    return "lead_fields" if case.proposed.record.type == "lead" else "crm_write"


_Rule = Callable[[_Case], Iterator[Verdict]]

_MACHINE_RULES: tuple[_Rule, ...] = (
    _granted, _ladder, _earned, _exclusions, _human_word, _memory, _suppression, _overwrite, _never_silent, _bands, _launch,
)  # fmt: skip
_APPROVED_RULES: tuple[_Rule, ...] = (_suppression, _launch)
"""A person said yes to a machine's proposal: what is left is what even that yes does not open."""
