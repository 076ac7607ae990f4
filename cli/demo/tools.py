"""Form tools: the bytes that each posts for what somebody typed into a form."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cli.demo.world import Person

BOUNDARY = "----------------------------7d1f3c9a2b4e"


@dataclass(frozen=True)
class Filled:
    """A form as somebody filled it in. `delivery` is the tool's own id of the submission: the same when it sends it again."""

    delivery: str
    person: Person
    message: str
    submitted_at: datetime
    page: str
    utm: tuple[tuple[str, str], ...] = ()
    product: str = ""
    kind: str = "demo_request"
    consent: bool = True


@dataclass(frozen=True)
class Post:
    """One HTTP request of a form tool, not yet signed. `case` says what the demo means by it.

    `follows`: posted only after the others were taken, since it is about one of them. `answers` is what intake should say.
    """

    case: str
    source: str
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()
    forged: bool = False
    follows: bool = False
    expected: tuple[int, ...] = (200, 202)

    def again(self, case: str) -> "Post":
        """The same delivery once more, as tools send it when they saw no answer."""
        return replace(self, case=case, follows=True)


def posted(case: str, source: str, filled: Filled, *, follows: bool = False) -> Post:
    """What the source's tool posts for a form."""
    content_type, body = FORMATS[source](filled)
    return Post(case, source, body, content_type, follows=follows)


def as_json(value: Any) -> bytes:
    """Compact JSON with the letters as they are, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def typeform(filled: Filled) -> tuple[str, bytes]:
    """A finished response; answers point at their questions by id."""
    person = filled.person
    questions: list[tuple[str, str, str, Any]] = [
        ("Xn1", "What is your name?", "text", person.name),
        ("Em2", "What is your work e-mail?", "email", person.email),
        ("Co3", "Which company do you work for?", "text", person.company.name),
        ("Jt4", "What is your job title?", "text", person.title),
        ("Sz5", "How many employees does your company have?", "number", person.company.employees),
        ("Cy6", "Country", "text", person.company.country),
        ("Ms7", "How can we help you?", "text", filled.message),
    ]
    kinds = {"text": "short_text", "email": "email", "number": "number"}
    moment = filled.submitted_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return "application/json", as_json(
        {
            "event_id": f"01{filled.delivery.upper()}",
            "event_type": "form_response",
            "form_response": {
                "form_id": "lT4Z3j",
                "token": filled.delivery,
                "landed_at": moment,
                "submitted_at": moment,
                "hidden": {**dict(filled.utm), "page": filled.page, "source": filled.kind},
                "definition": {
                    "id": "lT4Z3j",
                    "title": "Talk to us",
                    "fields": [
                        {"id": key, "ref": f"q_{key.lower()}", "type": kinds[kind], "title": title}
                        for key, title, kind, _ in questions
                    ],
                },
                "answers": [
                    {"type": kind, kind: value, "field": {"id": key, "ref": f"q_{key.lower()}", "type": kinds[kind]}}
                    for key, _, kind, value in questions
                ],
            },
        }
    )


def tally(filled: Filled) -> tuple[str, bytes]:
    """A response with labelled fields; a choice holds its option's id."""
    person = filled.person
    fields = [
        ("First name", "INPUT_TEXT", person.first_name),
        ("Last name", "INPUT_TEXT", person.last_name),
        ("Work email", "INPUT_EMAIL", person.email),
        ("Phone number", "INPUT_PHONE_NUMBER", person.phone.replace(" ", "")),
        ("Company", "INPUT_TEXT", person.company.name),
        ("Job title", "INPUT_TEXT", person.title),
        ("Number of employees", "INPUT_NUMBER", person.company.employees),
        ("Country", "INPUT_TEXT", person.company.country),
        ("What do you need?", "TEXTAREA", filled.message),
        ("utm_campaign", "HIDDEN_FIELDS", dict(filled.utm).get("utm_campaign", "")),
    ]
    listed: list[dict[str, Any]] = [
        {"key": f"question_{index:03d}", "label": label, "type": kind, "value": value}
        for index, (label, kind, value) in enumerate(fields)
    ]
    options = [
        {"id": f"opt-{name}", "text": name} for name in ("Support Automation", "CRM Cleanup", "Voice", "Dashboards")
    ]
    if filled.product:
        chosen = next(option["id"] for option in options if option["text"] == filled.product)
        asked = {"key": "question_900", "label": "Which product are you interested in?", "type": "DROPDOWN"}
        listed.append({**asked, "value": [chosen], "options": options})
    moment = filled.submitted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    data = {
        "responseId": filled.delivery, "submissionId": filled.delivery, "formId": "mVQ2lz", "formName": "Contact sales",
        "createdAt": moment, "fields": listed,
    }  # fmt: skip
    return "application/json", as_json(
        {"eventId": f"ev-{filled.delivery}", "eventType": "FORM_RESPONSE", "createdAt": moment, "data": data}
    )


