"""The people and companies of the demo: made up from a seed, in four languages."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

import yaml

Language = Literal["en", "de", "fr", "es"]
Role = Literal["decider", "worker"]
LANGUAGES: tuple[Language, ...] = ("en", "de", "fr", "es")
TEXTS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "texts.yaml").read_text(encoding="utf-8"))

_FIRST: dict[Language, str] = {
    "en": "James Olivia Noah Emma Liam Charlotte Henry Amelia Jack Grace Samuel Chloe Aisha Priya Marcus Hannah",
    "de": "Anna Lukas Katharina Jonas Jürgen Sabine Felix Lena Matthias Ursula Tobias Greta Kemal Björn Franziska",
    "fr": "Camille Antoine Élodie Mathieu Chloé Nicolas Hélène Julien Margaux François Inès Thibault Amélie Yanis",
    "es": "Lucía Javier Carmen Álvaro María Sergio Núria Diego Elena Pablo Inés Andrés Sofía Raúl Begoña",
}
_LAST: dict[Language, str] = {
    "en": "Whitfield Okafor Ashworth Delaney Pemberton Lindqvist Carver Holloway Sinclair Mbeki Trevelyan Hartley Novak",
    "de": "Müller Schäfer Brandt Köhler Vogel Yılmaz Lehmann Großmann Hoffmann Wörner Steinbach Krüger Dietrich",
    "fr": "Lefèvre Dubois Moreau Girard Benali Rousseau Chevalier Garnier Delacroix Fontaine Mercier Perrin",
    "es": "García Fernández Ibáñez Muñoz Ortega Navarro Peña Castillo Etxeberria Rueda Domínguez Vidal",
}
_STEMS: dict[Language, str] = {
    "en": "Northgate Brightwell Harbour Redfern Larkspur Copperfield Summit Bluewater Ironbridge Kestrel Maplewood"
    " Stonebrook Ravensworth Silverline Oakmont Clearwater",
    "de": "Nordhafen Rheintal Sonnfeld Kupferkanne Elbtor Hochwald Weserland Steinadler Grünwerk Havelstein Alpenblick"
    " Lindenhof Sternbach Moorbach",
    "fr": "Belmont Clairval Rivoire Hautecombe Lumencia Valmont Beaurivage Montclar Orfeuil Sablonne Tournelle Verdelin",
    "es": "Solana Monteclaro Ríoseco Puertoluz Almazara Torreblanca Valdemar Costaverde Peñarroya Mirasol Altamira",
}
_SECTORS: dict[str, dict[Language, str]] = {
    "software": {"en": "Software", "de": "Software", "fr": "Logiciels", "es": "Software"},
    "ecommerce": {"en": "Retail", "de": "Versand", "fr": "Boutiques", "es": "Tiendas"},
    "logistics": {"en": "Freight", "de": "Logistik", "fr": "Transports", "es": "Logística"},
    "financial_services": {"en": "Insurance", "de": "Versicherung", "fr": "Assurances", "es": "Seguros"},
    "professional_services": {"en": "Consulting", "de": "Beratung", "fr": "Conseil", "es": "Consultores"},
    "manufacturing": {"en": "Instruments", "de": "Maschinenbau", "fr": "Industries", "es": "Industrias"},
    "healthcare": {"en": "Clinics", "de": "Kliniken", "fr": "Cliniques", "es": "Clínicas"},
}
_LEGAL: dict[Language, tuple[str, ...]] = {
    "en": ("Inc.", "Ltd", "LLC", "Group"), "de": ("GmbH", "AG", "GmbH & Co. KG"), "fr": ("SAS", "SARL", "SA"),
    "es": ("S.L.", "S.A."),
}  # fmt: skip
_PLACES: dict[Language, tuple[tuple[str, str, str, str], ...]] = {
    "en": (("US", "Denver", "+1 303 55501", "com"), ("GB", "Leeds", "+44 20 7946 0", "co.uk"),
           ("US", "Boston", "+1 617 55501", "com"), ("IE", "Cork", "+353 21 496 0", "ie")),
    "de": (("DE", "Hamburg", "+49 40 66969", "de"), ("AT", "Graz", "+43 316 3720", "at"), ("DE", "Köln", "+49 221 4710", "de")),
    "fr": (("FR", "Lyon", "+33 4 65 71 2", "fr"), ("FR", "Nantes", "+33 2 61 91 3", "fr"), ("BE", "Namur", "+32 81 22 3", "be")),
    "es": (("ES", "Valencia", "+34 960 12 3", "es"), ("ES", "Bilbao", "+34 944 12 3", "es")),
}  # fmt: skip


@dataclass(frozen=True)
class Company:
    """A company; `sector` is a label of the policy's taxonomy, `domain` its own."""

    name: str
    domain: str
    language: Language
    country: str
    city: str
    phone: str
    sector: str
    employees: int


