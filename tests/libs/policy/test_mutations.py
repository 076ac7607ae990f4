"""Mistakes that people make in a policy: each is found, at the place where they made it, with what to do about it.

More of them, which need only one file, are in test_load.py.
"""
# ruff: noqa: E501 - a table is read in rows

import pytest

from cli.policy.check import checked
from tests.libs.policy.shipped import FILES

MUTATIONS = [
    # routing: facts, types, names, order
    ("routing.yaml", "lead.identity.verdict ==", "lead.identity.verdikt ==", "lead.identity.verdikt", "did you mean lead.identity.verdict?"),
    ("routing.yaml", "lead.confidence < 0.7", "lead.confidence < 1", "< 1", "write a number with a decimal point"),
    ("routing.yaml", "record.tier == 'strategic'", "record.tier == strategic", "strategic", "unknown fact strategic"),
    ("routing.yaml", "record.tier == 'strategic'", "record.tier = 'strategic'", "= 'strategic'", "Syntax error"),
    ("routing.yaml", "lead.customer_status == 'customer'", "lead.customer_status == 1", "== 1", "no matching overload"),
    ("routing.yaml", "lead.employees >= 1000\n", "lead.employees >= '1000'\n", ">= '1000'", "no matching overload"),
    ("routing.yaml", "lead.flag.competitor == true", "lead.flag.competitr == true", "lead.flag.competitr", "did you mean lead.flag.competitor?"),
    ("routing.yaml", "priority: 50\n", "priority: -1\n", "-1", "greater than or equal to 0"),
    ("routing.yaml", "priority: 50\n", "priority: high\n", "high", "valid integer"),
    ("routing.yaml", "destination: owner", "destination: ownr", "ownr", "Input should be"),
    ("routing.yaml", "    queue: enterprise_sales\n", "", "name: enterprise", "sends to a queue but names no queue"),
    ("routing.yaml", "    queue: enterprise_sales\n", "    quue: enterprise_sales\n", "quue", "did you mean queue?"),
    ("routing.yaml", "    queue: enterprise_sales\n", "    queue: enterprise_sales\n    pool: enterprize\n", "enterprize", "did you mean enterprise?"),
    ("routing.yaml", "    reason: \"Enterprise size", "    sla_minutes: 0\n    reason: \"Enterprise size", "0", "greater than or equal to 1"),
    ("routing.yaml", "{lead.score.priority} of at least 60, terr", "{lead.scor.priority} of at least 60, terr", '"Score {lead.scor', "unknown fact {lead.scor.priority}"),
    ("routing.yaml", "name: enterprise\n", "name: Enterprise\n", "Enterprise", "match pattern"),
    ("routing.yaml", "    when: \"true\"", "    when: lead.employees > 1", "lead.employees", "must hold for all"),
    ("routing.yaml", "priority: 55\n", "priority: 65\n", "lead.score", "inbound_emea is never reached"),
    ("routing.yaml", "lead.score.priority < 60\n", "lead.score.priority < 30\n", "lead.score", "nurture can never hold"),
    ("routing.yaml", "lead.score.priority < 30\n", "lead.score.priority < 60 && lead.score.priority >= 30\n", "lead.score", "low_priority is never reached"),
    ("routing.yaml", "  nurture: {title", "  spare: {title: S}\n  nurture: {title", "spare", "no rule and no pool sends"),
    ("routing.yaml", "title: Nurture}", "titel: Nurture}", "titel", "did you mean title?"),
    ("routing.yaml", "  nurture: {title: Nurture}\n", "", "nurture", "no such queue: nurture"),
    ("routing.yaml", "rules:\n  # ---", "rules:\n\t# ---", "", "not YAML"),
    # pools, calendars, promises
    ("pools.yaml", "open_leads_cap: 25", "open_leads_cap: 0", "0", "greater than or equal to 1"),
    ("pools.yaml", "match_language: true", "match_language: maybe", "maybe", "valid boolean"),
    ("pools.yaml", "  when_empty: unassigned\ninbound:", "inbound:", "enterprise", "when_empty is missing"),
    ("pools.yaml", "enterprise:\n", "enterprise:\n  members: [ann]\n", "members", "unknown key members"),
    ("sla.yaml", '"2026-11-26", ', '"2026-11-31", ', '"2026-11-31"', "valid date"),
    ("sla.yaml", '"2026-11-26", ', '"Thanksgiving", ', '"Thanksgiving"', "valid date"),
    ("sla.yaml", "default_calendar: sales_us", "default_calendar: sales_uk", "sales_uk", "did you mean sales_us?"),
    ("sla.yaml", "  enterprise_sales: {first", "  enterprise_sale: {first", "enterprise_sale", "did you mean enterprise_sales?"),
    ("sla.yaml", "item_minutes: 60 ", "item_minutes: soon ", "soon", "valid integer"),
    ("sla.yaml", "remind_at: 0.75", "remind_at: 75", "75", "less than or equal to 1"),
    ("sla.yaml", '{start: "09:00", end: "18:00"}', '{start: "9 am", end: "18:00"}', '"9 am"', "valid time"),
    ("sla.yaml", "Europe/Berlin", "Europe/Berlinn", "Europe/Berlinn", "no such time zone"),
    # scoring
    ("scoring.yaml", "group: engagement\n        when: lead.intent", "group: engagment\n        when: lead.intent", "engagment", "Input should be"),
    ("scoring.yaml", "name: some_interest", "name: referral", "referral", "given twice in table everybody"),
    ("scoring.yaml", "when: lead.intent == 'medium'", "when: lead.intnt == 'medium'", "lead.intnt", "did you mean lead.intent?"),
    ("scoring.yaml", "when: lead.intent == 'medium'", "when: lead.confidence > 0.5", "lead.confidence", "no ground for points"),
    ("scoring.yaml", "when: lead.employees < 5\n", "when: lead.employees < 5\n        half_life_days: 3\n", "name: very_small", "only points of the group engagement fade"),
    ("scoring.yaml", "name: hot, at_least: 80", "name: hot, at_least: eighty", "eighty", "valid integer"),
    ("scoring.yaml", "when: lead.employees < 5\n", "when: lead.employees < 5 && lead.employees > 9\n", "lead.employees", "can never hold"),
    # rights, sources, launch, suppression, hand-over
    ("workflows.yaml", "permission: restricted", "permission: restrictd", "restrictd", "Input should be"),
    ("workflows.yaml", "exclusions: [never_route]", "exclusions: [never_rout]", "never_rout", "Input should be"),
    ("workflows.yaml", "\nscore:\n", "\nscoore:\n", "scor", "no such workflow: score; did you mean scoore?@fields.yaml"),
    ("workflows.yaml", "fit_score, engagement_score, risk_score, priority,\n      ]\n    contact", "engagement_score, risk_score, priority,\n      ]\n    contact", "score", "does not grant lead.fit_score to score@fields.yaml"),
    ("fields.yaml", "overwrite: always, risk: low}", "overwrite: alwys, risk: low}", "alwys", "Input should be"),
    ("launch.yaml", "route: suggest,  owner: suggest", "route: sugest,  owner: suggest", "sugest", "Input should be"),
    ("launch.yaml", "  read_only:  ", "  readonly:  ", "readonly", "did you mean read_only?"),
    ("suppression.yaml", "route: person", "route: persn", "persn", "Input should be"),
    ("suppression.yaml", "  never_route:      {", "  neverroute:      {", "neverroute", "did you mean never_route?"),
    ("sources.yaml", "adapter: zapier,", "adapter: zapierr,", "zapierr", "did you mean zapier?"),
    ("handoff.yaml", "say: \"Reply to the request\"", "sey: \"Reply to the request\"", "sey", "unknown key sey"),
    ("handoff.yaml", "  enterprise_sales:", "  enterprise_sale:", "enterprise_sale", "did you mean enterprise_sales?"),
    ("handoff.yaml", "when: lead.employees != null", "when: lead.employes != null", "lead.employes", "did you mean lead.employees?"),
    ("drafts.yaml", "max_words: 119", "max_words: 120", "120", "less than 120"),
    ("drafts.yaml", "fallback: en", "fallback: xx", "max_words", "xx has no sentences"),
    ("drafts.yaml", "not_for: [spam,", "not_for: [spamm,", "spamm", "did you mean spam?"),
    ("drafts.yaml", "- {name: reply}", "- {name: repli}", "max_words", "languages.en.next_steps.repli is missing"),
    ("drafts.yaml", "{support_automation: \"You would", "{support_automat: \"You would", "\"You would like to spend", "did you mean support_automation?"),
    ("drafts.yaml", "Hello {first_name},", "Hello {email},", "en:", "greeting has no {email}"),
    ("drafts.yaml", "closing: \"Kind regards\"", "closing: \"Shall we call?\"", "en:", "only a next step asks"),
    ("drafts.yaml", "'employees' in lead.score.missing", "'employees' in lead.score.mising", "lead.score.mising", "did you mean lead.score.missing?"),
    ("matching.yaml", "max_candidates: 20", "max_candidates: many", "many", "valid integer"),
    ("classification.yaml", "model: offline", "modell: offline", "modell", "did you mean model?"),
    ("enrichment.yaml", "providers: [person_name]", "providers: [person_nam]", "person_nam", "did you mean person_name?"),
    ("taxonomy.yaml", "flag_at: 0.5", "flag_at: 5", "5", "less than or equal to 1"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "needle", "told"), MUTATIONS, ids=lambda value: str(value)[:30])
def test_a_mistake_is_found_at_its_place(file: str, old: str, new: str, needle: str, told: str) -> None:
    assert old in FILES[file]
    files = {**FILES, file: FILES[file].replace(old, new, 1)}
    problems = checked(files).problems
    told, _, elsewhere = told.partition("@")
    found = next((problem for problem in problems if told in problem.message), None)
    assert found is not None, [str(problem) for problem in problems]
    assert found.file == (elsewhere or file)
    line = files[found.file].splitlines()[found.line - 1]
    assert line[found.column - 1 :].startswith(needle), str(found)
