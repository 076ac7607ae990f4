"""The examples of docs/handoff.md are what the code makes; `python -m tests.services.triage.test_handoff_docs` prints them."""

from libs.contracts.lead import Lead
from libs.policy.note import note_of
from services.triage.domain.basis import basis_of
from services.triage.domain.checker import problems_of
from services.triage.domain.written import read_answer, template_draft
from tests.paths import ROOT
from tests.services.triage.drafted import a_lead, policy, to_owner
from tests.services.triage.test_draft_checker import answer, basis

ENGLISH = "Our support inbox gets 900 mails a week and half of them land with the wrong person. Could we see a demo?"
GERMAN = "Wir möchten nächsten Monat ein Projekt zur Datenbereinigung in Salesforce starten."


def example(message: str, quote: str, language: str) -> Lead:
    lead = a_lead(
        message, quote, name="Mara Lindqvist", first_name="Mara", title="Head of Customer Support", language=language,
        company="Tannenberg Tools", domain="tannenberg-tools.example", industry="software", country="US",
    )  # fmt: skip
    assert lead.score is not None
    score = lead.score.model_copy(update={"missing": ("employees", "timeline")})
    return lead.model_copy(update={"kind": "demo_request", "score": score})


def examples() -> dict[str, str]:
    """Each example by its name, as it stands in the page."""
    english = example(ENGLISH, "support inbox", "en")
    note = note_of(english, to_owner(), policy())
    lines = [f"{line.about:9}  {line.text}" for line in note.lines]
    draft = template_draft(basis_of(english, to_owner(), policy()))
    grounds = [
        f"{one.role:9}  {', '.join(f'{ground.kind} {ground.name}' for ground in one.grounds)}"
        for one in draft.sentences
    ]
    german = template_draft(basis_of(example(GERMAN, "Datenbereinigung", "de"), to_owner(), policy()))
    refused = read_answer(answer("We guarantee that tickets arrive by Monday for $99."), "a model", basis())
    assert isinstance(refused, tuple)
    assert problems_of(draft.sentences, basis_of(english, to_owner(), policy())) == ()
    return {
        "note": "\n".join(lines), "draft": draft.text, "evidence": "\n".join(grounds), "german": german.text,
        "refused": "\n".join(refused),
    }  # fmt: skip


def test_the_page_shows_what_the_code_makes() -> None:
    page = (ROOT / "docs" / "handoff.md").read_text()
    for name, text in examples().items():
        assert f"```text\n{text}\n```" in page, f"the example {name} of docs/handoff.md is not what the code makes"


if __name__ == "__main__":
    for name, text in examples().items():
        print(f"== {name}\n```text\n{text}\n```")