def webflow(filled: Filled) -> tuple[str, bytes]:
    """A form submission, version 2."""
    person = filled.person
    data = {
        "Full Name": person.name,
        "Business Email": person.email,
        "Company": person.company.name,
        "Job Title": person.title,
        "Company Size": str(person.company.employees),
        "Country": person.company.country,
        "Message": filled.message,
        "Page URL": f"{filled.page}?{urlencode(filled.utm)}",
    }
    payload = {
        "name": "Contact form", "siteId": "65f0aa01", "data": data, "id": filled.delivery, "formId": "66a1bc02",
        "submittedAt": filled.submitted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "formElementId": "5c-contact",
    }  # fmt: skip
    return "application/json", as_json({"triggerType": "form_submission", "payload": payload})


def calendly(filled: Filled) -> tuple[str, bytes]:
    """A booking of a demo."""
    person = filled.person
    questions = (
        ("Company", person.company.name), ("Job title", person.title), ("Country", person.company.country),
        ("Number of employees", str(person.company.employees)), ("Phone number", person.phone),
        ("What would you like to talk about?", filled.message),
    )  # fmt: skip
    moment = filled.submitted_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    payload = {
        "uri": f"https://api.calendly.com/scheduled_events/EV1/invitees/{filled.delivery}",
        "email": person.email,
        "name": person.name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "status": "active",
        "timezone": "Europe/Berlin",
        "created_at": moment,
        "questions_and_answers": [
            {"question": asked, "answer": told, "position": place} for place, (asked, told) in enumerate(questions)
        ],
        "tracking": {name: dict(filled.utm).get(name) for name in ("utm_source", "utm_medium", "utm_campaign")},
        "scheduled_event": {
            "name": "Product demo (30 minutes)",
            "uri": "https://api.calendly.com/scheduled_events/EV1",
        },
        "rescheduled": False,
        "old_invitee": None,
        "new_invitee": None,
    }
    return "application/json", as_json({"event": "invitee.created", "created_at": moment, "payload": payload})


def hubspot(filled: Filled) -> tuple[str, bytes]:
    """A contact as a HubSpot workflow posts it."""
    person = filled.person
    held = {
        "email": person.email, "firstname": person.first_name, "lastname": person.last_name, "company": person.company.name,
        "jobtitle": person.title, "numberofemployees": str(person.company.employees), "country": person.company.country,
        "message": filled.message, "phone": person.phone,
    }  # fmt: skip
    moment = int(filled.submitted_at.timestamp() * 1000)
    submission = {"conversion-id": filled.delivery, "title": "Request a demo", "form-id": "f-9071", "timestamp": moment}
    properties = {name: {"value": value, "timestamp": moment} for name, value in held.items()}
    contact = {"vid": int(filled.delivery[:6], 16), "portal-id": 4410, "properties": properties}
    return "application/json", as_json({**contact, "form-submissions": [submission]})


def google_ads(filled: Filled) -> tuple[str, bytes]:
    """A lead form's answers by column id; the shared key is put in when the post is sent."""
    person = filled.person
    columns = {
        "FULL_NAME": person.name, "WORK_EMAIL": person.email, "PHONE_NUMBER": person.phone.replace(" ", ""),
        "COMPANY_NAME": person.company.name, "JOB_TITLE": person.title, "COUNTRY": person.company.country,
        "How many employees does your company have?": str(person.company.employees),
        "What can we help you with?": filled.message,
    }  # fmt: skip
    listed = [{"column_id": name, "string_value": value} for name, value in columns.items()]
    return "application/json", as_json(
        {
            "lead_id": f"L{filled.delivery}", "api_version": "1.0", "form_id": 40000000000, "campaign_id": 20100,
            "google_key": "", "is_test": False, "lead_submit_time": filled.submitted_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "user_column_data": listed,
        }
    )  # fmt: skip


