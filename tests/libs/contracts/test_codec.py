"""Bytes become events or a clear refusal: never a crash, never something that Postgres would choke on later."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import SEALED, UnreadableError, body_of, decode, encode, sealed
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.contracts.topics import BY_NAME, COMMANDS, LEAD_RECEIVED, SUBMISSION_RECEIVED
from tests.paths import ROOT

COMMAND = json.loads((ROOT / "libs/contracts/examples/crm.command.v1.json").read_text())
SUBMISSION = (ROOT / "libs/contracts/examples/submission.received.v1.json").read_bytes()
LEAD = (ROOT / "libs/contracts/examples/lead.received.v1.json").read_bytes()


def command(arguments: str) -> bytes:
    """A valid command whose arguments are this JSON text."""
    return json.dumps(COMMAND | {"arguments": "PLACE"}).replace('"PLACE"', arguments).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "arguments",
    [r'"a\u0000b"', r'{"a\u0000": 1}', r'"\ud800"', r'["\udfff x"]', "NaN", "Infinity", "-Infinity", "1e400",
     "[12.5E+0999 ]", "[-1" + "0" * 290 + "e99,1]", '{"a":1' + "0" * 400 + ".0}",
     "[" * 20_000 + "]" * 20_000, '"a\x00b"', '"\udcff"'],
)  # fmt: skip
def test_poison_is_refused(arguments: str) -> None:
    with pytest.raises(UnreadableError) as refusal:
        decode(COMMANDS["crm"], command(arguments), [])
    assert arguments not in str(refusal.value)


@pytest.mark.parametrize(
    "arguments",
    [
        r'"\\u0000"',
        r'"😀"',
        '"NaN"',
        '"Infinity war"',
        "-1.5e300",
        "123456789012345678901",
        '"a3e400"',
        '"1e400, so"',
        "[1e16, 2]",
    ],
)
def test_text_that_only_looks_like_poison_passes(arguments: str) -> None:
    assert decode(COMMANDS["crm"], command(arguments), []).arguments == json.loads(arguments)


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b"{}", b"\xff\xfe", LEAD[:-3], LEAD.replace(b'"lead"', b'"led"')]
)
def test_what_is_no_event_is_unreadable(payload: bytes) -> None:
    with pytest.raises(UnreadableError):
        decode(LEAD_RECEIVED, payload, [])


def test_a_missing_value_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        decode(LEAD_RECEIVED, None, [])


def test_unknown_fields_are_ignored_so_that_producers_may_go_first() -> None:
    grown = json.loads(LEAD) | {"later": 1}
    assert decode(LEAD_RECEIVED, json.dumps(grown).encode(), []) == decode(LEAD_RECEIVED, LEAD, [])


def test_a_newer_schema_version_is_refused() -> None:
    with pytest.raises(UnreadableError):
        decode(LEAD_RECEIVED, LEAD, [("ce_schemaversion", b"2")])


def test_an_event_without_an_id_is_not_encoded() -> None:
    event = decode(LEAD_RECEIVED, LEAD, []).model_copy(update={"event_id": ""})
    with pytest.raises(ValueError, match="without an event id"):
        encode(LEAD_RECEIVED, event, "k", source="t")


class Reversing:
    """A cipher that shows under which key and for what it was asked."""

    def encrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes:
        return SEALED + f"{subject_key_id}|{context}|".encode() + payload[::-1]

    def decrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes:
        head = SEALED + f"{subject_key_id}|{context}|".encode()
        assert payload.startswith(head)
        return payload[len(head) :][::-1]


def test_a_sealed_record_is_read_with_the_cipher_that_sealed_it_and_sealed_once() -> None:
    event = decode(LEAD_RECEIVED, LEAD, [])
    plain = encode(LEAD_RECEIVED, event, "k", source="t", subject_key_id="s")
    record = sealed(plain, Reversing())
    assert b"alex@example.com" in plain.value
    assert b"alex@example.com" not in record.value
    assert sealed(record, Reversing()) == record
    assert decode(LEAD_RECEIVED, record.value, record.headers, Reversing()) == event
    assert decode(LEAD_RECEIVED, plain.value, plain.headers, Reversing()) == event, (
        "what was never sealed is read as ever"
    )
    with pytest.raises(UnreadableError, match="no key for it was given"):
        decode(LEAD_RECEIVED, record.value, record.headers)


def test_what_is_about_nobody_is_not_sealed() -> None:
    record = encode(LEAD_RECEIVED, decode(LEAD_RECEIVED, LEAD, []), "k", source="t")
    assert sealed(record, Reversing()) == record


def test_a_raw_record_is_sealed_twice_its_bytes_and_its_facts() -> None:
    event = decode(SUBMISSION_RECEIVED, b"", [("sb_facts", SUBMISSION)])
    plain = encode(SUBMISSION_RECEIVED, event, "k", source="t", subject_key_id="s", raw=b"name=Alex")
    record = sealed(plain, Reversing())
    assert b"Alex" not in record.value
    assert decode(SUBMISSION_RECEIVED, record.value, record.headers, Reversing()) == event
    assert body_of(record.value, record.headers, Reversing()) == b"name=Alex"
    assert body_of(plain.value, plain.headers, None) == b"name=Alex"


@given(st.binary(max_size=300))
def test_decode_is_total_over_bytes(payload: bytes) -> None:
    for name in ("lead.received.v1", "submission.received.v1", "crm.command.v1"):
        try:
            decode(BY_NAME[name], payload, [("sb_facts", payload)])
        except UnreadableError:
            continue


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_parse_strict_gives_back_ordinary_json(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    if "\x00" not in json.dumps(value) and "\\u0000" not in json.dumps(value):
        parsed = parse_strict(
            text.encode("utf-8", "surrogatepass") if text.isprintable() else json.dumps(value).encode()
        )
        if not parsed.normalised:
            assert parsed.value == value


@pytest.mark.parametrize(
    ("body", "normalised", "value"),
    [
        (rb'{"a":1,"a":2}', ("duplicate_key",), {"a": 2}),
        (rb'{"a":"x\u0000y"}', ("nul",), {"a": "x�y"}),
        (rb'["\ud800"]', ("surrogate",), ["�"]),
        (rb'{"\u0000":["\u0000"]}', ("nul",), {"�": ["�"]}),
        (b'\xef\xbb\xbf{"bom":1}', (), {"bom": 1}),
    ],
)
def test_normalisations_are_recorded(body: bytes, normalised: tuple[str, ...], value: object) -> None:
    parsed = parse_strict(body)
    assert (parsed.normalised, parsed.value) == (normalised, value)


@pytest.mark.parametrize(
    "body", [b"NaN", b"1e400", b"-Infinity", b"[" * 65 + b"]" * 65, b"9" * 401, b"\xff", b"{", b""]
)
def test_parse_strict_refuses(body: bytes) -> None:
    with pytest.raises(StrictJsonError):
        parse_strict(body)


@given(st.binary(max_size=200))
def test_parse_strict_is_total(body: bytes) -> None:
    try:
        value = parse_strict(body).value
    except StrictJsonError:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
