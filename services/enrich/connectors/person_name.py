"""Person name: splits a full name into first and last name, or reads them off an address that looks like one person's."""

from collections.abc import Sequence

from libs.contracts.lead import Lead
from libs.identity.mail import normalised_email
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs, found, nothing
from services.enrich.domain.mailbox_names import name_in
from services.enrich.domain.person_names import Split, split_name

_FIELDS = ("first_name", "last_name")


class PersonName:
    """Splits `name`; a company, an address or a placeholder is not split. Without a full name the mailbox is read, less
    surely: jane.doe@corp.com."""

    name = "person_name"
    version = "2"
    fields = _FIELDS

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """The full name and the address, unless first and last name were given apart."""
        if lead.text("first_name") and lead.text("last_name") and not _is_ours(lead):
            return {}
        read = {"name": lead.text("name").strip(), "email": lead.text("email").strip()}
        return {field: text for field, text in read.items() if text}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """First and last name of every full name."""
        return [_findings(question.get("name", ""), question.get("email", "")) for question in questions]


def _is_ours(lead: Lead) -> bool:
    """Whether the names on the lead are an earlier answer of this provider: then the question is the same as before."""
    return any(lead.fields[field].source.name == PersonName.name for field in _FIELDS)


def _findings(name: str, email: str) -> list[Finding]:
    split = split_name(name) if name else Split(why_not="no name was given")
    if split.first or split.last:
        return _told(split, name, "lead.name")
    address = normalised_email(email) if email and _may_ask_mailbox(name) else ""
    if not address:
        return [nothing(field, split.why_not) for field in _FIELDS]
    read = name_in(address, "" if "@" in name else name)
    if not read.first:
        why_not = read.why_not if not name else f"{split.why_not}, and {read.why_not}"
        return [nothing(field, why_not) for field in _FIELDS]
    return _told(read, email, "lead.email", "read off the mailbox's name")


def _may_ask_mailbox(name: str) -> bool:
    """Only without a name, with one word, or with an address in its place; what is typed otherwise is not second-guessed."""
    return not name or "@" in name or name.isalpha()


def _told(split: Split, quote: str, where: str, reason: str = "") -> list[Finding]:
    parts = zip(_FIELDS, (split.first, split.last), strict=True)
    return [
        found(field, part, split.confidence, quote, where, reason)
        if part
        else nothing(field, "only a title and the family name are given" if field == "first_name" else "not given")
        for field, part in parts
    ]
