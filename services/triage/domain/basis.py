"""What a draft may be made of: the approved sentences of the lead's language, its name, its words, and the one next step."""

from dataclasses import dataclass

from libs.contracts.base import Model
from libs.contracts.lead import Lead, Route
from libs.contracts.note import Ground
from libs.policy.drafts import PAIN, DraftLanguage, NextStep, language_of
from libs.policy.facts import Facts, lead_facts
from libs.policy.fields import Act
from libs.policy.grounds import grounds_of, policy_ground
from libs.policy.note import handed_over
from libs.policy.policy import Policy
from libs.policy.suppression import Hold, effect_of
from services.triage.domain.draft import Sentence
from services.triage.domain.readable import is_tainted, own_words, safe_name, said_by, sentences_of

FILE = "drafts.yaml"
PAIN_FIELDS = (PAIN, "product_interest")
OPTED_OUT = ("opted_out", False)
"""Values of `consent` that say no."""


class Basis(Model):
    """The approved sentences for one lead, each with its evidence, and the words of the lead that may be quoted."""

    language: str
    theirs: bool
    tone: str
    avoid: tuple[str, ...]
    max_words: int
    greetings: tuple[Sentence, ...]
    """With the name first, if it can be used."""
    thanks: Sentence
    pains: tuple[Sentence, ...]
    """The quotation first, if there is one."""
    phrases: tuple[Sentence, ...]
    next_step: Sentence
    closing: Sentence
    quotes: tuple[Ground, ...]

    @property
    def approved(self) -> tuple[Sentence, ...]:
        """All sentences that stand in the policy, filled in."""
        return (*self.greetings, self.thanks, *self.pains, *self.phrases, self.next_step, self.closing)


def why_not(lead: Lead, route: Route, policy: Policy) -> str:
    """Why no draft is made for this lead; empty when one is. An opt-out and a list that forbids mail come first."""
    if lead.value("do_not_mail") is True or lead.value("consent") in OPTED_OUT:
        return "opted out: do not mail"
    held = route.record.get("record.held_for")
    reasons = [str(one) for one in held] if isinstance(held, list) else []
    effect = effect_of(policy, reasons, Act.SEND)
    if effect.hold is Hold.BLOCK:
        return f"held back from mail: {', '.join(effect.reasons)} ({' '.join(effect.notes)})"
    raised = lead.classification.flags if lead.classification else {}
    if flags := [flag for flag in (*policy.drafts.not_for, "spam", "competitor") if flag in raised]:
        return f"nobody drafts an answer to {', '.join(dict.fromkeys(flags))}"
    if route.destination in ("suppressed", "disqualified"):
        return f"{route.destination}: {route.reason}"
    if not handed_over(lead, route):
        return "nobody has this lead yet"
    return "" if policy.drafts.languages else "the policy words no drafts: add drafts.yaml"


def basis_of(lead: Lead, route: Route, policy: Policy) -> Basis:
    """The basis of a draft. Only for a lead and a policy for which `why_not` says nothing."""
    drafts = policy.drafts
    code, theirs = language_of(lead.text("language"), drafts)
    wording, facts = drafts.languages[code], lead_facts(lead, route.record)
    step = next((one for one in drafts.next_steps if one.when.holds(facts)), drafts.next_steps[-1])
    tainted = is_tainted(lead)
    maker = _Maker(lead, route, wording, code, tainted)
    return Basis(
        language=code,
        theirs=theirs,
        tone=wording.tone,
        avoid=wording.avoid,
        max_words=drafts.max_words,
        greetings=maker.greetings(),
        thanks=maker.thanks(),
        pains=maker.pains(),
        phrases=tuple(
            Sentence(role="phrase", text=text, grounds=(maker.policy(f"phrases.{index}", text),))
            for index, text in enumerate(wording.phrases)
        ),
        next_step=maker.next_step(step, facts),
        closing=Sentence(role="closing", text=wording.closing, grounds=(maker.policy("closing", wording.closing),)),
        quotes=() if tainted else sentences_of(lead, wording.avoid),
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Fills in one language's sentences for one lead."""

    lead: Lead
    route: Route
    wording: DraftLanguage
    code: str
    tainted: bool
    """Somewhere the submission talks to a machine: then none of its words are quoted."""

    def policy(self, name: str, text: str) -> Ground:
        """The place of a sentence in the policy."""
        return policy_ground(FILE, f"languages.{self.code}.{name}", text)

    def greetings(self) -> tuple[Sentence, ...]:
        """By name, if it is known and can be one; and without."""
        bare = self.wording.greeting_unnamed
        unnamed = Sentence(role="greeting", text=bare, grounds=(self.policy("greeting_unnamed", bare),))
        text = self.wording.greeting
        field = "first_name" if "{first_name}" in text else "name"
        name = safe_name(self.lead, field)
        if not name:
            return (unnamed,)
        grounds = (*said_by(self.lead, field), self.policy("greeting", text))
        return (Sentence(role="greeting", text=text.replace(f"{{{field}}}", name), grounds=grounds), unnamed)

    def thanks(self) -> Sentence:
        """For what was sent."""
        kind = self.lead.kind if self.lead.kind in self.wording.thanks else ""
        name = kind or ("message" if self.lead.text("message").strip() else "interest")
        text = self.wording.thanks[name]
        sent = grounds_of(("lead.kind",), self.lead, self.route)
        return Sentence(role="thanks", text=text, grounds=(*sent, self.policy(f"thanks.{name}", text)))

    def pains(self) -> tuple[Sentence, ...]:
        """What the lead wants to achieve: in its own words, and by its label; nothing where nothing was said."""
        found: list[Sentence] = []
        quote = None if self.tainted else own_words(self.lead, PAIN_FIELDS, self.wording.avoid)
        if quote is not None:
            text = self.wording.quoted
            quoted = text.replace("{quote}", quote.quote)
            found.append(Sentence(role="pain", text=quoted, grounds=(quote, self.policy("quoted", text))))
        claim = self.lead.classification.claims.get(PAIN) if self.lead.classification else None
        if claim is not None and claim.label in self.wording.pains:
            text = self.wording.pains[claim.label]
            grounds = grounds_of((f"lead.classification.{PAIN}",), self.lead, self.route)
            found.append(
                Sentence(role="pain", text=text, grounds=(*grounds, self.policy(f"pains.{claim.label}", text)))
            )
        return tuple(found)

    def next_step(self, step: NextStep, facts: Facts) -> Sentence:
        """The one next step, with what decided for it."""
        text = self.wording.next_steps[step.name]
        known = [name for name in step.when.names if facts.get(name) not in (None, [])]
        grounds = (*grounds_of(known, self.lead, self.route), self.policy(f"next_steps.{step.name}", text))
        return Sentence(role="next_step", text=text, grounds=grounds)


def template_sentences(basis: Basis) -> tuple[Sentence, ...]:
    """The draft that the approved sentences make by themselves."""
    return (basis.greetings[0], basis.thanks, *basis.pains[:1], basis.next_step, basis.closing)


def plainest_sentences(basis: Basis) -> tuple[Sentence, ...]:
    """The same without anything that the lead wrote."""
    return (basis.greetings[-1], basis.thanks, basis.next_step, basis.closing)
