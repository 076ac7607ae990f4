"""Which topic an event goes to and which Kafka key it has; a key never holds personal data."""

from libs.contracts import events, topics
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
        case events.NoticeGiven():
            return event.to.id if event.to is not None else f"role:{event.role}"
        case events.AutonomyChanged():
            return event.key
        case events.Command():
            return event.key
        case events.StateStored():
            return event.caused_by
        case _:
            lead = lead_of(event)
            if lead is None:
                raise ValueError(f"{type(event).__name__} has no key")
            return lead.partition_key


def subject_of(event: events.Event) -> str:
    """The id of the encryption key of the person an event is about; empty when it is about nobody."""
    lead = lead_of(event)
    return "" if lead is None else lead.subject_key_id
