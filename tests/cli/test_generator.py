"""The demo's posts: the same for a seed, every case in every seed, and each one taken by its adapter as its case says."""

import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.demo.generator import FORM_TOOLS, MINIMUM, Plan, plan
from cli.demo.world import slug
from cli.settings import ROOT
from libs.policy.load import load_policy, read_files
from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import map_body
from services.intake.domain.bodies import parse_body
from services.intake.domain.facts import LeadFacts, NotALead, ToFetch, Unmapped, facts_hash

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SEEDS = st.integers(min_value=0, max_value=2**32)


@cache
def made(seed: int) -> Plan:
    return plan(seed, MINIMUM, NOW)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_the_same_seed_makes_the_same_bytes(seed: int) -> None:
    assert plan(seed, MINIMUM, NOW) == plan(seed, MINIMUM, NOW)
    assert plan(seed, MINIMUM, NOW).posts != plan(seed + 1, MINIMUM, NOW).posts


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_every_seed_has_every_case_and_enough_tools(seed: int) -> None:
    found = made(seed)
    assert len(found.posts) >= MINIMUM
    assert {post.case for post in found.posts} == set(found.cases)
    assert len({post.source for post in found.posts} & set(FORM_TOOLS)) >= 6


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_posts_that_follow_come_last_and_repeat_or_correct_an_earlier_one(seed: int) -> None:
    posts = made(seed).posts
    first = next(place for place, post in enumerate(posts) if post.follows)
    assert all(post.follows for post in posts[first:])
    earlier = {post.body for post in posts[:first]}
    assert all(post.body in earlier for post in posts[first:] if post.case == "redelivered")
    assert all(post.body not in earlier for post in posts[first:] if post.case == "corrected")


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_each_body_maps_as_its_case_says(seed: int) -> None:
    rules = load_policy(read_files(ROOT / "policy")).sources.sources
    hashes = Counter[tuple[str, str]]()
    for post in made(seed).posts:
        if post.forged:
            continue
        source = rules[post.source]
        items = map_body(ADAPTERS[source.adapter], parse_body(post.body, post.content_type), source)
        match post.case:
            case "unparsable" | "unmappable":
                assert all(isinstance(item, Unmapped) for item in items), post
            case "ids only":
                assert items
                assert all(isinstance(item, ToFetch) for item in items), post
            case "test or ping":
                assert all(isinstance(item, NotALead) for item in items), post
            case _:
                assert items
                for item in items:
                    assert isinstance(item, LeadFacts), (post, item)
                    assert {"email", "name", "message"} <= item.fields.keys(), (post.source, item.fields.keys())
                    hashes[post.case, facts_hash(item)] += 1
    assert all(number == 2 for (case, _), number in hashes.items() if case == "redelivered")
    assert all(number == 1 for (case, _), number in hashes.items() if case != "redelivered")


def test_a_demo_of_fewer_leads_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 200"):
        plan(1, 199, NOW)


def test_more_leads_keep_every_case_in_proportion() -> None:
    found = Counter(post.case for post in plan(3, 1000, NOW).posts)
    assert found["redelivered"] == 70
    assert found["forged"] == 30
    assert sum(found.values()) == 1000


def test_json_bodies_are_json_except_those_that_were_cut_off() -> None:
    for post in made(5).posts:
        if post.content_type == "application/json" and post.case != "unparsable":
            json.loads(post.body)


@pytest.mark.parametrize(
    ("name", "address"), [("Jürgen", "juergen"), ("Großmann", "grossmann"), ("Yılmaz", "yilmaz"), ("Élodie", "elodie")]
)
def test_names_become_addresses(name: str, address: str) -> None:
    assert slug(name) == address
