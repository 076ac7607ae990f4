"""Person name: splits a given full name into first and last name; adds nothing that was not written."""

from collections.abc import Sequence

from nameparser import HumanName

from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs, found, nothing

_FIELDS = ("first_name", "last_name")
_WHERE = "lead.name"


class PersonName:
    """Splits `name`; a single word, an address or something with digits is not split."""

    name = "person_name"
    version = "1"
    fields = _FIELDS

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """The full name, unless first and last name were given apart."""
        name = " ".join(lead.text("name").split())
        given = lead.text("first_name") and lead.text("last_name") and not _is_ours(lead)
        return {"name": name} if name and not given else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """First and last name of every full name."""
        return [_findings(question["name"]) for question in questions]


def _is_ours(lead: Lead) -> bool:
    """Whether the names on the lead are an earlier answer of this provider: then the question is the same as before."""
    return any(lead.fields[field].source.name == PersonName.name for field in _FIELDS)


def _findings(name: str) -> list[Finding]:
    if len(name) > 120 or any(letter.isdigit() or letter in "@/<>{}|" for letter in name):
        return [nothing(field, "does not read like a person's name") for field in _FIELDS]
    parsed = HumanName(name)
    first, last = str(parsed.first).strip(), str(parsed.last).strip()
    if not first or not last:
        return [nothing(field, "a single name is not split") for field in _FIELDS]
    if first not in name or last not in name:
        return [nothing(field, "the parts do not stand in the name as written") for field in _FIELDS]
    return [found("first_name", first, 0.85, name, _WHERE), found("last_name", last, 0.85, name, _WHERE)]
