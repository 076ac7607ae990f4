"""A preview says what the line would say: a question stays a question, and the policy's aliases count."""

import asyncio
from typing import Any

from libs.policy.matching import Matching
from services.dedupe.domain.preview import Preview, person_behind, previewed, wanted_by
from tests.services.dedupe.fakes import changed, policy
from tests.services.dedupe.running import Dedupe
from tests.services.dedupe.test_links import BASE


def preview(rules: Matching, **said: Any) -> Preview:
    dedupe = Dedupe()
    dedupe.runs((*BASE, changed("contact", "info", name="Front Desk", email="info@acme.com", company_id="acme")))
    person = person_behind("contact", 0, said, rules)
    known = asyncio.run(dedupe.index.known(wanted_by(person)))
    return previewed("contact", person, known, rules)


def test_another_persons_name_at_a_known_address_is_a_question() -> None:
    found = preview(policy().matching, email="ann@acme.com", name="Bob Stone")
    assert (found.verdict, found.rule) == ("ambiguous", "shared_mailbox")
    assert preview(policy().matching, email="ann@acme.com", name="Ann Lee").verdict == "duplicate"


def test_an_alias_of_the_policy_is_the_companys_domain() -> None:
    rules = policy().matching
    aliased = rules.model_copy(update={"domain_aliases": {"acme-old.com": "acme.com"}})
    assert preview(rules, email="zoe@acme-old.com", name="Zoe Poe").company_id is None
    assert preview(aliased, email="zoe@acme-old.com", name="Zoe Poe").company_id == "acme"
