"""LinkedIn Lead Sync: a response's URN, no fields; fetched, it comes back with its form's questions.

Signs `hmacsha256=` and the body. A DELETED action asks to erase what the person had sent.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, ToFetch, Unmapped
from services.intake.domain.handshakes import linkedin_challenge
from services.intake.domain.request import Request
from services.intake.domain.values import time_of, yes_or_no
from services.intake.domain.verifiers import Verifier

_PREDEFINED = {
    "WORK_EMAIL": "email", "EMAIL": "email", "FIRST_NAME": "first_name", "LAST_NAME": "last_name",
    "WORK_PHONE_NUMBER": "phone", "PHONE_NUMBER": "phone", "COMPANY_NAME": "company", "JOB_TITLE": "title",
    "SENIORITY": "seniority", "CITY": "city", "COUNTRY_REGION": "country", "COUNTRY": "country",
    "INDUSTRY": "industry", "COMPANY_SIZE": "employees",
}  # fmt: skip
"""LinkedIn's own questions; work addresses first."""


def map_linkedin(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item per notice, and one lead of what was fetched."""
    if at(body.value, "formResponse") is not None:
        return (_lead(body.value, rules),)
    action, response = text_at(body.value, "leadAction"), text_at(body.value, "leadGenFormResponse")
    if response is None:
        return (Unmapped("no leadGenFormResponse in it", ("leadGenFormResponse",)),)
    if action == "DELETED":
        return (NotALead(Disposition.ERASURE, "LinkedIn asks to erase this response"),)
    if action not in ("CREATED", None):
        return (NotALead(Disposition.UPDATE, f"LinkedIn tells of {action[:40]}, which makes no lead"),)
    return (ToFetch("linkedin", response, "LinkedIn sends only the response's URN"),)


def _lead(fetched: JsonValue, rules: IntakeSource) -> Item:
    if yes_or_no(at(fetched, "testLead")) is True:
        return NotALead(Disposition.TEST, "LinkedIn calls it a test lead")
    questions = _questions(at(fetched, "form.content.questions"))
    answers = at(fetched, "formResponse.answers")
    draft, others, known = Draft(rules.own_addresses), [], []
    for index, answer in enumerate(answers if isinstance(answers, list) else []):
        question = questions.get(text_at(answer, "questionId") or "", {})
        value, where = _value(answer, question), f"formResponse.answers[{index}]"
        predefined = text_at(question, "predefinedField")
        if predefined in _PREDEFINED:
            known.append((list(_PREDEFINED).index(predefined), _PREDEFINED[predefined], value, where))
        else:
            names = [*_texts(at(question, "question")), text_at(question, "name"), predefined]
            others.append(Entry(tuple(filter(None, names)) or ("answer",), value, where, is_answer=True))
    for _, name, value, where in sorted(known, key=lambda held: held[0]):
        draft.put(name, value, where)
    draft.assign(others + entries_of(at(fetched, "form.hiddenFields"), "form.hiddenFields"))
    draft.put("campaign", at(fetched, "leadMetadataInfo.sponsoredLeadMetadataInfo.campaign.name"), "leadMetadataInfo")
    forms = (form_text(at(fetched, "form.name")), form_text(at(fetched, "form.id")))
    return finished(draft, fetched, rules, forms=forms, submitted_at=time_of(at(fetched, "submittedAt")))


def _questions(value: JsonValue) -> dict[str, dict[str, JsonValue]]:
    found = {}
    for question in value if isinstance(value, list) else []:
        name = text_at(question, "questionId")
        if isinstance(question, dict) and name is not None:
            found[name] = question
    return found


def _value(answer: JsonValue, question: JsonValue) -> JsonValue:
    """The text of an answer; of a choice, the chosen options' texts."""
    text = at(answer, "answerDetails.textQuestionAnswer.answer")
    chosen = at(answer, "answerDetails.multipleChoiceAnswer.options")
    if text is not None or not isinstance(chosen, list):
        return text
    options = at(question, "questionDetails.multipleChoiceQuestionDetails.options")
    labels = {
        text_at(option, "id"): next(iter(_texts(at(option, "text"))), None)
        for option in (options if isinstance(options, list) else [])
    }
    return [labels.get(str(option)) or str(option) for option in chosen if isinstance(option, int | str)]


def _texts(value: JsonValue) -> list[str]:
    """A localised text in all its languages."""
    localized = at(value, "localized")
    return [text for text in localized.values() if isinstance(text, str)] if isinstance(localized, dict) else []


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    parts = [text_at(value, name) for name in ("leadGenFormResponse", "leadAction", "occurredAt")]
    return " ".join(part for part in parts if part) if parts[0] else None


ADAPTER = Adapter(
    "linkedin_lead_sync",
    map_linkedin,
    (Verifier("x-li-signature", signed=(b"hmacsha256=", "body")),),
    _delivery_id,
    handshake=linkedin_challenge,
    preset=Preset(
        "LinkedIn Lead Sync",
        (
            "In linkedin.com/developers open your app: Auth, and give its client secret to Signalbox as the secret.",
            "Register {url} under Webhooks; LinkedIn checks it at once, and then every two hours.",
            "Subscribe it to leads: POST /rest/leadNotifications with your account's URN and leadType SPONSORED.",
            "Make an access token with r_marketing_leadgen_automation, and give it to Signalbox as the token.",
        ),
        b'{"type":"LEAD_ACTION","leadGenFormResponse":"urn:li:leadGenFormResponse:00000000-0000-0000-0000-000000000000-1",'
        b'"leadGenForm":"urn:li:leadGenForm:1","owner":{"sponsoredAccount":"urn:li:sponsoredAccount:1"},'
        b'"leadType":"SPONSORED","leadAction":"CREATED","occurredAt":1746368520000}',
        secret="theirs",
        defaults={"channel": "paid_social"},
    ),
)
