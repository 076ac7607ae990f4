"""Training without labels finds what a made base is made of, and what is written is a policy again."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest

from bench.records import asked_name, companies, contacts
from libs.policy.load import load_policy, read_files
from libs.policy.match_model import MatchModel
from matching.base import Base
from matching.export import with_model
from matching.scan import scan
from matching.train import train
from services.dedupe.domain.records import Company, Contact
from tests.paths import ROOT

FILES = read_files(ROOT / "policy")
SHIPPED = load_policy(FILES).matching
TODAY = date(2026, 11, 22)


def quiet(line: str) -> None:
    """Progress that nobody reads."""


def made_base() -> tuple[Base, dict[str, int]]:
    """2,000 contacts and 150 companies, some twice; who each contact is."""
    base, random = Base(), Random(7)
    firms = list(companies(150, 5))
    for firm in firms:
        base.companies[firm.id] = Company(firm.id, name=firm.name, country=firm.country, fields={"domain": firm.domain})
    for firm in firms[:60]:
        twice = Company(
            f"{firm.id}-again", name=asked_name(random, firm.name), country=firm.country, fields={"domain": firm.domain}
        )
        base.companies[twice.company_id] = twice
    people = list(contacts(2000, firms, 5, duplicates=0.1))
    for one in people:
        base.contacts[one.id] = Contact(
            one.id, name=one.name, phone=one.phone, company_name=one.company.name if one.company else "",
            company_id=one.company.id if one.company else None, fields={"email": one.email},
        )  # fmt: skip
    return base, {one.id: one.person for one in people}


@pytest.fixture(scope="module")
def base() -> tuple[Base, dict[str, int]]:
    return made_base()


@pytest.fixture(scope="module")
def model(base: tuple[Base, dict[str, int]]) -> MatchModel:
    return train(base[0], SHIPPED.model, SHIPPED.company_name_review_at, TODAY, quiet, pairs=1e5)


def test_agreement_speaks_for_one_person_and_disagreement_against(model: MatchModel) -> None:
    for name in ("email", "name", "phone", "company_of_person"):
        levels = model.person.comparisons[name]
        assert levels["equal"].weight > 3 > 0 > levels["differs"].weight, name
    assert model.person.comparisons["name"]["similar"].weight > model.person.comparisons["name"]["one_word"].weight
    assert model.company.comparisons["company_name"]["equal"].weight > 5
    assert 1e-6 < model.person.prior < 1e-3


def test_what_the_base_does_not_show_stays_as_it_was(model: MatchModel) -> None:
    assert model.person.comparisons["custom_id"] == SHIPPED.model.person.comparisons["custom_id"]
    assert model.company.comparisons["typed_domain"] == SHIPPED.model.company.comparisons["typed_domain"]
    assert {"person.custom_id.equal", "company.typed_domain.differs"} <= set(model.made.kept)
    assert (model.made.by, model.made.on, model.made.contacts) == ("splink", TODAY, 2000)


def test_a_common_value_weighs_less_than_a_rare_one(model: MatchModel) -> None:
    terms, person = model.person.terms["company_of_person"], model.person
    common = max(terms.shares, key=lambda name: terms.shares[name])
    rare = person.weight("company_of_person", "equal", "rare", "rare")
    assert person.weight("company_of_person", "equal", common, common) < rare


def test_what_is_written_is_the_same_model_in_a_sound_policy(model: MatchModel) -> None:
    text = with_model(FILES["matching.yaml"], model)
    assert load_policy({**FILES, "matching.yaml": text}).matching == SHIPPED.model_copy(update={"model": model})


def test_a_scan_finds_the_duplicates(base: tuple[Base, dict[str, int]], model: MatchModel) -> None:
    held, person = base
    found = [pair for pair in scan(held, model, SHIPPED.company_name_review_at, 0.5, quiet) if pair.kind == "person"]
    right = [pair for pair in found if person[pair.left] == person[pair.right]]
    assert len(right) / len(found) > 0.98
    assert [pair.probability for pair in found] == sorted((pair.probability for pair in found), reverse=True)
    assert all(pair.weights for pair in found)
    missed = _true_pairs(person) - len(right)
    assert missed < 0.35 * _true_pairs(person), "a slip in the name with another address and no phone shares no key"


def _true_pairs(person: dict[str, int]) -> int:
    count: dict[int, int] = {}
    for one in person.values():
        count[one] = count.get(one, 0) + 1
    return sum(many * (many - 1) // 2 for many in count.values())


def test_a_base_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        train(replace(Base()), SHIPPED.model, 0.88, TODAY, quiet)
