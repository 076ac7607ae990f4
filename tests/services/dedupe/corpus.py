"""The labelled leads of tests/corpora/leads and leads_second, and how dedupe's answers compare with their labels."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.contracts.change import RecordRef
from libs.contracts.events import LeadReceived
from libs.contracts.lead import Identity, Review
from services.dedupe.domain.known import Known
from services.dedupe.stage.received import decide_received, received_stage
from tests.paths import ROOT
from tests.services.dedupe.fakes import NOW, OnePolicy, a_lead, changed
from tests.services.dedupe.running import Dedupe

FOLDER = ROOT / "tests" / "corpora" / "leads"
SECOND = ROOT / "tests" / "corpora" / "leads_second"
USUAL_TRUST = 0.7
"""Of a source that the label does not say."""


@dataclass(frozen=True)
class Judged:
    """One lead: its label and what dedupe said."""

    row: dict[str, Any]
    identity: Identity
    reviews: tuple[Review, ...]

    @property
    def label(self) -> dict[str, Any]:
        return self.row["label"]  # type: ignore[no-any-return]

    @property
    def contact(self) -> str:
        return "new" if self.identity.contact_is_new else self.identity.contact.id

    @property
    def company(self) -> str | None:
        return _shown(self.identity.company, self.identity.company_is_new)

    @property
    def right(self) -> bool:
        """The verdict and all that it names; a question has to show what the label asks, and may show more."""
        if self.identity.verdict != self.label["verdict"] or self.wrongly_linked:
            return False
        if self.label["verdict"] == "ambiguous":
            return set(self.label["asked"]) <= {one.record.id for one in self.identity.candidates}
        return (self.contact, self.company) == (self.label["contact"], self.label["company"])

    @property
    def wrongly_linked(self) -> bool:
        """A known contact or company that the label does not name, and nobody was asked about it."""
        asked = {(review.detail or {}).get("about") for review in self.reviews if review.kind == "identity"}  # type: ignore[union-attr]
        contact = self.contact != "new" and "contact" not in asked and self.contact != self.label["contact"]
        company = self.company not in (None, "new") and "company" not in asked and self.company != self.label["company"]
        return contact or company

    def __str__(self) -> str:
        shown = sorted(one.record.id for one in self.identity.candidates)
        said = f"{self.identity.verdict}/{self.identity.rule} {self.contact} {self.company} {shown}"
        return f"{self.row['id']} {self.row['fields']}\n     wants {self.label}\n     got   {said}"


def _shown(company: RecordRef | None, is_new: bool) -> str | None:
    return None if company is None else "new" if is_new else company.id


def rows(name: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """The lines of a file of a corpus."""
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def judged(folder: Path = FOLDER) -> list[Judged]:
    """Every lead against the base alone: what is known is gathered once, and no lead sees another."""
    dedupe = Dedupe()
    dedupe.runs([changed(row["type"], row["id"], 1, **row["fields"]) for row in rows("base.jsonl", folder)])
    labelled = rows("leads.jsonl", folder)
    events = [LeadReceived(event_id=row["id"], lead=_lead(row)) for row in labelled]
    known = asyncio.run(gathered(events, dedupe))
    found = []
    for row, event in zip(labelled, events, strict=True):
        outcome = decide_received(event, known, NOW)
        assert outcome.next is not None
        assert outcome.next.lead.identity is not None
        found.append(Judged(row, outcome.next.lead.identity, outcome.reviews))
    return found


async def gathered(events: list[LeadReceived], dedupe: Dedupe) -> Known:
    """What is known of all the leads."""
    return await received_stage(dedupe.index, OnePolicy()).gather(events)


def _lead(row: dict[str, Any]) -> Any:
    lead = a_lead(row["id"], **row["fields"])
    return lead.model_copy(update={"source": lead.source.model_copy(update={"trust": row.get("trust", USUAL_TRUST)})})


def accuracy(found: Sequence[Judged]) -> float:
    """The share that is right."""
    return sum(one.right for one in found) / len(found)


def confusion(found: Sequence[Judged]) -> str:
    """Label against verdict, the accuracy of each tag that is not perfect, and every wrong lead."""
    cells = Counter((str(one.label["verdict"]), str(one.identity.verdict)) for one in found)
    verdicts = ("new", "duplicate", "ambiguous")
    table = [f"{'label':>10} " + " ".join(f"{got:>10}" for got in verdicts)]
    table += [f"{want:>10} " + " ".join(f"{cells[want, got]:>10}" for got in verdicts) for want in verdicts]
    tags = sorted({tag for one in found for tag in one.row["tags"]})
    by_tag = [(tag, [one for one in found if tag in one.row["tags"]]) for tag in tags]
    weak = [f"{tag}: {accuracy(some):.3f} of {len(some)}" for tag, some in by_tag if accuracy(some) < 1]
    return "\n".join(["", *table, *weak, *(str(one) for one in found if not one.right)])
