"""Domains: what somebody registered, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.identity.domains import company_domain, domain_kind, host_of, registrable_domain
from tests.libs.identity.spellings import SHARED, hosts


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.shop.acme.co.uk/pricing?x=1", "acme.co.uk"), ("acme.com", "acme.com"), ("ana@mail.acme.com", "acme.com"),
        ("WWW.ACME.COM:8080", "acme.com"), ("//acme.com", "acme.com"), ("acme.com/@ana", "acme.com"), ("acme.com.", "acme.com"),
        ("https://ann:pw@acme.com/a b", "acme.com"), ("müller.de", "xn--mller-kva.de"), ("straße.de", "xn--strae-oqa.de"),
        ("acme.uk.com", "acme.uk.com"), ("a.acme.github.io", "acme.github.io"), ("acme.newtld", "acme.newtld"),
        ("r3---a.acme.com", "acme.com"), ("my_shop.acme.com", "acme.com"),
        ("co.uk", ""), ("github.io", ""), ("localhost", ""), ("10.0.0.1", ""), ("http://", ""), ("[::1]", ""),
        ("not a domain", ""), ("", ""), ("a" * 300 + ".com", ""), ("acme.com/" + "x" * 3000, ""),
    ],
)  # fmt: skip
def test_registrable_domain(text: str, domain: str) -> None:
    assert registrable_domain(text) == domain


@given(hosts)
def test_address_url_and_host_name_the_same_domain(host: str) -> None:
    domain = registrable_domain(host)
    spellings = (
        f"x@{host}",
        f"https://{host}/a?b=c@d",
        f"HTTP://{host.upper()}:8443" if "ß" not in host else host,
        f" {host}. ",
    )
    for text in spellings:
        assert registrable_domain(text) == domain
        assert domain_kind(text, SHARED) == domain_kind(host, SHARED)
        assert company_domain(text, SHARED) == company_domain(host, SHARED)
    assert registrable_domain(domain) == domain


@given(hosts, st.sampled_from(("mail", "www", "a.b")))
def test_what_stands_below_a_domain_is_of_its_kind(host: str, below: str) -> None:
    """A subdomain is free, disposable or shared when its domain is; it never tells a company that the domain does not."""
    kind = domain_kind(host, SHARED)
    assert domain_kind(f"{below}.{host}", SHARED) == kind or (kind == "shared" and not registrable_domain(host))


@given(hosts)
def test_a_policy_that_shares_a_domain_only_takes_away(host: str) -> None:
    assert company_domain(host, SHARED) in ("", company_domain(host))
    domain = company_domain(host)
    assert not domain or company_domain(host, (domain,)) == ""


@given(st.one_of(st.text(), st.text(alphabet="acme.@:/?#[]-_ßİ。 ", max_size=40)))
def test_total(text: str) -> None:
    host = host_of(text)
    assert host.isascii()
    assert host_of(host) == host
    domain = registrable_domain(text)
    assert not domain or host == domain or host.endswith(f".{domain}")
    assert registrable_domain(domain) == domain
    assert domain_kind(text) in ("corporate", "free", "disposable", "shared")
