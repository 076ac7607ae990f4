"""Contradictions between the parts of a policy, which no single file can show."""

from collections import Counter
from collections.abc import Iterator

from libs.policy.drafts import PAIN
from libs.policy.enrichment import BUILT_IN, FieldWaterfall, PaidApi
from libs.policy.facts import FACTS, ROUTING_FACTS
from libs.policy.notice_checks import notice_contradictions
from libs.policy.policy import Policy
from libs.policy.pool_checks import pool_contradictions, territory_contradictions
from libs.policy.taxonomy_checks import taxonomy_contradictions
from libs.policy.wording import nearest_hint

NO_GROUND_FOR_POINTS = {
    "lead.confidence": "how sure a model was",
    **dict.fromkeys(ROUTING_FACTS, "known to routing alone"),
}
Contradiction = tuple[str, tuple[str | int, ...], str]
"""Part, path inside its file, message."""


def contradictions(policy: Policy) -> Iterator[Contradiction]:
    """Everything in which the parts do not agree."""
    yield from _grants(policy)
    yield from _autonomy(policy)
    yield from _updaters(policy)
    yield from _routing(policy)
    yield from _scoring(policy)
    yield from pool_contradictions(policy)
    yield from territory_contradictions(policy.territories)
    yield from taxonomy_contradictions(policy.taxonomy)
    yield from _service_levels(policy)
    yield from _handoff(policy)
    yield from notice_contradictions(policy.notices, policy.routing)
    yield from _drafts(policy)
    yield from _sources(policy)
    yield from _enrichment(policy)


def _grants(policy: Policy) -> Iterator[Contradiction]:
    for stage, workflow in policy.workflows.items():
        for record_type, names in workflow.grants.items():
            for index, name in enumerate(names):
                contract = policy.contract(record_type, name)
                path = (stage, "grants", record_type, index)
                if contract is None:
                    known = policy.fields.records.get(record_type, {})
                    yield "workflows", path, f"{record_type}.{name} has no contract{nearest_hint(name, known)}"
                elif stage not in contract.updaters:
                    yield "workflows", path, f"{record_type}.{name} does not name {stage} among its updaters"


def _autonomy(policy: Policy) -> Iterator[Contradiction]:
    """Fields that always wait for a person can earn nothing: a level on them would promise what the gate never does."""
    for stage, workflow in policy.workflows.items():
        for record_type, names in (workflow.autonomy.fields if workflow.autonomy else {}).items():
            for index, name in enumerate(names):
                contract = policy.contract(record_type, name)
                if contract is not None and contract.always_review and not contract.first_by_rule:
                    path = (stage, "autonomy", "fields", record_type, index)
                    yield "workflows", path, f"{record_type}.{name} always waits for a person: it can earn nothing"


def _updaters(policy: Policy) -> Iterator[Contradiction]:
    for record_type, contracts in policy.fields.records.items():
        for name, contract in contracts.items():
            for index, stage in enumerate(contract.updaters):
                path = ("records", record_type, name, "updaters", index)
                workflow = policy.workflows.get(stage)
                if workflow is None:
                    yield "fields", path, f"no such workflow: {stage}{nearest_hint(stage, policy.workflows)}"
                elif not (workflow.may_propose(record_type, name) or workflow.is_withheld(record_type, name)):
                    yield "fields", path, f"workflows.yaml does not grant {record_type}.{name} to {stage}"


def _routing(policy: Policy) -> Iterator[Contradiction]:
    yield from _repeated("routing", "rules", [rule.name for rule in policy.routing.rules])
    for index, rule in enumerate(policy.routing.rules):
        if rule.queue is not None and rule.queue not in policy.routing.queues:
            hint = nearest_hint(rule.queue, policy.routing.queues)
            yield "routing", ("rules", index, "queue"), f"no such queue: {rule.queue}{hint}"
        if rule.pool is not None and rule.pool not in policy.pools:
            yield (
                "routing",
                ("rules", index, "pool"),
                f"no such pool: {rule.pool}{nearest_hint(rule.pool, policy.pools)}",
            )
        if rule.destination in ("queue", "nurture") and rule.queue is None:
            yield "routing", ("rules", index), f"{rule.name} sends to a {rule.destination} but names no queue"
    *earlier, last = policy.routing.in_order()
    if last.when.text.strip() != "true":
        yield "routing", ("rules", policy.routing.rules.index(last), "when"), "the last rule must hold for all: `true`"
    for rule in earlier:
        if rule.when.text.strip() == "true":
            path = ("rules", policy.routing.rules.index(rule), "when")
            yield "routing", path, f"{rule.name} holds for every lead: no later rule is ever asked"
    for name, queue in policy.routing.queues.items():
        if queue.pool is not None and queue.pool not in policy.pools:
            hint = nearest_hint(queue.pool, policy.pools)
            yield "routing", ("queues", name, "pool"), f"no such pool: {queue.pool}{hint}"


def _scoring(policy: Policy) -> Iterator[Contradiction]:
    tables = policy.scoring.tables
    yield from _repeated("scoring", "tables", [table.name for table in tables])
    if tables[-1].when.text.strip() != "true":
        yield "scoring", ("tables", len(tables) - 1), "the last table must be for everybody: leave `when` out"
    for index, table in enumerate(tables):
        names = Counter(rule.name for rule in table.rules)
        for at, rule in enumerate(table.rules):
            path: tuple[str | int, ...] = ("tables", index, "rules", at)
            if names[rule.name] > 1:
                yield "scoring", (*path, "name"), f"{rule.name} is given twice in table {table.name}"
            for fact in sorted(NO_GROUND_FOR_POINTS.keys() & rule.when.names.keys()):
                yield (
                    "scoring",
                    (*path, "when"),
                    f"{fact} is {NO_GROUND_FOR_POINTS[fact]}: that is no ground for points",
                )
            if bool(rule.points) == rule.review:
                yield "scoring", path, f"{rule.name} must give points, or `review: true` and none"
        for at, requirement in enumerate(table.required):
            for inner, fact in enumerate(requirement.any_of):
                if fact not in FACTS:
                    path = ("tables", index, "required", at, "any_of", inner)
                    yield "scoring", path, f"unknown fact {fact}{nearest_hint(fact, FACTS)}"


