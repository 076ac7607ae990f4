"""One person, one company, one mailbox in many spellings; and those that only look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.identity.companies import acronyms_of, company_key, company_keys, is_acronym
from libs.identity.domains import company_domain, domain_kind, registrable_domain, site_domain
from libs.identity.free_mail import EMPLOYER_HOSTS, FREE_MAIL, SHARED_HOSTS
from libs.identity.mail import email_kind, mailbox_key
from libs.identity.names import given_name, name_block, name_key, other_given_name
from libs.identity.nicknames import NICKNAMES, one_spelling
from libs.identity.scripts import plain, without_umlauts

LETTERS = st.text(alphabet="aeioußüöäøåæłđıžřşğ БбДдЖжЯяΓγου'’-.,QqzZ", max_size=24)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dr. Jürgen Müller", "Mueller, Juergen"), ("Søren Nørgaard", "Soeren Noergaard"), ("Håkon Aas", "Haakon Aas"),
        ("Işıl Yılmaz", "ISIL YILMAZ"), ("Michał Zieliński", "Michal Zielinski"), ("Jiří Dvořák", "Jiri Dvorak"),
        ("Дмитрий Соколов", "Dmitriy Sokolov"), ("Юрий Щукин", "Yury Shchukin"), ("Олександр Коваль", "Alexander Koval"),
        ("Γιώργος Παπαδόπουλος", "Yorgos Papadopoulos"), ("Mohammed Al Farsi", "Muhammad Al-Farsi"),
        ("Mohamed Alfarsi", "Mohammed al farsi"), ("Seán Ó Murchú", "Sean O'Murchu"), ("Mike O’Neil", "mike oneil"),
        ("Dijk, Pieter van", "Pieter van Dijk"), ("Pieter Dijk", "Pieter van Dijk"), ("Sophie Hall, MBA", "Sophie Hall"),
        ("Maria de la Cruz", "Maria Cruz"), ("Katharina Stein", "Katherine Stein"), ("Hart, William Jr.", "William Hart"),
    ],
)  # fmt: skip
def test_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bob Smith", "Robert Smith"), ("Bill Hart", "William Hart"), ("Kate Jones", "Katherine Jones"),
    ("Sasha Ivanov", "Aleksandr Ivanov")],
)  # fmt: skip
def test_short_forms_meet_and_stay_apart_as_keys(one: str, other: str) -> None:
    assert name_block(one) == name_block(other)
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [
        ("Maria Rossi", "Mario Rossi", True), ("Martin Weiss", "Martina Weiss", True), ("Andrea Roth", "Andreas Roth", True),
        ("Simon Petit", "Simone Petit", True), ("Anna Becker", "Anne Becker", False), ("Liz Hart", "Elizabeth Hart", False),
        ("A. Becker", "Anna Becker", False), ("Jonh Smith", "John Smith", False), ("", "John Smith", False),
    ],
)  # fmt: skip
def test_given_names_of_two_people(one: str, other: str, two: bool) -> None:
    assert other_given_name(one, other) is two
    assert other_given_name(other, one) is two


def test_the_given_name_is_the_first_spoken() -> None:
    assert [given_name(one) for one in ("Ann Lee", "Lee, Ann", "Dr. Ann Lee", "")] == ["ann", "ann", "ann", ""]


@given(LETTERS)
def test_keys_are_their_own_spelling(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert without_umlauts(without_umlauts(text)) == without_umlauts(text)
    assert name_key(text.upper()) == name_key(text.upper().lower())


@given(st.sampled_from(sorted(NICKNAMES)), st.sampled_from(["Smith", "Núñez"]))
def test_every_short_form_meets_its_full_name(full: str, last: str) -> None:
    assert one_spelling(full) == full == without_umlauts(full)
    for short in NICKNAMES[full]:
        assert name_block(f"{short} {last}") == name_block(f"{last}, {full}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller & Söhne KG", "Mueller und Soehne"), ("Gujarat Castings Private Limited", "Gujarat Castings Pvt. Ltd."),
        ("Table Bay Wines (Pty) Ltd", "table bay wines"), ("Merlion Shipping Pte. Ltd.", "Merlion Shipping"),
        ("Andina Textil S.A.C.", "ANDINA TEXTIL"), ("Cerámica Jalisco S.A. de C.V.", "Ceramica Jalisco"),
        ("Foo UG (haftungsbeschränkt)", "Foo"), ("Foo Co., Ltd.", "FOO"), ("ООО Сокол Металл", "Sokol Metall"),
        ("Παπαδόπουλος Εξαγωγές ΑΕ", "Papadopoulos Exagoges"),
        ("Établissements Duval et Fils", "Etablissements Duval & Fils"),
        ("Harrow + Finch", "Harrow and Finch Limited"), ("The Corner Café", "Corner Cafe"), ("L’Oréal", "LOreal"),
        ("Donau GmbH & Co KG", "Donau"), ("Die Brücke e.K.", "Bruecke"), ("Skåne Möbler AB", "Skane Mobler"),
    ],
)  # fmt: skip
def test_one_company(one: str, other: str) -> None:
    assert company_key(one) == company_key(other) != ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Luminara (formerly Brightside Lighting)", {"luminara", "brightside lighting"}),
        ("Baker Farms LLC d/b/a Greenleaf Organics", {"baker farms", "greenleaf organics"}),
        ("Verpackwerk, vormals Packster", {"verpackwerk", "packster"}), ("ex-Cloudbarn", {"cloudbarn"}),
        ("Acme / Beta", {"acme", "beta"}),
    ],
)  # fmt: skip
def test_a_text_may_name_several(text: str, names: set[str]) -> None:
    assert names <= set(company_keys(text))
    assert company_keys(text)[0] == company_key(text)
    assert company_keys("Ex Libris")[0] == "ex libris"


def test_letters_may_stand_for_a_name() -> None:
    assert "ibm" in acronyms_of("International Business Machines Corporation")
    assert is_acronym("IBM", "International Business Machines")
    assert is_acronym("Allgemeine Bau München", "ABM Baugesellschaft")
    assert not is_acronym("IB", "International Business")
    assert not is_acronym("Acme", "Acme Robotics Inc")
    assert company_key("IBM") != company_key("International Business Machines")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.b@icloud.com", "a.b@me.com", True), ("olga.i@yandex.ru", "olga-i@ya.ru", True),
        ("j_doe@proton.me", "jdoe@pm.me", True),
        ("ann+x@hotmail.co.uk", "ann@hotmail.co.uk", True), ("ann@hotmail.com", "ann@outlook.com", False),
        ("ann@gmx.de", "ann@gmx.net", False), ("a.b@yahoo.com", "ab@yahoo.com", False),
        ("live+x@live.acme.com", "live@live.acme.com", False),
    ],
)  # fmt: skip
def test_mailboxes_of_providers(one: str, other: str, same: bool) -> None:
    assert (mailbox_key(one) == mailbox_key(other)) is same


@pytest.mark.parametrize(
    ("employer", "provider"),
    [
        ("telekom.de", "t-online.de"), ("orange.com", "orange.fr"), ("comcast.com", "comcast.net"),
        ("google.com", "gmail.com"),
        ("apple.com", "icloud.com"), ("microsoft.com", "outlook.com"), ("yandex-team.ru", "yandex.ru"),
        ("corp.mail.ru", "mail.ru"),
        ("firma.seznam.cz", "seznam.cz"), ("verizon.com", "verizon.net"), ("kpn.com", "kpnmail.nl"),
        ("navercorp.com", "naver.com"),
        ("att.com", "att.net"), ("yahooinc.com", "yahoo.com"), ("swisscom.com", "bluewin.ch"),
        ("stanford.edu", "alumni.stanford.edu"),
    ],
)  # fmt: skip
def test_an_employer_that_gives_out_mail_is_no_mail_provider(employer: str, provider: str) -> None:
    assert company_domain(f"ann@{employer}") == employer
    assert company_domain(f"ann@mail.{employer}") == employer
    assert email_kind(f"ann@{provider}") in ("free", "shared")
    assert company_domain(provider) == ""


def test_hosts_below_a_provider_are_domains_of_their_own() -> None:
    for host in EMPLOYER_HOSTS:
        assert registrable_domain(f"x.{host}") == host
        assert domain_kind(host) == "corporate"
        assert not host.partition(".")[2] or domain_kind(host.partition(".")[2]) in ("free", "corporate", "disposable")
    assert not EMPLOYER_HOSTS & FREE_MAIL
    assert {domain_kind(host) for host in SHARED_HOSTS} <= {"shared", "free", "disposable"}


@pytest.mark.parametrize(
    ("site", "domain"),
    [
        ("https://www.linkedin.com/in/ann", ""), ("https://sites.google.com/view/x", ""), ("facebook.com/acme", ""),
        ("https://www.acme.com", "acme.com"), ("gmail.com", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_page_on_somebody_elses_site_tells_no_company(site: str, domain: str) -> None:
    assert site_domain(site) == domain
    assert company_domain("ann@linkedin.com") == "linkedin.com"
