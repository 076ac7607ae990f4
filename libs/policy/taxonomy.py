"""The taxonomy: the labels that classify may choose from, our products, competitors and the ideal customer."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from libs.policy.part import Name, Part, Share

EVERY_LANGUAGE = "any"
_SHORTEST_STEM = 3
_SIGNS = frozenset("|()<>;")


def _by_language(written: object) -> object:
    """A plain list of words is the same words in every language."""
    return {EVERY_LANGUAGE: written} if isinstance(written, list | tuple) else written


def _readable(words: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for word in (word for several in words.values() for word in several):
        if problem := _problem_of(word):
            raise ValueError(f"{word!r} {problem}")
    return words


def _problem_of(word: str) -> str | None:
    if not any(sign.isalnum() for sign in word):
        return "holds no letter"
    if _SIGNS.intersection(word):
        return "holds one of | ( ) < > ;"
    for piece in word.split():
        at = piece.find("*")
        if at >= 0 and (at != len(piece) - 1 or sum(sign.isalnum() for sign in piece) < _SHORTEST_STEM):
            return f"may have * only at the end of a word's first {_SHORTEST_STEM} letters or more"
    return None


Language = Annotated[str, Field(pattern=r"^(any|[a-z]{2})$")]
"""ISO 639-1, or `any`."""
_Written = dict[Language, tuple[str, ...]] | tuple[str, ...]
Words = Annotated[
    dict[Language, tuple[str, ...]],
    BeforeValidator(_by_language, json_schema_input_type=_Written),
    AfterValidator(_readable),
]
"""Words and phrases by language, or one list for all. `contract*` is every word that begins so; case and accents don't count."""
Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class Label(Part):
    """One label."""

    definition: str
    examples: tuple[str, ...] = ()
    """Sentences as people write them in forms."""
    words: Words = Field(default_factory=dict)
    """Words that point to it."""

    @property
    def all_words(self) -> tuple[str, ...]:
        """The words of every language, each once."""
        return tuple(dict.fromkeys(word for several in self.words.values() for word in several))


class LabelledField(Part):
    """A field to classify. `unknown` is always one of its labels, so that nothing has to be guessed."""

    question: str
    labels: dict[Name, Label]
    routes: bool = False
    """Routing depends on it: its confidence counts in the lead's."""

    @model_validator(mode="after")
    def _may_be_unknown(self) -> "LabelledField":
        if "unknown" not in self.labels:
            raise ValueError("labels must hold `unknown`")
        return self


class Product(Part):
    """Something that we sell; its key is its label in `product_interest`."""

    name: str = Field(min_length=2)
    aliases: tuple[str, ...] = ()
    """Other names. In a message a name counts as it is written here, capitals included; in a form's field in any case."""
    use_case: Name
    """The use case that it belongs to."""

    @property
    def names(self) -> tuple[str, ...]:
        """The name and the aliases."""
        return (self.name, *self.aliases)


class Competitor(Part):
    """Somebody who makes a product like ours. Who compares us with them is a buyer; who works there is flagged."""

    name: str = Field(min_length=2)
    aliases: tuple[str, ...] = ()
    domains: tuple[Domain, ...] = ()
    """Registrable domains of its addresses and site."""

    @property
    def names(self) -> tuple[str, ...]:
        """The name and the aliases."""
        return (self.name, *self.aliases)


class Range(Part):
    """From and to, both included."""

    at_least: int = Field(ge=0)
    at_most: int = Field(ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most")
        return self

    def holds(self, amount: int) -> bool:
        """Whether the amount lies within."""
        return self.at_least <= amount <= self.at_most


class Profile(Part):
    """The ideal customer: `company_fit` is `strong` when size and industry are in it. docs/labelling.md gives the defaults."""

    employees: Range = Range(at_least=50, at_most=500)
    near_employees: Range = Range(at_least=20, at_most=1000)
    """Close to it: `possible`, whatever the industry."""
    weak_below_employees: int = Field(default=5, ge=0)
    """Fewer people are `weak`, whatever the industry."""
    industries: tuple[Name, ...] = (
        "software", "ecommerce", "financial_services", "logistics", "telecom", "professional_services",
    )  # fmt: skip
    """Labels of the field `industry`."""


class Question(Part):
    """What a seller must know of a lead: a hand-off names it when no fact answers it."""

    name: Name
    ask: str
    """How to ask for it."""
    any_of: tuple[str, ...] = Field(min_length=1)
    """Fact names as conditions use them, e.g. `lead.urgency`; one that is known answers it."""


class Taxonomy(Part):
    """`taxonomy.yaml`: fields with one label each, flags that are raised or not, and what classify knows of our market."""

    fields: dict[Name, LabelledField] = Field(min_length=1)
    flags: dict[Name, Label] = Field(min_length=1)
    not_for_sales: tuple[Name, ...] = ()
    """Flags that keep a lead from sales."""
    flag_at: Share = 0.5
    """A flag is raised from this confidence on."""
    products: dict[Name, Product] = Field(default_factory=dict)
    competitors: dict[Name, Competitor] = Field(default_factory=dict)
    profile: Profile = Profile()
    qualification: tuple[Question, ...] = ()
    """What is asked of every lead; `libs.policy.qualification.unanswered` lists what is open."""

    def words_of(self, field: str) -> Iterator[tuple[str, str]]:
        """Label and word of every word of a field's labels."""
        for label, meaning in self.fields[field].labels.items() if field in self.fields else ():
            for word in meaning.all_words:
                yield label, word
