"""A record base as CRMs have them, made from a seed: skewed names, generic words, free mail, duplicates with slips.

A few surnames and words make up most names, as in life: the n-th is taken with a chance of about 1/n (Zipf), and
the tail is made of syllables, so that a base of any size has rare and common names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random


def _listed(words: str) -> list[str]:
    return words.split()


FIRST = _listed(
    "james mary michael patricia john jennifer robert linda david elizabeth william barbara richard susan joseph jessica thomas "
    "karen christopher sarah daniel lisa matthew nancy anthony sandra mark ashley paul emily andrew donna joshua michelle ken "
    "carol kevin amanda brian melissa george deborah maria stephanie anna laura peter julia stefan ines pierre claire luca "
    "giulia jose carmen wei li hiroshi yuki ahmed fatima ivan olga lars ingrid jan petra tomas eva"
)
LAST = _listed(
    "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas "
    "taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young allen king "
    "wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts mueller "
    "schmidt schneider fischer weber meyer wagner becker schulz hoffmann rossi russo ferrari bianchi dubois laurent moreau "
    "wang chen zhang tanaka suzuki kim park singh kumar patel silva santos ivanov petrov kowalski novak jansen de vries"
)
GENERIC = _listed(
    "solutions group consulting services global international technologies systems partners holdings industries digital media "
    "software capital management marketing logistics engineering design labs energy health foods construction finance"
)
FORMS = ("", "", "Inc", "LLC", "GmbH", "Ltd", "AG", "S.A.", "Corp", "Ltda")
ONSETS = _listed("b br c d dr f g gr h k l m n p pr r s st t tr v w z")
NUCLEI = _listed("a e i o u ei au")
CODAS = _listed("n r l s t x k m")
_FORMS = {form.lower() for form in FORMS}
FREE = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de")
COUNTRIES = ("US", "US", "US", "DE", "GB", "FR", "BR")


@dataclass(frozen=True)
class MadeCompany:
    """A company of the base."""

    id: str
    name: str
    domain: str
    country: str


@dataclass(frozen=True)
class MadeContact:
    """A contact of the base; `person` is the same for duplicates."""

    id: str
    person: int
    name: str
    email: str
    phone: str
    company: MadeCompany | None


def zipf(random: Random, many: int) -> int:
    """A rank from 0 to `many` - 1, each about as likely as 1 / (rank + 1)."""
    return min(many - 1, int((many + 1) ** random.random()) - 1)


@lru_cache(maxsize=500_000)
def coined(number: int) -> str:
    """The number-th coined word: two or three syllables."""
    random = Random(f"word {number}")
    syllables = (random.choice(ONSETS) + random.choice(NUCLEI) for _ in range(2 + number % 2))
    return "".join(syllables) + random.choice(CODAS)


def surname(random: Random) -> str:
    """A surname: a sixth of all people share a hundred, the others have one of a long tail."""
    return LAST[zipf(random, len(LAST))] if random.random() < 0.16 else coined(int(400_000 * random.random() ** 2))


def company_name(random: Random) -> str:
    """A company's name: coined, a founder's or generic words, mostly with one generic word and a legal form."""
    kind, generic = random.random(), GENERIC[zipf(random, len(GENERIC))]
    if kind < 0.25:
        words = [_coinage(random)]
    elif kind < 0.60:
        words = [_coinage(random), generic]
    elif kind < 0.75:
        words = [_coinage(random), _coinage(random), generic]
    elif kind < 0.85:
        words = [_coinage(random), generic, random.choice(GENERIC)]
    elif kind < 0.94:
        words = [surname(random), generic]
    else:
        words = [surname(random), "and", surname(random)]
    return " ".join(word.capitalize() for word in words) + (f" {form}" if (form := random.choice(FORMS)) else "")


def _coinage(random: Random) -> str:
    return coined(random.randrange(2_000_000))


def companies(count: int, seed: int) -> Iterator[MadeCompany]:
    """So many companies; domains are unique, names need not be."""
    random, taken = Random(f"companies {seed}"), set[str]()
    for number in range(count):
        name = company_name(random)
        label = "".join(word for word in name.lower().split() if word not in _FORMS and word != "and")
        label = f"{label}{number}" if label in taken else label
        taken.add(label)
        country = random.choice(COUNTRIES)
        yield MadeCompany(
            f"company-{number:08}", name, f"{label}.{'com' if country == 'US' else country.lower()}", country
        )


def contacts(count: int, firms: list[MadeCompany], seed: int, duplicates: float = 0.04) -> Iterator[MadeContact]:
    """So many contacts of these companies; `duplicates` (0-1) is the share that is somebody before once more, with slips."""
    random = Random(f"contacts {seed}")
    recent: list[MadeContact] = []
    for number in range(count):
        if recent and random.random() < duplicates:
            made = _again(random, random.choice(recent), number)
        else:
            made = _contact(random, number, firms)
            recent.append(made)
            if len(recent) > 50_000:
                recent[random.randrange(50_000)] = recent.pop()
        yield made


def _contact(random: Random, number: int, firms: list[MadeCompany]) -> MadeContact:
    first, last = FIRST[zipf(random, len(FIRST))], surname(random)
    firm = firms[random.randrange(len(firms))] if firms and random.random() < 0.85 else None
    at = firm.domain if firm and random.random() < 0.85 else random.choice(FREE)
    phone = f"+4930{random.randrange(20_000_000, 90_000_000)}" if random.random() < 0.6 else ""
    return MadeContact(
        f"contact-{number:08}", number, f"{first} {last}".title(), f"{first}.{last}{number}@{at}", phone, firm
    )


def _again(random: Random, one: MadeContact, number: int) -> MadeContact:
    email = one.email if random.random() < 0.3 else f"{one.name.split()[0].lower()}{number}@{random.choice(FREE)}"
    name = slipped(random, one.name) if random.random() < 0.3 else one.name
    phone = one.phone if random.random() < 0.8 else ""
    return MadeContact(f"contact-{number:08}", one.person, name, email, phone, one.company)


def slipped(random: Random, text: str) -> str:
    """The text with one letter left out, doubled, swapped with the next or mistyped."""
    at = random.randrange(max(1, len(text) - 1))
    how = random.randrange(4)
    if how == 0:
        return text[:at] + text[at + 1 :]
    if how == 1:
        return text[: at + 1] + text[at:]
    if how == 2:
        return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
    return text[:at] + random.choice("abcdefghijklmnopqrstuvwxyz") + text[at + 1 :]


def asked_name(random: Random, name: str) -> str:
    """A company's name as somebody types it: another legal form; of five, four also with words reordered, a generic word
    dropped, one slip of the pen, or several of these."""
    words = [word for word in name.split() if word not in FORMS]
    if random.random() < 0.8:
        generic = [at for at, word in enumerate(words) if at and word.lower() in GENERIC]
        if generic and random.random() < 0.4:
            words.pop(random.choice(generic))
        if len(words) > 1 and random.random() < 0.3:
            random.shuffle(words)
        if random.random() < 0.8:
            at = random.randrange(len(words))
            words[at] = slipped(random, words[at])
    return " ".join(words) + (f" {form}" if (form := random.choice(FORMS)) else "")
