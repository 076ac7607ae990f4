"""HubSpot CRM: a contact by its portal and id."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, urlencode

from services.fetch.domain.account import Account, Question
from services.fetch.domain.answers import Answer, Later, Meaning, meaning_of

NAME = "HubSpot"
BASE_URL = "https://api.hubapi.com"
VERSION = "v3"
FIELDS = (
    "email", "firstname", "lastname", "phone", "mobilephone", "company", "website", "jobtitle", "city", "country",
    "message", "createdate", "lifecyclestage", "hs_analytics_source", "hs_analytics_first_url",
    "hs_analytics_first_referrer", "recent_conversion_event_name",
)  # fmt: skip
BURST_SECONDS = 10.0
"""The window of the burst limit; the daily one is waited for by the hour."""
DAILY_SECONDS = 3600.0


def question(object_id: str, account: Account) -> Question:
    """The GET for `portal/contact/ID`."""
    name = quote(object_id.rpartition("/")[2], safe="")
    base, query = (
        (account.base_url or BASE_URL).rstrip("/"),
        urlencode({"properties": ",".join(account.fields or FIELDS)}),
    )
    url = f"{base}/crm/{account.version or VERSION}/objects/contacts/{name}?{query}"
    return Question(url, {"Authorization": f"Bearer {account.token}", "Accept": "application/json"})


def meaning(answer: Answer, now: datetime) -> Meaning:
    """What the answer means; a rate limit without Retry-After says by its policy's name how long it lasts."""
    found = meaning_of(NAME, answer, now)
    if isinstance(found, Later) and answer.status == 429 and "retry-after" not in answer.headers:
        held = answer.json()
        policy = str(held.get("policyName", "")) if isinstance(held, dict) else ""
        return replace(found, after_seconds=DAILY_SECONDS if "DAILY" in policy.upper() else BURST_SECONDS)
    return found
