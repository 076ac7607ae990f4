"""Bodies by type, by looks, compressed and broken: a value or named problems, never an exception."""

import gzip
import json
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.domain.bodies import MAX_INFLATED_BYTES, parse_body

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PARTS = [
    b'--XX\nContent-Disposition: form-data; name="from"\n\nAna <ana@acme.com>',
    b'--XX\nContent-Disposition: form-data; name="text"\nContent-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe',
    b'--XX\nContent-Disposition: form-data; name="charsets"\n\n{"from":"UTF-8","subject":"windows-1251"}',
    b'--XX\nContent-Disposition: form-data; name="subject"\n\n\xcf\xf0\xe8\xe2\xe5\xf2',
    b'--XX\nContent-Disposition: form-data; name="file"; filename="a;b.pdf"\nContent-Type: x/y\n\n%PDF\n--XY\n\x00\x01',
    b"--XX--\n",
]


@pytest.mark.parametrize("kind", [JSON, "application/vnd.api+json; charset=utf-8", "text/plain", "", FORM])
def test_json_under_any_name(kind: str) -> None:
    found = parse_body(b' {"email":"a@b.co","n":1}', kind)
    assert (found.format, found.value) == ("json", {"email": "a@b.co", "n": 1})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a=1&b=x+y%40z", {"a": "1", "b": "x y@z"}),
        (b"contact[email]=a%40b.co&contact[fields][7]=x", {"contact": {"email": "a@b.co", "fields": {"7": "x"}}}),
        (b"tags[]=a&tags[]=b&n=1&n=2", {"tags": {"": ["a", "b"]}, "n": ["1", "2"]}),
        (b"a=1&a[b]=2", {"a": {"": "1", "b": "2"}}),
        (b"a[b=1&[c]=2&=3", {"a[b": "1", "[c]": "2", "": "3"}),
        (b"name=%ZZ&city=M%FCnchen", {"name": "%ZZ", "city": "München"}),
        (b"_charset_=windows-1251&name=%CF%F0%E8%E2%E5%F2", {"_charset_": "windows-1251", "name": "Привет"}),
        (b"data.json=%7B%7D", {"data.json": "{}"}),
    ],
)
def test_urlencoded(body: bytes, expected: object) -> None:
    assert parse_body(body, FORM).value == expected


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_multipart_with_either_line_end_and_a_charset_per_field(line_end: bytes) -> None:
    body = b"\n".join(PARTS).replace(b"\n", line_end)
    value = parse_body(body, 'multipart/form-data; boundary="XX"').value
    assert isinstance(value, dict)
    assert value["from"] == "Ana <ana@acme.com>"
    assert value["text"] == "Grüße"
    assert value["subject"] == "Привет"
    assert value["file"] == {
        "filename": "a;b.pdf",
        "content_type": "x/y",
        "bytes": 4 + 4 + 2 + 2 * len(line_end),
    }


@pytest.mark.parametrize("packed", [gzip.compress(b'{"a":1}', mtime=0), zlib.compress(b'{"a":1}')])
def test_compressed(packed: bytes) -> None:
    assert parse_body(packed, JSON, "gzip").value == {"a": 1}


@pytest.mark.parametrize(
    ("body", "encoding", "problem"),
    [
        (gzip.compress(b"0" * (MAX_INFLATED_BYTES + 1)), "gzip", "inflates_too_far"),
        (gzip.compress(b'{"a":1}', mtime=0)[:-9], "gzip", "compressed_body_cut_off"),
        (b"plain", "gzip", "not_compressed"),
        (b"plain", "br", "content_encoding"),
    ],
)
def test_what_cannot_be_inflated_is_named(body: bytes, encoding: str, problem: str) -> None:
    found = parse_body(body, JSON, encoding)
    assert (found.format, found.problems) == ("unreadable", (problem,))


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":NaN}',
        b'{"a":1e400}',
        b"[" * 20_000,
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":"\xff"}',
        b'{"a"',
        b"\x00\x01{",
    ],
)
def test_poison_is_unreadable_with_a_reason(body: bytes) -> None:
    found = parse_body(body, JSON)
    assert found.format == "unreadable"
    assert found.problems[0].startswith("json: ")


