"""Tokens and grants: nobody is anybody without a signature of ours, and the newest grant alone counts."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Actor
from libs.contracts.events import AccessGranted
from libs.runtime.people import People, make_token, read_token
from tests.libs.runtime.leads import AT

KEY = b"k" * 32
ANA = Actor(kind="human", id="ana")


def granted(person: str, role: str | None, at: int, **more: object) -> AccessGranted:
    event = {"event_id": f"{person}-{at}", "person": person, "role": role, "valid_from": AT + timedelta(seconds=at)}
    return AccessGranted.model_validate({**event, "actor": ANA, **more})


names = st.text(min_size=1, max_size=60).filter(lambda name: name.isprintable())


@given(names, st.datetimes().map(lambda at: at.replace(tzinfo=AT.tzinfo)))
def test_a_token_says_who_it_was_made_for_and_when(name: str, at) -> None:  # type: ignore[no-untyped-def]
    assert read_token(make_token(name, KEY, at), KEY) == (name, at)


@given(names, st.integers(0, 400), st.sampled_from("0aZ.-_é\udc80"))
def test_a_token_with_any_character_changed_is_nobodys(name: str, place: int, other: str) -> None:
    token = make_token(name, KEY, AT)
    place %= len(token)
    changed = token[:place] + other + token[place + 1 :]
    assert changed == token or read_token(changed, KEY) is None
    assert read_token(token[:place], KEY) is None
    assert read_token(token, b"another" * 5) is None


@given(st.text(max_size=700))
def test_what_was_never_signed_is_nobodys(text: str) -> None:
    assert read_token(text, KEY) is None


grants = st.lists(st.tuples(st.sampled_from([None, "viewer", "manager"]), st.integers(1, 5), st.booleans()), max_size=8)


@given(grants, st.integers(0, 40))
def test_the_newest_grant_counts_and_voids_older_tokens(steps: list[tuple[str | None, int, bool]], made: int) -> None:
    """Against a plain reading of the history: role, what voids, and the end."""
    people, at, last = People(), 0, None
    for role, wait, ends in steps:
        at += wait
        last = (role, at, at + 10 if ends else None)
        people.add(granted("ann", role, at, until=AT + timedelta(seconds=at + 10) if ends else None))
    token = make_token("ann", KEY, AT + timedelta(seconds=made))
    for now in (made, made + 20):
        found = people.caller(token, KEY, AT + timedelta(seconds=now))
        role, since, end = last or (None, 0, None)
        holds = role is not None and made >= since and (end is None or now < end)
        assert (found.role if found else None) == (role if holds else None)
    assert people.caller(make_token("bob", KEY, AT), KEY, AT) is None