def jotform(filled: Filled) -> tuple[str, bytes]:
    """Multipart with the answers as JSON in `rawRequest`."""
    person = filled.person
    answers = {
        "slug": "submit/241234",
        "q3_fullName": {"first": person.first_name, "last": person.last_name},
        "q4_email": person.email,
        "q5_phoneNumber": {"full": person.phone},
        "q6_company": person.company.name,
        "q7_jobTitle": person.title,
        "q8_companySize": str(person.company.employees),
        "q9_country": person.company.country,
        "q10_message": filled.message,
        "path": f"{filled.page}?{urlencode(filled.utm)}",
    }
    parts = {
        "formID": "241234", "submissionID": filled.delivery, "formTitle": "Get in touch", "username": "signalbox",
        "ip": "192.0.2.7", "type": "WEB", "rawRequest": as_json(answers).decode(),
    }  # fmt: skip
    return f"multipart/form-data; boundary={BOUNDARY}", multipart(parts)


def own_json(filled: Filled) -> tuple[str, bytes]:
    """A site's own form as JSON, with names of its own."""
    person = filled.person
    return "application/json", as_json(
        {
            "submissionId": filled.delivery, "source": filled.kind, "submittedAt": filled.submitted_at.isoformat(),
            "contact": {"name": person.name, "email": person.email, "jobTitle": person.title},
            "company": person.company.name, "website": f"https://www.{person.company.domain}",
            "companySize": person.company.employees, "country": person.company.country, "message": filled.message,
            "landingPage": filled.page,
            "utm": dict(filled.utm), "consent": filled.consent,
        }
    )  # fmt: skip


def own_form(filled: Filled) -> tuple[str, bytes]:
    """A site's own HTML form, urlencoded."""
    person = filled.person
    fields = {
        "submission_id": filled.delivery, "form_name": filled.kind, "name": person.name, "email": person.email,
        "phone": person.phone, "company": person.company.name, "job_title": person.title,
        "employees": str(person.company.employees), "country": person.company.country, "message": filled.message,
        "page_url": f"{filled.page}?{urlencode(filled.utm)}", "consent": "yes" if filled.consent else "no",
    }  # fmt: skip
    return "application/x-www-form-urlencoded", urlencode(fields).encode()


def standard(filled: Filled) -> tuple[str, bytes]:
    """A message as Standard Webhooks advise; its id travels in a header."""
    return "application/json", as_json(
        {"type": "lead.created", "timestamp": filled.submitted_at.isoformat(), "data": json.loads(own_json(filled)[1])}
    )


def event_list(filled: Sequence[Filled], delivery: str) -> bytes:
    """Several people of one trade fair in one post."""
    rows = [
        {
            "first name": one.person.first_name, "last name": one.person.last_name, "e-mail": one.person.email,
            "company": one.person.company.name, "position": one.person.title, "employees": one.person.company.employees,
            "country": one.person.company.country, "notes": one.message,
        }
        for one in filled
    ]  # fmt: skip
    return as_json({"submissionId": delivery, "rows": rows})


def multipart(parts: dict[str, str]) -> bytes:
    """Plain fields as multipart/form-data."""
    lines = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts.items()
    ]
    return ("".join(lines) + f"--{BOUNDARY}--\r\n").encode()


FORMATS: dict[str, Callable[[Filled], tuple[str, bytes]]] = {
    "typeform": typeform,
    "tally": tally,
    "webflow": webflow,
    "calendly": calendly,
    "hubspot_forms": hubspot,
    "google_ads": google_ads,
    "jotform": jotform,
    "standard_webhooks": standard,
    "demo": own_json,
    "contact": own_form,
    "webinar": own_json,
    "download": own_form,
    "chat": own_json,
    "referral": own_json,
    "call_form": own_form,
}
"""By intake source: content type and body of what it posts."""
