"""What the demo posts: a plan made from a seed alone. The same seed, size and time give the same bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from cli.demo import tools
from cli.demo.tools import Filled, Post, posted
from cli.demo.world import TEXTS, Company, Person, Role, World, message

MINIMUM = 200
FORM_TOOLS = ("typeform", "tally", "webflow", "calendly", "hubspot_forms", "google_ads", "jotform")
OWN_FORMS = ("demo", "contact")
_KINDS = {
    "calendly": "demo_request",
    "demo": "demo_request",
    "webinar": "webinar",
    "download": "download",
    "chat": "chat",
}
_KINDS |= {"referral": "referral", "call_form": "call_form"}
_PRODUCTS = {
    "Support Automation": "support_automation", "CRM Cleanup": "crm_cleanup", "Voice": "voice_ai",
    "Dashboards": "reporting_dashboard",
}  # fmt: skip
FREE_MAIL = ("gmail.com", "gmx.de", "orange.fr", "hotmail.com")


@dataclass(frozen=True)
class Known:
    """What the CRM holds before the first lead: who is a customer, who opted out, which account is strategic."""

    customers: tuple[tuple[Company, Person], ...]
    strategic: Company
    opted_out: Person
    contacts: tuple[Person, ...]


@dataclass(frozen=True)
class Plan:
    """All posts in the order in which they are sent, and what the CRM is told before."""

    seed: int
    known: Known
    posts: tuple[Post, ...]
    cases: dict[str, str] = field(default_factory=dict)
    """What each case is, in words, in the order of the report."""


def plan(seed: int, size: int, now: datetime) -> Plan:
    """At least `size` posts (200 or more) with every case in them, submitted in the two hours before `now`."""
    if size < MINIMUM:
        raise ValueError(f"the demo needs at least {MINIMUM} leads, to have every case in them")
    maker = _Maker(Random(seed), now)
    posts: list[Post] = []
    for case, (_, share, make) in _CASES.items():
        wanted = max(2, round(size * share))
        made: list[Post] = []
        while len(made) < wanted:
            made.extend(make(maker, case))
        posts.extend(made)
    while len(posts) < size:
        posts.extend(_ready(maker, "ready to talk"))
    maker.chance.shuffle(posts)
    ordered = sorted(posts, key=lambda post: post.follows)
    return Plan(seed, maker.known, tuple(ordered), {case: words for case, (words, _, _) in _CASES.items()})


class _Maker:
    """The seed's chance, the world it makes, and the ids and times of submissions."""

    def __init__(self, chance: Random, now: datetime) -> None:
        self.chance = chance
        self.now = now
        self.world = World(chance)
        self.known = self._known()

    def _known(self) -> Known:
        world = self.world
        customers = tuple(
            (company, world.person(company, "decider")) for company in (world.company() for _ in range(4))
        )
        opted_out = world.person(world.company())
        contacts = tuple(world.person(world.company()) for _ in range(3))
        return Known(customers, world.company((3000, 20000)), opted_out, contacts)

    def filled(self, person: Person, text: str, kind: str = "demo_request") -> Filled:
        """A form filled in by the person within the last two hours, with a delivery id of its own."""
        chance = self.chance
        campaign = chance.choice(("autumn-launch", "search-brand", "partner-mail", "organic"))
        return Filled(
            delivery=f"{chance.getrandbits(96):024x}",
            person=person,
            message=text,
            submitted_at=(self.now - timedelta(seconds=chance.randint(5, 7200))).replace(microsecond=0),
            page=f"https://www.signalbox.example/{chance.choice(('pricing', 'demo', 'contact', 'product'))}",
            utm=(("utm_source", chance.choice(("google", "newsletter", "linkedin"))), ("utm_campaign", campaign)),
            product=chance.choice(("", *_PRODUCTS)),
            kind=kind,
        )

    def tool(self) -> str:
        """A form tool, or one of the site's own forms."""
        return self.chance.choice((*FORM_TOOLS, *FORM_TOOLS, *OWN_FORMS, "standard_webhooks", "referral"))

    def asked(
        self, person: Person, closing: Literal["high", "medium", "none", "low"], source: str = ""
    ) -> tuple[str, Filled]:
        """A source and a form in which the person asks for something we sell; a product they name is what they ask for."""
        source = source or self.tool()
        filled = self.filled(person, "", _KINDS.get(source, "contact_form"))
        text = message(self.chance, person.company, closing, _PRODUCTS.get(filled.product, ""))
        return source, _with(filled, text)