def test_what_had_to_be_normalised_is_recorded() -> None:
    found = parse_body(b'{"a":"x\\u0000","b":"\\ud800","b":"c"}', JSON)
    assert found.format == "json"
    assert set(found.problems) == {"nul", "surrogate", "duplicate_key"}


TYPES = st.one_of(
    st.sampled_from(
        [JSON, FORM, "text/plain", "multipart/form-data; boundary=XX", "multipart/form-data", "application/xml", ""]
    ),
    st.text(max_size=60),
)
PIECES = st.sampled_from(
    [b"--XX", b"--XX--", b"\r\n", b"\n", b"\n\n", b'Content-Disposition: form-data; name="a"', b'; filename="f"', b"a[b][c]=1",
     b"&", b"=", b"[", b"]", b"%", b"%FF", b"{", b'"', b"\x00", b"\xed\xa0\x80", b"charset=utf-16", b"_charset_=utf-7&"]
)  # fmt: skip
BODIES = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=30).map(b"".join))


@given(body=BODIES, kind=TYPES, encoding=st.sampled_from(["", "gzip", "deflate", "br"]))
@example(body=b"a" + b"[b]" * 5_000 + b"=1", kind=FORM, encoding="")
@example(body=b"&".join(b"a%d=1" % n for n in range(6_000)), kind=FORM, encoding="")
@example(body=b"_charset_=idna&a=%FF", kind=FORM, encoding="")
@example(body=b"_charset_=hex&a=%FF", kind=FORM, encoding="")
def test_total_and_storable(body: bytes, kind: str, encoding: str) -> None:
    """Whatever comes, the value goes through JSON, UTF-8 and so Postgres."""
    found = parse_body(body, kind, encoding)
    text = json.dumps(found.value, ensure_ascii=False)
    assert "\\u0000" not in json.dumps(found.value)
    text.encode()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"<lead><email>a@b.co</email></lead>", {"email": "a@b.co"}),
        (b'<l><field name="E-mail">a@b.co</field><tag/></l>', {"E-mail": "a@b.co", "tag": ""}),
        (b'<l><name part="first">Ana</name><name part="last">Ruiz</name></l>', {"first name": "Ana", "last name": "Ruiz"}),
        (b"<l><to>x</to><to>y</to><a><b>z</b></a></l>", {"to": ["x", "y"], "a": {"b": "z"}}),
        ('<?xml version="1.0" encoding="iso-8859-1"?><l><n>Jörg</n></l>'.encode("latin-1"), {"n": "Jörg"}),
        (b'<x:l xmlns:x="urn:x"><x:n>1</x:n></x:l>', {"n": "1"}), (b"<n>1</n>", {"n": "1"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["application/xml", "text/xml; charset=utf-8", "application/atom+xml"])
def test_simple_xml(body: bytes, value: object, kind: str) -> None:
    found = parse_body(body, kind)
    assert (found.format, found.value) == ("xml", value)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE l [<!ENTITY a "b">]><l>&a;</l>', b'<!DOCTYPE l SYSTEM "http://x.example/l.dtd"><l/>',
        b"<l>", b"{}", b"<l>\xff</l>", b"<l>" + b"<b/>" * 50_000 + b"</l>",
    ],
)  # fmt: skip
def test_xml_that_is_refused_is_unreadable_with_a_reason(body: bytes) -> None:
    found = parse_body(body, "application/xml")
    assert (found.format, found.problems[0][:5]) == ("unreadable", "xml: ")


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/jsonl", "text/plain"])
def test_a_value_a_line(kind: str) -> None:
    assert parse_body(b'{"a":1}\n\n{"a":2}\r\n', kind).value == [{"a": 1}, {"a": 2}]


def test_a_bad_line_does_not_sink_the_others() -> None:
    found = parse_body(b'{"a":1}\n{"a":\n[3]\n', "application/x-ndjson")
    assert (found.value, found.problems) == ([{"a": 1}, None, [3]], ("line 2 is no JSON",))


def test_json_of_countless_objects_is_unreadable() -> None:
    found = parse_body(b"[" + b"{}," * 20_000 + b"{}]", JSON)
    assert (found.format, found.problems) == ("unreadable", ("json: more than 20000 objects and lists",))
