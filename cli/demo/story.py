"""The demo's story: what is printed, in its order, from what the APIs and the topics tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.rule import Rule
from rich.text import Text

from cli.audit import verdict_of as audit_verdict
from cli.audit import verified
from cli.client import Api
from cli.console import out, shown
from cli.demo import acts
from cli.demo.crm_seed import seed_crm
from cli.demo.generator import Plan
from cli.demo.outcomes import Outcomes, outcomes_of
from cli.demo.posting import Answer
from cli.demo.report import cases_table, funnel, latency_line
from cli.demo.watch import wait_until_quiet
from cli.errors import CliError
from cli.journey import journey_of, member_names
from cli.ledger import problems_of
from cli.ledger import shown as ledger_shown
from cli.timeline import timeline_table
from cli.triage import question_line
from services.audit.domain.ledger import Ledger, LedgerRecord


@dataclass
class Story:
    """Tells it."""

    api: Api
    plan: Plan
    files: Mapping[str, str]
    answers: list[Answer] = field(default_factory=list)
    outcomes: Outcomes = field(default_factory=Outcomes)

    def seed_crm(self) -> None:
        """Fill the CRM with what is known before the first lead."""
        made = seed_crm(self.api, self.plan.seed, self.plan.known)
        words = {"member": "members", "company": "companies", "contact": "contacts", "suppression": "suppression entry"}
        told = ", ".join(f"{number} {words.get(kind, kind)}" for kind, number in made.items())
        out.print(f"The CRM knows {told}.")

    def tell(self, answers: list[Answer], ledger: Ledger, records: Sequence[LedgerRecord]) -> None:
        """What became of all posts, and one lead's journey."""
        self.answers = answers
        self.outcomes = outcomes_of(records, answers)
        odd = [answer for answer in answers if not answer.as_expected]
        out.print(latency_line(answers))
        out.print(cases_table(self.outcomes.cases(answers), self.plan.cases))
        out.print(funnel(answers, ledger))
        for answer in odd:
            out.print(
                f"[red]unexpected answer {answer.status} to a post of {answer.post.source} ({answer.post.case})[/]"
            )
        if odd:
            raise CliError(
                f"{len(odd)} posts got another answer than they should", "intake", "look at its log with --keep"
            )
        self._journey()

    def _journey(self) -> None:
        found = [*self.outcomes.of_case("enterprise"), *self.outcomes.of_case("ready to talk")]
        to_sales = [lead for lead, route in found if route.destination in ("queue", "owner")]
        lead = (to_sales or [lead for lead, _ in found])[0]
        out.print(Rule("One lead's journey", align="left"))
        out.print(journey_of(self.api.get("audit", f"/api/leads/{lead.lead_id}"), member_names(self.api)))

    def act(self) -> None:
        """What a person does: decide, mend and redrive, take back."""
        self._decide()
        self._redrive()
        self._roll_back()

    def _decide(self) -> None:
        out.print(Rule("A triage item, decided through the API", align="left"))
        decided = acts.decide_one(self.api)
        lead = decided.item["lead"]
        who = lead["fields"].get("name", {}).get("value", "somebody")
        out.print(f"{who} waits in triage ({decided.item['company'] or 'no company'}):", markup=False)
        for question, answer in zip(decided.item["questions"], decided.answers, strict=True):
            value = shown(answer["value"]) if "value" in answer else ""
            out.print(Text(f"  ? {question_line(question)}\n  → {answer['verdict']} {value}"))
        route = decided.journey["routes"][-1]["route"]
        out.print(
            f"The lead moved on by itself: {route['destination']}, queue {route['queue']}. {route['reason']}",
            markup=False,
        )

    def _redrive(self) -> None:
        out.print(Rule("A submission that could not be mapped, redriven", align="left"))
        redriven = acts.mend_and_redrive(self.api, self.files, self.answers)
        held = redriven.journey["submission"]
        out.print(f"Submission {redriven.submission_id} held its phone number in a field that nobody knew: `rueckruf`.")
        out.print("A policy that names it was published, and the kept bytes were mapped again:")
        out.print(
            f"  same id, same clock (received {redriven.received_at}, as before: {held['received_at']})", markup=False
        )
        route = redriven.journey["routes"][-1]["route"]
        out.print(f"  now lead {redriven.lead_id}: {route['destination']}, {route['reason']}", markup=False)

    def _roll_back(self) -> None:
        out.print(Rule("A changed record, rolled back through the API", align="left"))
        cases = ("known contact", "customer, new e-mail", "two tools", "colleagues", "enterprise", "ready to talk")
        leads = [lead.lead_id for case in cases for lead, _ in self.outcomes.of_case(case)][:40]
        done = acts.roll_back_one(self.api, leads)
        out.print(f"{done.record['type']} {done.record['id']}, {done.field}:", markup=False)
        out.print(f"  before the rollback {shown(done.before)}, after it {shown(done.after)}", markup=False)
        out.print(timeline_table(done.moves))

    def prove(self) -> bool:
        """The ledger and the audit log; whether both are right."""
        out.print(Rule("The books", align="left"))
        ledger, _ = wait_until_quiet(self.api.stack.kafka, lambda _ledger: None)
        out.print(ledger_shown(ledger))
        for problem in problems_of(ledger):
            out.print(problem, markup=False)
        result = list(verified(self.api))[-1]
        out.print(audit_verdict(result))
        for finding in result["findings"]:
            out.print(str(finding), markup=False)
        return ledger.balanced and ledger.quiet and bool(result["ok"])
