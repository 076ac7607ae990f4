"""Addresses: one spelling, one mailbox, one kind."""

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.identity.domains import company_domain, domain_kind, registrable_domain
from libs.identity.free_mail import FREE_MAIL
from libs.identity.mail import ROLE_MAILBOXES, TELLS_COMPANY, email_kind, mailbox_key, normalised_email
from tests.libs.identity.spellings import SHARED, addresses, locals_, spelled


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ana.Ruiz@Acme.COM ", "ana.ruiz@acme.com"), ("Ana <ana@acme.com>", "ana@acme.com"), ("<ana@acme.com>,", "ana@acme.com"),
        ("MAILTO:ana@acme.com?subject=Hi", "ana@acme.com"), ("ana+news@acme.com", "ana+news@acme.com"),
        ("ana@müller.de", "ana@xn--mller-kva.de"), ("ana@STRAßE.de", "ana@xn--strae-oqa.de"),
        ("ana@@acme.com", ""), ("ana@", ""), ("@acme.com", ""), ("a b@acme.com", ""), ("ana@localhost", ""), ("", ""),
        ("ana@acme.com" + " " * 2000, ""),
    ],
)  # fmt: skip
def test_one_spelling(text: str, address: str) -> None:
    assert normalised_email(text) == address


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ana.ruiz+x@gmail.com", "AnaRuiz@googlemail.com", True), ("ana+x@pm.me", "ana@protonmail.com", True),
        ("ana+x@acme.com", "ana@acme.com", False), ("ana.ruiz@acme.com", "anaruiz@acme.com", False),
        ("ana.ruiz@outlook.com", "anaruiz@outlook.com", False), ("+@gmail.com", "+@gmail.com", True),
    ],
)  # fmt: skip
def test_one_mailbox(one: str, other: str, same: bool) -> None:
    assert (mailbox_key(one) == mailbox_key(other)) is same
    assert mailbox_key(one)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("ann@acme.com", "corporate"), ("ann@mail.acme.co.uk", "corporate"), ("info@acme.com", "role"),
        ("Sales+x@acme.com", "role"), ("info@gmail.com", "free"), ("ann@mail.yahoo.co.uk", "free"),
        ("ann@mailinator.com", "disposable"),
        ("info@acme.wixsite.com", "shared"), ("ann@wixsite.com", "shared"), ("ann@acme.github.io", "corporate"),
        ("ann@github.io", "shared"), ("ann@acme.uk.com", "corporate"), ("ann", None), ("", None),
    ],
)  # fmt: skip
def test_kinds(address: str, kind: str | None) -> None:
    assert email_kind(address, SHARED) == kind


@given(addresses)
def test_a_spelling_is_its_own_spelling(address: str) -> None:
    kept = normalised_email(address)
    assert kept
    assert normalised_email(kept) == kept
    assert mailbox_key(mailbox_key(kept)) == mailbox_key(kept)
    assert mailbox_key(kept) == mailbox_key(address)


@given(addresses, st.randoms(use_true_random=False))
def test_how_it_is_typed_changes_nothing(address: str, chance: Random) -> None:
    typed = spelled(address, chance)
    assert normalised_email(typed) == normalised_email(address)
    assert email_kind(typed, SHARED) == email_kind(address, SHARED)


@given(addresses)
def test_identity_key_dedupe_and_enrich_agree_on_what_is_corporate(address: str) -> None:
    """The kept address (identity key, enrich) and the mailbox (dedupe) tell the same company, or none."""
    kept, mailbox = normalised_email(address), mailbox_key(address)
    assert company_domain(kept, SHARED) == company_domain(mailbox, SHARED)
    assert email_kind(kept, SHARED) == email_kind(mailbox, SHARED)
    tells = email_kind(kept, SHARED) in TELLS_COMPANY
    assert bool(company_domain(kept, SHARED)) is tells
    assert company_domain(kept, SHARED) == (registrable_domain(kept) if tells else "")


@given(locals_, st.sampled_from(sorted(FREE_MAIL)))
def test_free_mail_is_free_whoever_writes(local: str, domain: str) -> None:
    assert email_kind(f"{local}@{domain}", SHARED) == "free"
    assert company_domain(domain) == ""


@given(
    st.sampled_from(sorted(ROLE_MAILBOXES)),
    st.sampled_from(("acme.com", "gmail.com", "mailinator.com", "acme.wixsite.com")),
)
def test_the_domain_counts_before_the_name(role: str, domain: str) -> None:
    kind = domain_kind(domain, SHARED)
    assert email_kind(f"{role}@{domain}", SHARED) == ("role" if kind == "corporate" else kind)


@given(st.one_of(st.text(), st.emails(), st.text(alphabet="@<>. a-Zß.:/?+İǅ", max_size=40)))
@example("mailto:")
@example("İ@acme.com")
def test_total(text: str) -> None:
    kept = normalised_email(text)
    assert normalised_email(kept) == kept
    assert (email_kind(text) is None) is (not kept)
    assert bool(mailbox_key(text)) is bool(kept)