@dataclass(frozen=True)
class Person:
    """A person at a company, with the address that they give."""

    first_name: str
    last_name: str
    email: str
    title: str
    phone: str
    company: Company

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


class World:
    """Makes companies and people that differ from all earlier ones; the same `chance` makes the same ones."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._names: set[str] = set()
        self._emails: set[str] = set()

    def company(self, employees: tuple[int, int] = (30, 480), language: Language | None = None) -> Company:
        """A new company with a size within `employees`."""
        chance = self._chance
        tongue = chance.choice(LANGUAGES) if language is None else language
        country, city, phone, ending = chance.choice(_PLACES[tongue])
        sector = chance.choice(sorted(_SECTORS))
        name = self._new_name(_SECTORS[sector][tongue], tongue)
        domain = f"{'-'.join(slug(word) for word in name.split()[:-1])}.{ending}"
        legal = chance.choice(_LEGAL[tongue])
        return Company(f"{name} {legal}", domain, tongue, country, city, phone, sector, chance.randint(*employees))

    def _new_name(self, trade: str, tongue: Language) -> str:
        """A name that no other company has, not even one in another trade: names alike are questions for a person."""
        stem = self._chance.choice(_STEMS[tongue].split())
        while " " not in stem or stem in self._names:
            stem = f"{stem} {self._chance.choice(_LAST[tongue].split())}"
        self._names.add(stem)
        return f"{stem} {trade}"

    def person(self, company: Company, role: Role = "worker", email_domain: str = "") -> Person:
        """A new person of the company; their address is the company's unless another domain is given."""
        chance, tongue, email = self._chance, company.language, ""
        while not email or email in self._emails:
            first, last = chance.choice(_FIRST[tongue].split()), chance.choice(_LAST[tongue].split())
            forms = (f"{slug(first)}.{slug(last)}", f"{slug(first)[:1]}{slug(last)}", f"{slug(first)}.{slug(last)[:1]}")
            number = str(chance.randint(10, 99)) if email_domain else ""
            email = f"{chance.choice(forms)}{number}@{email_domain or company.domain}"
        self._emails.add(email)
        phone = f"{company.phone}{chance.randint(10, 99)}"
        return Person(first, last, email, chance.choice(TEXTS["titles"][role][tongue]), phone, company)


def message(
    chance: Random, company: Company, closing: Literal["high", "medium", "none", "low"], use_case: str = ""
) -> str:
    """What somebody of the company asks for, and how soon."""
    tongue = company.language
    need = use_case or chance.choice(sorted(TEXTS["needs"]))
    parts = (
        chance.choice(TEXTS["openings"][tongue]),
        chance.choice(TEXTS["needs"][need][tongue]),
        chance.choice(TEXTS["closings"][closing][tongue]),
    )
    words = {
        "size": company.employees,
        "agents": max(3, company.employees // 12),
        "tickets": company.employees * chance.randint(8, 20),
        "contacts": f"{company.employees * chance.randint(150, 400):,}",
        "calls": company.employees * chance.randint(1, 4),
        "tool": chance.choice(TEXTS["tools"]),
    }
    return " ".join(part for part in parts if part).format(**words)


def slug(text: str) -> str:
    """Letters and digits that may stand in an address: `Müller & Søn` is `muellerson`."""
    for letter, written in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i"}.items():
        text = text.lower().replace(letter, written)
    plain = unicodedata.normalize("NFKD", text)
    return re.sub(r"[^a-z0-9]", "", "".join(letter for letter in plain if not unicodedata.combining(letter)))
