"""Pairs to compare: people and companies of a made base beside slips of them, strangers, and names that are hard to compare."""

from random import Random

from bench.records import FIRST, LAST, MadeCompany, asked_name, companies, contacts, slipped
from libs.identity.companies import company_key
from libs.identity.names import name_key
from libs.identity.nicknames import NICKNAMES
from libs.identity.phones import normalised_phone
from services.dedupe.domain.comparison import CompanyFacts, PersonFacts

ODD_NAMES = (
    "", "J Smith", "Smith", "Иван Петров", "Петров Ив", "Ann Ann Lee", "Ann Lee",
    "Nguyễn Văn A", "José Álvarez", "Jose Alvares",
    "李 小龍", "小龍", "Bo Wu", "Maria-Jose da Silva", "maria jose silva", "О'Коннор Шон", "O'Connor Sean",
    "Alexandra K", "Sasha K",
)  # fmt: skip
ODD_COMPANIES = (
    "", "Face Book", "Facebook",
    "株式会社トヨタ", "トヨタ 自動車",
    "ООО Ромашка", "Ромашки", "A", "AB", "3M", "3 M", "The The", "Acme",
    "Acme Acme", "Acme Robotics", "Robotics Acme Europe", "Müller & Söhne", "Mueller und Soehne", "Société Générale",
    "Very " * 30 + "Long Name", "Global Solutions", "Global Solution Group", "Global Solutions Group International",
)  # fmt: skip

People = list[tuple[PersonFacts, PersonFacts]]
Companies = list[tuple[CompanyFacts, CompanyFacts]]


def people(count: int) -> People:
    """Pairs of people; every level of every comparison is among a few thousand."""
    random = Random("people")
    made = list(contacts(count, list(companies(200, 3)), 3))
    found: People = []
    for one in made:
        other = random.choice(made)
        ours = _person(random, one.name, one.email, one.phone, one.company)
        how = random.random()
        if how < 0.3:
            theirs = _person(random, _like(random, one.name), one.email, one.phone, one.company)
        elif how < 0.6:
            theirs = _person(random, _like(random, one.name), other.email, other.phone, one.company)
        elif how < 0.8:
            theirs = _person(random, random.choice(ODD_NAMES), one.email, other.phone, other.company)
            ours = _person(random, random.choice(ODD_NAMES), one.email, one.phone, one.company)
        else:
            theirs = _person(random, other.name, other.email, other.phone, other.company)
        found.append((ours, theirs))
    return found


def _like(random: Random, name: str) -> str:
    first, last = [*name.lower().split(maxsplit=1), "x"][:2]
    return random.choice(
        (
            name, slipped(random, name), f"{last} {first}", f"{first[0]} {last}", first, f"{first[:3]} {last}",
            f"{random.choice(NICKNAMES.get(first, (first,)))} {last}", f"{random.choice(FIRST)} {last}",
            f"{first} {random.choice(LAST)}", f"{slipped(random, first)} {last} jr", slipped(random, slipped(random, name)),
        )
    )  # fmt: skip


def _person(random: Random, name: str, email: str, phone: str, firm: MadeCompany | None) -> PersonFacts:
    emails = {email, *(["second@mail.example"] if random.random() < 0.05 else [])} if random.random() < 0.8 else set()
    company = (asked_name(random, firm.name) if random.random() < 0.5 else firm.name) if firm else ""
    return PersonFacts(
        emails=tuple(sorted(emails)),
        custom_ids=(f"C{random.randrange(3)}",) if random.random() < 0.2 else (),
        name_key=name_key(name),
        phone=normalised_phone(phone) if random.random() < 0.8 else "",
        company_key=company_key(company),
        company_id=firm.id if firm and random.random() < 0.3 else "",
    )


def firms(count: int) -> Companies:
    """Pairs of companies; every level of every comparison is among a few thousand."""
    random = Random("firms")
    made = list(companies(count, 4))
    found: Companies = []
    for one in made:
        other, how = random.choice(made), random.random()
        if how < 0.6:
            pair = (_company(random, one.name, one), _company(random, asked_name(random, one.name), one))
        elif how < 0.8:
            pair = (
                _company(random, random.choice(ODD_COMPANIES), one),
                _company(random, random.choice(ODD_COMPANIES), other),
            )
        else:
            pair = (_company(random, one.name, one), _company(random, other.name, other))
        found.append(pair)
    return found


def _company(random: Random, name: str, one: MadeCompany) -> CompanyFacts:
    label = one.domain.partition(".")[0]
    domains = tuple(
        sorted({random.choice((one.domain, f"{label}.de", f"x{label}.com")) for _ in range(random.randrange(3))})
    )
    return CompanyFacts(
        company_key=company_key(name)[:120],
        domains=domains,
        typed_domains=(random.choice((one.domain, "else.example")),) if random.random() < 0.5 else (),
        country=random.choice(("", one.country.lower(), "us")),
    )
