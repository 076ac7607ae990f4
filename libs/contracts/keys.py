"""Which topic an event goes to and which Kafka key it has; a key never holds personal data."""

from libs.contracts import events, ids, notices, topics
from libs.contracts.change import RecordRef
from libs.contracts.lead import Lead

_TOPIC_OF: dict[type[events.Event], topics.Topic[events.Event]] = {
    topic.event: topic for topic in topics.TOPICS if topic.event not in (events.Command, events.DeadLetter)
}


def topic_of(event: events.Event) -> topics.Topic[events.Event]:
    """The one topic of this event; a command's is that of the service it is for. Raises KeyError for dead letters, and for
    a command to nobody."""
    return topics.COMMANDS[event.target] if isinstance(event, events.Command) else _TOPIC_OF[type(event)]


def lead_of(event: events.Event) -> Lead | None:
    """The lead that the event carries, if it carries one."""
    held = getattr(event, "lead", None)
    return held if isinstance(held, Lead) else None


def key_of(event: events.Event) -> str:
    """The key: the HMAC of the identity key for line events, else the id of the thing the event is about."""
    match event:
        case events.TriageRequested() | events.TriageDecided() | events.SlaChanged() | events.LeadFeedback():
            return event.lead_id
        case events.ChangeRecorded():
            return event.change.record.key
        case events.CrmWrite() | events.RecordChanged():
            return event.record.key
        case events.SubmissionReceived():
            return event.submission_id
        case events.PolicyPublished():
            return event.policy_hash if event.role == "live" else f"shadow:{event.policy_hash}"
        case notices.NoticeGiven():
            return event.to.id if event.to is not None else f"role:{event.role}"
        case notices.NoticeDelivered():
            return event.lead_id or event.notice_id
        case events.SubjectErased():
            return event.erasure_id
        case events.Command() | events.AutonomyChanged():
            return event.key
        case events.StateStored():
            return event.caused_by
        case _:
            lead = lead_of(event)
            if lead is None:
                raise ValueError(f"{type(event).__name__} has no key")
            return lead.partition_key


def subject_of(event: events.Event) -> str:
    """The id of the encryption key that an event is sealed under: the person's whom it is about, by the lead that it carries,
    else by what it names. Empty where no event of its kind is about a lead or a record of the CRM."""
    lead = lead_of(event)
    if lead is not None:
        return lead.subject_key_id
    match event:
        case events.SubmissionReceived():
            return ids.subject_key_id(event.submission_id)
        case events.TriageRequested() | events.TriageDecided() | events.SlaChanged() | events.LeadFeedback():
            return ids.subject_key_id(event.lead_id)
        case notices.NoticeGiven():
            return ids.subject_key_id(event.lead_id)
        case events.CrmWrite() | events.RecordChanged():
            return subject_of_record(event.record)
        case events.ChangeRecorded():
            return subject_of_record(event.change.record)
        case events.Command():
            return ids.subject_key_id(event.key)
        case _:
            return ""


def subject_of_record(record: RecordRef) -> str:
    """The id of the key of a record's own values; empty for records of no person and no company."""
    if record.type in _NOBODYS:
        return ""
    return ids.subject_key_id(record.id if record.type in ("lead", "submission") else record.key)


_NOBODYS = frozenset({"policy", "webhook", "calendar", "autonomy", "erasure"})
