"""What an address says: over the labelled corpus, mistyped mail providers, and suffixes that the whole world uses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.identity.free_mail import FREE_MAIL
from libs.identity.words import word_set
from services.enrich.connectors.email_domain import EmailDomain
from services.enrich.domain.country_suffixes import COUNTRY_SUFFIXES
from services.enrich.domain.mail_typos import PROVIDERS, meant_domain
from tests.services.enrich.corpora import Row, is_tuned_on, rows, said, share_right


def fields(row: Row) -> dict[str, str]:
    return {"email": row["email"]}


@pytest.mark.parametrize("tuned_on", [True, False])
async def test_the_corpus_is_read_as_labelled(tuned_on: bool) -> None:
    half = [row for row in rows("emails") if is_tuned_on(row) == tuned_on]
    assert len(half) > 55
    assert await share_right(EmailDomain(), half, fields, ("kind", "domain", "country")) >= 0.97
    told = [(row["meant"], (await said(EmailDomain(), fields(row)))["email_kind"].reason) for row in half]
    assert sum((meant in reason) if meant else "probably" not in reason for meant, reason in told) / len(told) >= 0.97


async def test_a_slip_is_told_and_the_address_stays() -> None:
    answers = await said(EmailDomain(), {"email": "Ann@Gmial.com"})
    kind = answers["email_kind"]
    assert (kind.value, kind.evidence[0].quote) == ("free", "Ann@Gmial.com")
    assert kind.reason == "gmial.com is probably gmail.com, mistyped; the address is kept as given"
    assert answers["domain"].value is None
    assert "email" not in answers


def test_suffixes_that_the_whole_world_uses_tell_no_country() -> None:
    assert COUNTRY_SUFFIXES.isdisjoint(word_set("io co ai me tv cc fm gg ly to ws vc eu sh so nu la li im st md"))


REAL = [*sorted(FREE_MAIL), "cloud.com", "wahoo.com", "love.com", "web.com", "laposte.fr", "gmailer.de", "acme.com"]


@pytest.mark.parametrize("domain", REAL)
def test_real_domains_are_no_slips(domain: str) -> None:
    assert meant_domain(domain) == ""


@given(st.sampled_from(sorted(PROVIDERS)), st.data())
def test_a_swap_of_two_letters_is_seen(label: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(label) - 2))
    slip = label[:at] + label[at + 1] + label[at] + label[at + 2 :]
    suffix = PROVIDERS[label].split()[0]
    meant = meant_domain(f"{slip}.{suffix}")
    assert meant in ("", f"{label}.{suffix}")
    assert (meant == "") == (f"{slip}.{suffix}" in FREE_MAIL or slip == label)
