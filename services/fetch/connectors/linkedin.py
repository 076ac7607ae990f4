"""LinkedIn Lead Sync: a form response by its URN, with the form's questions in the same answer."""

from datetime import datetime
from urllib.parse import quote

from services.fetch.domain.account import Account, Question
from services.fetch.domain.answers import Answer, Meaning, meaning_of

NAME = "LinkedIn"
BASE_URL = "https://api.linkedin.com/rest"
VERSION = "202510"
FIELDS = (
    "id", "submittedAt", "testLead", "leadType", "leadMetadataInfo", "associatedEntityInfo", "versionedLeadGenFormUrn",
    "formResponse", "form:(id,name,hiddenFields,creationLocale,content)",
)  # fmt: skip
"""Field projection: the form comes along, so that no second call is needed to know what was asked."""


def question(object_id: str, account: Account) -> Question:
    """The GET for a leadGenFormResponse URN."""
    name = quote(object_id.rpartition(":")[2], safe="")
    fields = quote(",".join(account.fields or FIELDS), safe=":(),")
    headers = {
        "Authorization": f"Bearer {account.token}",
        "LinkedIn-Version": account.version or VERSION,
        "X-Restli-Protocol-Version": "2.0.0",
        "Accept": "application/json",
    }
    return Question(f"{(account.base_url or BASE_URL).rstrip('/')}/leadFormResponses/{name}?fields={fields}", headers)


def meaning(answer: Answer, now: datetime) -> Meaning:
    """What the answer means."""
    return meaning_of(NAME, answer, now)
