"""What suggestions count for: answers by people, what was taken back later, and what the gate held."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import cast

from libs.contracts.change import Actor, ProposedChange, RecordRef, RecordType, Source
from libs.policy.autonomy import key_for, workflow_behind
from libs.policy.policy import Policy
from services.insights.domain.facts import Fact
from services.insights.domain.marks import Mark, Setting, Slice

VERDICTS = {"approve": "accepted", "edit": "edited", "reject": "rejected", "block": "blocked"}
ByKind = Mapping[str, Sequence[Fact]]


def suggestion_marks(
    lead_id: str, facts: ByKind, policy: Policy, setting: Setting, base: Slice, owner: str
) -> Iterator[Mark]:
    """The marks of a lead's suggestions, links, writes and held changes; `facts` by kind, in the order in which they happened."""
    yield from _answered(lead_id, facts, policy, setting, base, owner)
    yield from _links(lead_id, facts, setting, base, owner)
    yield from _writes(lead_id, facts, policy, setting, base, owner)
    yield from _drafts(lead_id, facts, policy, setting, base, owner)
    for one in facts.get("stopped", ()):
        told = replace(_of_change(one, policy, base), label=one.text("status"))
        yield Mark("stopped", lead_id, setting.day(one.at), told, owner=owner)


def newest_answers(facts: ByKind) -> list[Fact]:
    """The newest answer to each question about a suggested change; conflicts with the CRM are none."""
    newest = {one.text("question"): one for one in facts.get("answer", ()) if not one.body.get("conflict")}
    return list(newest.values())


def _answered(lead_id: str, facts: ByKind, policy: Policy, setting: Setting, base: Slice, owner: str) -> Iterator[Mark]:
    for one in newest_answers(facts):
        verdict = one.text("verdict")
        kept = verdict == "approve" and not _taken_back(one, facts)
        workflow = workflow_behind(policy, _proposed(one))
        told = replace(
            base, workflow=workflow, version=_version(one, workflow, facts), model=one.text("model"), field=_field(one)
        )
        day = setting.day(one.at)
        yield Mark("suggestions", lead_id, day, replace(told, label=VERDICTS[verdict]), owner=owner)
        yield Mark("suggestion_acceptance", lead_id, day, told, int(kept), 1, owner=owner)
        key = _key(one, policy)
        if key is not None:
            yield Mark("earned_autonomy", lead_id, day, replace(told, label=key), int(kept), 1, owner=owner)


def _taken_back(answer: Fact, facts: ByKind) -> bool:
    """Whether a rollback took back what the answer let out."""
    return any(
        one.text("by") == "rollback" and not one.body.get("automatic") and one.at >= answer.at
        and (one.text("record"), one.text("field")) == (answer.text("record"), answer.text("field"))
        for one in facts.get("undone", ())
    )  # fmt: skip


def _version(answer: Fact, workflow: str, facts: ByKind) -> str:
    """The version of the workflow that suggested it: as told with it, or where the gate held it; empty where neither tells."""
    if answer.text("by_version"):
        return answer.text("by_version")
    same = [
        one.text("version") for one in facts.get("stopped", ())
        if (one.text("record"), one.text("field")) == (answer.text("record"), answer.text("field"))
        and one.text("workflow").partition(".")[0] == workflow
    ]  # fmt: skip
    return same[-1] if same else ""


def _proposed(fact: Fact) -> ProposedChange:
    return _proposal(fact.text("record_type"), fact.text("field"), fact.text("source_kind"), fact.text("actor"))


@lru_cache(maxsize=10_000)
def _proposal(record_type: str, field: str, source_kind: str, actor: str) -> ProposedChange:
    """As much of a proposal as says whose it is."""
    return ProposedChange(
        record=RecordRef(type=cast(RecordType, record_type), id=""),
        field=field,
        new=None,
        source=Source.model_validate({"kind": source_kind, "name": ""}),
        actor=Actor(kind="rule", id=actor),
        reason="",
    )


def _key(fact: Fact, policy: Policy, origin: Fact | None = None) -> str | None:
    held = origin or fact
    segments = {"kind": held.text("kind"), "source": held.text("from"), "country": held.text("country")}
    proposed = _proposed(fact)
    return key_for(policy, workflow_behind(policy, proposed), proposed, segments)


def _field(fact: Fact) -> str:
    return f"{fact.text('record_type')}.{fact.text('field')}"


def _of_change(fact: Fact, policy: Policy, base: Slice) -> Slice:
    stage, version = fact.text("by") or fact.text("workflow"), fact.text("by_version") or fact.text("version")
    workflow = workflow_behind(policy, _proposed(fact)) if stage.startswith("crm") else stage.partition(".")[0]
    return replace(
        base, workflow=workflow, version=version if workflow == stage.partition(".")[0] else "",
        policy=fact.text("policy")[:12], model=fact.text("model"), field=_field(fact),
    )  # fmt: skip


def _links(lead_id: str, facts: ByKind, setting: Setting, base: Slice, owner: str) -> Iterator[Mark]:
    newest = {one.text("question"): one for one in facts.get("link", ())}
    for one in newest.values():
        if one.text("verdict") in ("link", "keep_apart"):
            apart = one.text("verdict") == "keep_apart"
            yield Mark("false_duplicates", lead_id, setting.day(one.at), base, int(apart), 1, owner=owner)


def _drafts(lead_id: str, facts: ByKind, policy: Policy, setting: Setting, base: Slice, owner: str) -> Iterator[Mark]:
    """A draft counts once a person approved or rejected it; a new one begins anew."""
    edited = False
    for one in facts.get("draft", ()):
        status, human = one.text("status"), one.body.get("human") is True
        if status in ("approved", "rejected", "edited") and not (status == "edited" and not human):
            label = (
                "rejected"
                if status == "rejected"
                else "approved_edited"
                if edited or status == "edited"
                else "approved"
            )
            told = replace(_of_change(one, policy, base), label=label)
            yield Mark(
                "draft_acceptance", lead_id, setting.day(one.at), told, int(status != "rejected"), 1, owner=owner
            )
            edited = False
        elif status == "applied":
            edited = human


def _writes(lead_id: str, facts: ByKind, policy: Policy, setting: Setting, base: Slice, owner: str) -> Iterator[Mark]:
    undone: dict[str, list[Fact]] = {}
    for one in facts.get("undone", ()):
        undone.setdefault(one.text("write"), []).append(one)
    for one in facts.get("write", ()):
        met = undone.get(one.id, [])
        by = "kept" if not met else f"by_{met[0].text('by')}"
        told = _of_change(one, policy, base)
        day = setting.day(one.at)
        yield Mark("corrected_updates", lead_id, day, replace(told, label=by), int(bool(met)), 1, owner=owner)
        # an automatic write counts for autonomy only when somebody takes it back; keys are told by the lead's newest route
        key = _key(one, policy, _origin(base, facts)) if met and one.body.get("automatic") else None
        if key is not None:
            yield Mark("earned_autonomy", lead_id, day, replace(told, label=key), 0, 1, owner=owner)


def _origin(base: Slice, facts: ByKind) -> Fact:
    newest = (*facts.get("given_up", ()), *facts.get("route", ()))[-1]
    return replace(newest, body={"kind": base.kind, "from": base.source, "country": newest.text("country")})
