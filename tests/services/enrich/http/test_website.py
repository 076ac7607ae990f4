"""The company's own site: what is taken from it and what is not, on real sockets."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.load import load_policy, read_files
from services.enrich.connectors.website import Website
from services.enrich.domain.findings import Finding
from services.enrich.domain.proof import proven
from services.enrich.http.organisation import organisation_of
from services.enrich.http.page import Unreadable, decoded, parsed
from services.enrich.http.parked import not_a_site
from services.enrich.http.quotes import cleaned, json_quote, quote_of
from services.enrich.http.site_facts import facts
from services.enrich.http.socials import social_pages
from services.enrich.http.tech import GENERATORS, HOSTS, hinted
from tests.paths import ROOT
from tests.services.enrich.http.serving import Kept, Web, site_reader, web
from tests.services.enrich.makers import a_lead

ORGANISATION = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "Review", "author": {"@type": "Organization", "name": "Somebody else"}},
        {"@type": "Organization", "name": "Customer Inc", "url": "https://customer.example"},
        {
            "@type": ["Organization", "Brand"], "name": "Acme & Söhne GmbH", "url": "https://www.acme.example/",
            "numberOfEmployees": {"@type": "QuantitativeValue", "value": 120}, "foundingDate": "1999",
            "address": {"@id": "#hq"}, "sameAs": ["https://www.linkedin.com/company/acme"], "telephone": "+49 221 1234",
        },
        {"@id": "#hq", "@type": "PostalAddress", "addressCountry": "Germany", "addressLocality": "Köln"},
    ],
}  # fmt: skip
HOME = f"""<!doctype html><html><head><meta charset=utf-8><title>Robots for everybody | Acme</title>
<meta name="description" content="We build &quot;robots&quot; that   sort mail.">
<link rel="canonical" href="https://acme.example/"><meta name="generator" content="WordPress 6.4">
<script src="https://js.hs-scripts.com/123.js"></script>
<script type="application/ld+json">{json.dumps(ORGANISATION)}</script></head><body>
<!-- <a href="https://github.com/comment">no</a> <meta property="og:site_name" content="Comment Corp"> -->
<div style="display: none"><a href="https://facebook.com/hidden">no</a></div>
<a href="https://x.com/acme">X</a> <a href="https://twitter.com/share?u=1">share</a></body></html>"""
FOUND = {
    "company": "Acme & Söhne GmbH", "website": "https://acme.example/", "employees": 120, "country": "DE", "city": "Köln",
    "tech_stack": ["HubSpot", "WordPress"], "description": 'We build "robots" that sort mail.', "founded": "1999",
    "social_links": ["https://www.linkedin.com/company/acme", "https://x.com/acme"], "company_phone": "+49 221 1234",
}  # fmt: skip


async def asked(reader: Website, domain: str = "acme.example") -> dict[str, Finding]:
    [findings] = await reader.answer([{"domain": domain}])
    return {one.field: one for one in findings}


def values(found: dict[str, Finding]) -> dict[str, object]:
    return {name: one.value for name, one in found.items() if one.outcome == "found"}


def why(found: dict[str, Finding]) -> set[tuple[str, str]]:
    return {(one.outcome, one.reason) for one in found.values()}


async def test_a_site_is_read_with_evidence_for_every_value() -> None:
    async with web() as server:
        server.page("/", HOME)
        found = await asked(site_reader(server))
        assert "User-Agent: Signalbox/1.0" in server.heads[-1] or "user-agent: Signalbox/1.0" in server.heads[-1]
    assert values(found) == FOUND
    for finding in found.values():
        assert proven(finding) == finding
        assert all(one.quote in HOME and one.where.startswith("http://acme.example/#") for one in finding.evidence)


async def test_an_answer_is_kept_and_nothing_a_shorter_time() -> None:
    async with web() as server:
        server.page("/", HOME)
        kept = Kept()
        await asked(site_reader(server, kept))
        again = await asked(site_reader(server, kept))
        assert (values(again), server.asked) == (FOUND, ["/"])
        server.page("/", "<title>Index of /</title>")
        other = Kept()
        found = await asked(site_reader(server, other))
        [until] = [held[1] for (provider, _), held in other.held.items() if provider == "website"]
    assert why(found) == {("nothing", "only a default or error page: Index of /")}
    assert (until - next(held[1] for (name, _), held in kept.held.items() if name == "website")).days == -6


async def test_who_gives_up_does_not_stop_the_call() -> None:
    async with web() as server:
        server.page("/", HOME)
        server.waits = asyncio.Event()
        reader = site_reader(server)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await asked(reader)
        server.waits.set()
        assert values(await asked(reader)) == FOUND
        assert server.asked == ["/"]


async def test_robots_are_honoured() -> None:
    async with web() as server:
        server.page("/", HOME)
        server.page("/robots.txt", "User-agent: *\nDisallow:\n\nUser-agent: Signalbox\nDisallow: /\n")
        assert why(await asked(site_reader(server))) == {("nothing", "robots.txt does not allow it")}
        server.page("/robots.txt", status=503)
        [(outcome, reason)] = why(await asked(site_reader(server)))
        assert (outcome, "HTTP 503" in reason, server.asked) == ("unavailable", True, [])


async def test_another_domain_s_words_are_not_taken() -> None:
    async with web() as server:
        server.page("/", status=301, location="http://bigcorp.example/")
        [(outcome, reason)] = why(await asked(site_reader(server, None, "acme.example", "bigcorp.example")))
        assert outcome == "nothing"
        assert "acme.example redirects to bigcorp.example" in reason
        assert server.asked == ["/"], "it is not even asked"


async def test_errors_and_walls() -> None:
    async with web() as server:
        for status, outcome in ((404, "nothing"), (403, "nothing"), (500, "unavailable"), (429, "unavailable")):
            server.page("/", HOME, status)
            assert {one for one, _ in why(await asked(site_reader(server)))} == {outcome}
        server.page("/", b"%PDF", content_type="application/pdf")
        assert {one for one, _ in why(await asked(site_reader(server)))} == {"nothing"}


async def test_a_site_that_fails_is_left_alone() -> None:
    async with web() as server:
        server.page("/", status=500)
        reader = site_reader(server)
        for _ in range(5):
            last = await asked(reader)
        assert len(server.asked) == 3
    [(_, reason)] = why(last)
    assert "left alone" in reason


async def test_more_pages_add_what_the_first_leaves_open() -> None:
    async with web() as server:
        server.page("/", '<title>Acme</title><meta name=description content="Front page words">')
        server.page("/about", HOME)
        found = await asked(site_reader(server, None, pages=("/", "/about", "/none")))
    assert values(found)["description"] == "Front page words"
    assert values(found)["employees"] == 120


async def test_a_host_has_its_turn() -> None:
    async with web() as server:
        server.page("/", HOME)
        reader = site_reader(server, None, per_host_seconds=60, timeout_seconds=2)
        assert values(await asked(reader)) == FOUND
        reader._asking.cache = Kept()
        [(outcome, reason)] = why(await asked(reader))
    assert (outcome, "not asked more often" in reason) == ("unavailable", True)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 300_000, "<a href=x>" * 100_000, "<b id=1><i id=2>" * 60_000, "<div></x>" * 100_000, "<!--" * 250_000,
        "<table><tr><td>" * 60_000, "<title>" * 100_000, "\x00" * 500_000, "<svg><title>" * 60_000, "<" * 1_000_000,
        "<p>" * 250_000, "<li>" * 250_000, "<select><option>" * 50_000, "<a href='" + "x" * 900_000 + "'>", "&" * 900_000,
        f'<script type="application/ld+json">{"[" * 150_000}</script>', "<meta name=a content=b>" * 40_000,
        '<script type="application/ld+json">{"numberOfEmployees": ' + "9" * 100_000 + "}</script>",
    ],
    ids=range(18),
)  # fmt: skip
async def test_hostile_markup_takes_no_time_and_gives_nothing(html: str) -> None:
    async with asyncio.timeout(15):
        try:
            found = await asyncio.to_thread(lambda: facts(parsed(html, "http://a.example/"), "a.example"))
        except Unreadable:
            found = []
    assert [one.field for one in found if one.field not in ("social_links",)] == []


def test_circles_and_bombs_in_json_ld_end() -> None:
    circle = [
        {"@type": "Organization", "@id": "#a", "name": "Acme", "address": {"@id": "#a"}, "publisher": {"@id": "#a"}}
    ]
    bomb = [{"@graph": [{"@graph": [{"x": 1}] * 50}] * 50}] * 50
    page = parsed(
        "".join(f'<script type="application/ld+json">{json.dumps(one)}</script>' for one in (circle, bomb)),
        "http://a.example/",
    )
    own = organisation_of(page.items, "acme.example")
    assert own is not None
    assert (own.name, own.country) == ("Acme", "")


WORDS = ("@type", "name", "url", "address", "addressCountry", "numberOfEmployees", "value", "sameAs", "@id", "minValue")
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_no_json_ld_breaks_the_reader(item: object) -> None:
    items = [{"@type": "Organization", "name": "A", **item}] if isinstance(item, dict) else []
    organisation_of(items, "a.example")


def test_texts_are_cleaned_and_quoted_as_they_stand() -> None:
    assert cleaned("A\u202eb\x00c\u200b  d\n") == "Abc d"
    assert len(cleaned("word " * 500)) <= 300
    page = "<p>Tom &amp; Jerry&#39;s caf\\u00e9 &ndash; S&ouml;hne\n und</p>"
    assert (
        quote_of(page, "Tom & Jerry's café – Söhne und") == "Tom &amp; Jerry&#39;s caf\\u00e9 &ndash; S&ouml;hne\n und"
    )
    assert quote_of(page, "Tom & Jerry GmbH") == ""
    assert json_quote('{"numberOfEmployees": {"@type": "Q", "value": 120}}', "numberOfEmployees", "120").endswith("120")
    assert json_quote('{"numberOfEmployees": 1200}', "numberOfEmployees", "120") == ""


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Z")), min_size=1, max_size=30)
)
def test_what_is_said_in_json_is_found(word: str) -> None:
    told = cleaned(word)
    for page in (json.dumps({"a": told}), json.dumps({"a": told}, ensure_ascii=False)):
        assert not told or "\\\\" in page or quote_of(page, told)


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("Köln".encode(), "text/html; charset=utf-8", "Köln"), ("Köln".encode("cp1252"), "text/html", "Köln"),
        ("Köln".encode("cp1252"), "text/html; charset=utf-8", "Köln"),
        ("Köln".encode("cp1252"), "text/html; charset=rot13", "Köln"),
        (b'<meta charset="shift_jis">' + "東京".encode("shift_jis"), "text/html", '<meta charset="shift_jis">東京'),
        (b"\xef\xbb\xbfx", "text/html; charset=utf-16", "x"), (b"a+AGI-", "text/html; charset=utf-7", "a+AGI-"),
    ],
)  # fmt: skip
def test_characters_are_read_as_they_were_meant(body: bytes, kind: str, text: str) -> None:
    assert decoded(body, kind) == text


@pytest.mark.parametrize(
    ("title", "text"),
    [("acme.com is for sale", ""), ("", "Buy this domain today"), ("Welcome to nginx!", ""), ("404 Not Found", ""),
     ("Just a moment...", ""), ("Apache2 Ubuntu Default Page: It works", ""), ("Coming soon", ""),
     ("Diese Domain steht zum Verkauf", "")],
)  # fmt: skip
def test_parked_and_default_pages(title: str, text: str) -> None:
    assert not_a_site(title, text, ())
    assert not not_a_site("Acme | Robots", "We sell robots. Domain experts.", ())


def test_social_pages_and_tech_hints() -> None:
    assert social_pages(
        ["https://github.com/acme", "https://de.linkedin.com/company/acme/", "https://www.linkedin.com/in/someone",
         "https://www.facebook.com/sharer/sharer.php?u=1", "javascript:alert(1)", "https://youtube.com/watch?v=1",
         "https://x.com/intent/tweet", "https://evil-github.com/acme", "https://github.com.evil.example/acme", "http://[x"]
    ) == ["https://github.com/acme", "https://de.linkedin.com/company/acme/"]  # fmt: skip
    assert len(HOSTS) >= 40
    for host, product in HOSTS.items():
        assert hinted([f"https://{host}/x.js"], "")[product] == f"https://{host}/x.js"
        assert product not in hinted([f"https://{host}.evil.example/x.js", f"/{host}"], "")
    for word, product in GENERATORS.items():
        assert hinted([], f"{word.title()} 1.0") == {product: f"{word.title()} 1.0"}


def test_whose_site_is_asked_about() -> None:
    policy = load_policy(read_files(ROOT / "policy"))
    reader = site_reader(Web(port=1))
    for fields, domain in (
        ({"website": "https://www.acme.de/x"}, "acme.de"), ({"email": "ann@mail.acme.de"}, "acme.de"),
        ({"email": "ann@gmail.com"}, ""), ({"website": "https://linkedin.com/company/x", "email": "a@b.de"}, "b.de"),
        ({"website": "http://127.0.0.1/"}, ""), ({}, ""),
    ):  # fmt: skip
        assert reader.inputs(a_lead(fields), policy) == ({"domain": domain} if domain else {})