def _service_levels(policy: Policy) -> Iterator[Contradiction]:
    calendars = policy.sla.calendars
    named = [(("default_calendar",), policy.sla.default_calendar), (("triage", "calendar"), policy.sla.triage.calendar)]
    named += [(("queues", name, "calendar"), queue.calendar) for name, queue in policy.sla.queues.items()]
    waits = policy.sla.triage.queues
    named += [(("triage", "queues", name, "calendar"), target.calendar) for name, target in waits.items()]
    for path, calendar in named:
        if calendar is not None and calendar not in calendars:
            yield "sla", path, f"no such calendar: {calendar}{nearest_hint(calendar, calendars)}"
    promised = [("queues", name) for name in policy.sla.queues] + [("triage", "queues", name) for name in waits]
    for path in promised:
        if path[-1] not in policy.routing.queues:
            yield "sla", path, f"no such queue: {path[-1]}{nearest_hint(path[-1], policy.routing.queues)}"


def _handoff(policy: Policy) -> Iterator[Contradiction]:
    for name in policy.handoff.queues:
        if name not in policy.routing.queues:
            yield "handoff", ("queues", name), f"no such queue: {name}{nearest_hint(name, policy.routing.queues)}"


def _drafts(policy: Policy) -> Iterator[Contradiction]:
    for index, flag in enumerate(policy.drafts.not_for):
        if policy.drafts.languages and flag not in policy.taxonomy.flags:
            told = f"taxonomy.yaml has no such flag: {flag}{nearest_hint(flag, tuple(policy.taxonomy.flags))}"
            yield "drafts", ("not_for", index), told
    held = policy.taxonomy.fields.get(PAIN)
    labels = tuple(held.labels) if held else ()
    for code, language in policy.drafts.languages.items():
        for label in language.pains:
            if label not in labels:
                told = f"{PAIN} has no label {label}{nearest_hint(label, labels)}"
                yield "drafts", ("languages", code, "pains", label), told


def _sources(policy: Policy) -> Iterator[Contradiction]:
    known = policy.fields.records.get("lead", {})
    for name, source in policy.sources.sources.items():
        for key, fields in (("mapping", source.mapping), ("defaults", source.defaults)):
            for field in fields:
                if field not in known:
                    yield "sources", ("sources", name, key, field), f"no such lead field{nearest_hint(field, known)}"


def _enrichment(policy: Policy) -> Iterator[Contradiction]:
    known, apis = policy.fields.records.get("lead", {}), policy.enrichment.apis
    for field, rule in policy.enrichment.fields.items():
        contract = known.get(field)
        if contract is None:
            yield "enrichment", ("fields", field), f"no such lead field: {field}{nearest_hint(field, known)}"
        elif "enrich" not in contract.updaters:
            message = f"fields.yaml does not name enrich among the updaters of lead.{field}"
            yield "enrichment", ("fields", field), message
        yield from _repeated_providers(field, rule)
        for index, name in enumerate(rule.providers):
            problem = _provider_problem(policy, field, name)
            if problem:
                yield "enrichment", ("fields", field, "providers", index), problem
        for name in rule.trust:
            if name not in rule.providers:
                hint = nearest_hint(name, rule.providers)
                yield "enrichment", ("fields", field, "trust", name), f"{name} is no provider of {field}{hint}"
    for name, api in apis.items():
        yield from _api(policy, name, api)


def _repeated_providers(field: str, rule: FieldWaterfall) -> Iterator[Contradiction]:
    for index, name in enumerate(rule.providers):
        if name in rule.providers[:index]:
            yield "enrichment", ("fields", field, "providers", index), f"{name} is given twice"


def _provider_problem(policy: Policy, field: str, name: str) -> str:
    """Why a provider can't fill a field; empty when it can."""
    apis, trusted = policy.enrichment.apis, policy.sources.providers
    known = (*trusted, *apis, *BUILT_IN)
    if name not in known:
        return f"no such provider: {name}{nearest_hint(name, known)}"
    if name in apis and field not in apis[name].fields:
        return f"{name} has no {field} among its `fields`{nearest_hint(field, apis[name].fields)}"
    if name not in trusted and name not in policy.enrichment.fields[field].trust:
        return f"{name} has no trust: give it one under `providers` in sources.yaml"
    return ""


def _api(policy: Policy, name: str, api: PaidApi) -> Iterator[Contradiction]:
    if name in BUILT_IN:
        yield "enrichment", ("apis", name), f"{name} is a built-in provider: give the API another name"
    known = policy.fields.records.get("lead", {})
    for field in api.fields:
        if field not in known:
            message = f"no such lead field: {field}{nearest_hint(field, known)}"
            yield "enrichment", ("apis", name, "fields", field), message
    listed = [field for field, rule in policy.enrichment.fields.items() if name in rule.providers]
    if not set(listed) & set(api.fields):
        wanted = ", ".join(api.fields)
        yield "enrichment", ("apis", name), f"{name} fills nothing: list it among the providers of {wanted}"


def _repeated(part: str, key: str, names: list[str]) -> Iterator[Contradiction]:
    counts = Counter(names)
    for index, name in enumerate(names):
        if counts[name] > 1:
            yield part, (key, index, "name"), f"{name} is given twice"