def _with(filled: Filled, text: str) -> Filled:
    return replace(filled, message=text)


def _ready(maker: _Maker, case: str) -> Iterator[Post]:
    company = maker.world.company((50, 480))
    source, filled = maker.asked(maker.world.person(company, "decider"), maker.chance.choice(("high", "medium")))
    yield posted(case, source, filled)


def _enterprise(maker: _Maker, case: str) -> Iterator[Post]:
    company = maker.world.company((1200, 20000))
    source = maker.chance.choice(("calendly", "demo", "hubspot_forms"))
    yield posted(case, *maker.asked(maker.world.person(company, "decider"), "high", source))


def _early(maker: _Maker, case: str) -> Iterator[Post]:
    person = maker.world.person(maker.world.company((3, 45)))
    yield posted(case, *maker.asked(person, "low", maker.chance.choice(("webinar", "download", "chat"))))


def _vague(maker: _Maker, case: str) -> Iterator[Post]:
    company = maker.world.company((5, 60))
    text = maker.chance.choice(TEXTS["vague"][company.language])
    filled = maker.filled(maker.world.person(company), text, "contact_form")
    yield posted(case, maker.tool(), replace(filled, product=""))


def _colleague(maker: _Maker, case: str) -> Iterator[Post]:
    company = maker.world.company()
    roles: tuple[Role, ...] = ("worker", "decider")
    for role in roles:
        yield posted(case, *maker.asked(maker.world.person(company, role), "medium"))


def _trade_fair(maker: _Maker, case: str) -> Iterator[Post]:
    people = [maker.world.person(maker.world.company()) for _ in range(3)]
    rows = [maker.asked(person, "none", "demo")[1] for person in people]
    delivery = f"fair-{maker.chance.getrandbits(48):012x}"
    yield Post(case, "event_list", tools.event_list(rows, delivery), "application/json")


def _redelivered(maker: _Maker, case: str) -> Iterator[Post]:
    person = maker.world.person(maker.world.company(), "decider")
    first = posted(case, *maker.asked(person, "medium", maker.chance.choice(FORM_TOOLS)))
    yield first
    yield first.again(case)


def _corrected(maker: _Maker, case: str) -> Iterator[Post]:
    person = maker.world.person(maker.world.company(), "decider")
    source, filled = maker.asked(person, "medium", maker.chance.choice(("typeform", "tally", "webflow", "demo")))
    yield posted(case, source, filled)
    yield posted(case, source, _with(filled, f"{filled.message} ({person.phone})"), follows=True)


def _two_tools(maker: _Maker, case: str) -> Iterator[Post]:
    person = maker.world.person(maker.world.company(), "decider")
    first, second = maker.chance.sample(FORM_TOOLS, 2)
    yield posted(case, *maker.asked(person, "none", first))
    yield posted(case, *maker.asked(person, "high", second), follows=True)


def _customer(maker: _Maker, case: str) -> Iterator[Post]:
    company, _ = maker.chance.choice(maker.known.customers)
    yield posted(case, *maker.asked(maker.world.person(company), "medium"))


def _known_contact(maker: _Maker, case: str) -> Iterator[Post]:
    yield posted(case, *maker.asked(maker.chance.choice(maker.known.contacts), "medium"))


def _opted_out(maker: _Maker, case: str) -> Iterator[Post]:
    yield posted(case, *maker.asked(maker.known.opted_out, "medium"))


def _strategic(maker: _Maker, case: str) -> Iterator[Post]:
    yield posted(case, *maker.asked(maker.world.person(maker.known.strategic, "decider"), "high"))


def _alike(maker: _Maker, case: str) -> Iterator[Post]:
    """Somebody with a free-mail address who names a company almost as a customer is called."""
    company, contact = maker.chance.choice(maker.known.customers)
    stem = company.name.rsplit(" ", 1)[0]
    other = replace(company, name=f"{stem} {maker.chance.choice(('International', 'Europe', 'Holding'))}")
    person = maker.world.person(other, email_domain=maker.chance.choice(FREE_MAIL))
    namesake = Person(contact.first_name, contact.last_name, person.email, person.title, person.phone, other)
    yield posted(case, *maker.asked(maker.chance.choice((person, namesake)), "none"))


