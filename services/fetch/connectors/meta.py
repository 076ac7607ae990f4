"""Meta's Graph API: a lead by its id. Errors come with a code in the body, mostly under status 400.

Codes: developers.facebook.com/docs/graph-api/guides/error-handling and .../overview/rate-limiting.
"""

import hmac
import json
from datetime import datetime
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from services.fetch.domain.account import Account, Question
from services.fetch.domain.answers import LIMIT_SECONDS, Answer, Later, Meaning, Refused, meaning_of, token_refused

NAME = "Meta"
BASE_URL = "https://graph.facebook.com"
VERSION = "v23.0"
FIELDS = (
    "created_time", "ad_id", "ad_name", "adset_id", "campaign_id", "campaign_name", "form_id", "field_data",
    "is_organic", "platform",
)  # fmt: skip
_TOKEN = {10, 102, 190, 463, 467, *range(200, 300)}
_LIMIT = {4, 17, 32, 613, *range(80000, 80015)}
_TEMPORARY = {1, 2}
_USAGE = "x-business-use-case-usage"


def question(object_id: str, account: Account) -> Question:
    """The GET for a leadgen id. The token stands in a header, so that no log of addresses holds it."""
    query = {"fields": ",".join(account.fields or FIELDS)}
    if account.app_secret:
        query["appsecret_proof"] = hmac.new(account.app_secret.encode(), account.token.encode(), "sha256").hexdigest()
    base, version = (account.base_url or BASE_URL).rstrip("/"), account.version or VERSION
    url = f"{base}/{version}/{quote(object_id, safe='')}?{urlencode(query)}"
    return Question(url, {"Authorization": f"Bearer {account.token}", "Accept": "application/json"})


def meaning(answer: Answer, now: datetime) -> Meaning:
    """What the answer means. "Does not exist" and "no permission" are one error: a person has to tell them apart."""
    held = answer.json()
    error = held.get("error") if isinstance(held, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if answer.status == 200 and error is None:
        return meaning_of(NAME, answer, now)
    if not isinstance(code, int):
        return meaning_of(NAME, answer, now)
    if code in _LIMIT:
        return Later(f"{NAME} limits our rate (error {code})", _regained(answer), whole_source=True)
    if code in _TOKEN:
        return token_refused(NAME, f"error {code}")
    if code in _TEMPORARY or answer.status >= 500:
        return Later(f"{NAME} has a problem of its own (error {code})")
    return Refused(f"{NAME} answered error {code}: the lead does not exist any more, or the token may not read it")


def _regained(answer: Answer) -> float:
    """Seconds until calls are allowed again, as the usage header says in minutes; a minute when it says nothing."""
    try:
        usage: JsonValue = json.loads(answer.headers.get(_USAGE, "{}"))
    except ValueError:
        usage = {}
    entries = (
        [entry for held in usage.values() if isinstance(held, list) for entry in held]
        if isinstance(usage, dict)
        else []
    )
    minutes = [entry.get("estimated_time_to_regain_access") for entry in entries if isinstance(entry, dict)]
    longest = max((held for held in minutes if isinstance(held, int | float)), default=0)
    return max(LIMIT_SECONDS, 60.0 * longest)