def _not_for_sales(text: str) -> Callable[[_Maker, str], Iterator[Post]]:
    def make(maker: _Maker, case: str) -> Iterator[Post]:
        person = maker.world.person(maker.world.company((2, 40), "en"), email_domain=maker.chance.choice(FREE_MAIL))
        source = maker.chance.choice(("contact", "jotform", "webflow", "typeform"))
        yield posted(case, source, maker.filled(person, maker.chance.choice(TEXTS[text]), "contact_form"))

    return make


def _forged(maker: _Maker, case: str) -> Iterator[Post]:
    person = maker.world.person(maker.world.company())
    made = posted(case, *maker.asked(person, "high", maker.chance.choice(("typeform", "tally", "webflow", "calendly"))))
    yield replace(made, forged=True, expected=(401,))


def _unparsable(maker: _Maker, case: str) -> Iterator[Post]:
    tool = maker.chance.choice(("typeform", "demo", "tally"))
    source, filled = maker.asked(maker.world.person(maker.world.company()), "none", tool)
    made = posted(case, source, filled)
    cut = made.body[: maker.chance.randint(40, len(made.body) // 2)]
    yield replace(made, body=cut)


def _test(maker: _Maker, case: str) -> Iterator[Post]:
    person = maker.world.person(maker.world.company())
    test = tools.as_json({"email": person.email, "name": person.name, "is_test": True, "message": "test"})
    number = maker.chance.getrandbits(32)
    ping = tools.as_json({"type": "webhook.ping", "timestamp": maker.now.isoformat(), "data": {"n": number}})
    yield Post(case, "demo", test, "application/json")
    yield Post(case, "standard_webhooks", ping, "application/json")


def _unmappable(maker: _Maker, case: str) -> Iterator[Post]:
    """A form with a field that no rule knows: the phone to call back stands in `rueckruf`."""
    person = maker.world.person(maker.world.company(language="de"))
    body = tools.as_json(
        {
            "submissionId": f"cb-{maker.chance.getrandbits(48):012x}", "name": person.name, "company": person.company.name,
            "rueckruf": person.phone.replace("+", "00", 1), "message": message(maker.chance, person.company, "high"),
        }
    )  # fmt: skip
    yield Post(case, "call_form", body, "application/json")


def _ids_only(maker: _Maker, case: str) -> Iterator[Post]:
    name, moment = str(maker.chance.getrandbits(50)), int(maker.now.timestamp())
    value = {"leadgen_id": name, "page_id": "4471", "form_id": "88120", "created_time": moment}
    entry = {"id": "4471", "time": moment, "changes": [{"field": "leadgen", "value": value}]}
    yield Post(case, "meta_lead_ads", tools.as_json({"object": "page", "entry": [entry]}), "application/json")


_CASES: dict[str, tuple[str, float, Callable[[_Maker, str], Iterator[Post]]]] = {
    "ready to talk": ("people with a need, a date and the say", 0.25, _ready),
    "enterprise": ("the same at a company of more than a thousand", 0.06, _enterprise),
    "early interest": ("webinars, downloads and chats without hurry", 0.12, _early),
    "colleagues": ("two people of one company", 0.05, _colleague),
    "trade fair": ("a list of several people in one post", 0.02, _trade_fair),
    "redelivered": ("a tool sends the same submission twice", 0.07, _redelivered),
    "corrected": ("the same submission again, with other facts", 0.03, _corrected),
    "two tools": ("one person through two form tools", 0.05, _two_tools),
    "customer, new e-mail": ("a customer's colleague whom we do not know", 0.03, _customer),
    "known contact": ("the exact address of a contact", 0.02, _known_contact),
    "opted out": ("somebody who must not be mailed", 0.01, _opted_out),
    "strategic account": ("a named account without an owner", 0.01, _strategic),
    "alike": ("almost a customer's company name", 0.03, _alike),
    "vague": ("too little to decide on", 0.05, _vague),
    "spam": ("advertising and fraud", 0.03, _not_for_sales("spam")),
    "vendor": ("wants to sell to us", 0.02, _not_for_sales("vendor")),
    "student": ("asks for a thesis", 0.01, _not_for_sales("student")),
    "job seeker": ("looks for work", 0.01, _not_for_sales("job_seeker")),
    "forged": ("signed with a wrong secret", 0.03, _forged),
    "unparsable": ("a body that was cut off", 0.02, _unparsable),
    "test or ping": ("a tool tries the address", 0.03, _test),
    "unmappable": ("nobody to reach, as far as the rules know", 0.01, _unmappable),
    "ids only": ("facts that have to be fetched first", 0.01, _ids_only),
}
