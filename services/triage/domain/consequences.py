"""What happens on each choice of a question, in one sentence made of the question's own facts."""

from pydantic import JsonValue

from libs.contracts.change import ProposedChange
from libs.contracts.events import Question
from libs.contracts.lead import Lead, Route

AGAIN = "the lead goes through the line again as its next version and is scored anew"
SHOWN = 60


def consequences(
    question: Question, choices: tuple[str, ...], lead: Lead | None, suggested: Route | None
) -> dict[str, str]:
    """By choice: what follows from it."""
    return {choice: consequence(question, choice, lead, suggested) for choice in choices}


def consequence(question: Question, choice: str, lead: Lead | None, suggested: Route | None) -> str:
    """What follows from one choice."""
    verdict, _, value = choice.partition(":")
    if question.proposal is not None:
        if question.review.kind == "conflict" and question.proposal.record.type != "lead":
            return _of_conflict(question.proposal, verdict)
        return _of_change(question.proposal, verdict)
    match question.review.kind:
        case "identity":
            return _of_identity(question, verdict, value)
        case "route":
            return _of_route(verdict, lead, suggested)
        case "unmapped":
            return "No lead is made of it: the submission stays as it came, byte for byte, and the question is closed."
        case "failure":
            return "Nothing is done again: the failure counts as seen, and the question is closed."
        case _:
            return "The question is closed; the lead goes on as it is."


def _of_change(change: ProposedChange, verdict: str) -> str:
    place, own = f"{change.record.type}.{change.field}", change.record.type == "lead"
    where = f"the lead's {change.field}" if own else f"{place} in the CRM"
    match verdict:
        case "approve":
            if own:
                return f"Sets {where} to {_shown(change.new)}; {AGAIN}."
            return f"Writes {_shown(change.new)} into {where}, with your yes in the audit log."
        case "edit":
            then = f"; {AGAIN}" if own else ""
            return f"Writes your value into {where}, verified by you: no machine changes it afterwards{then}."
        case "reject":
            return f"{_first(where)} stays {_shown(change.old)}; this value comes back only when its evidence changes."
        case _:
            return f"{_first(where)} stays {_shown(change.old)}, and no machine writes it until a person unblocks it."


def _of_conflict(change: ProposedChange, verdict: str) -> str:
    place = f"{change.record.type}.{change.field}"
    if verdict == "approve":
        return f"Writes {_shown(change.new)} over the {_shown(change.old)} in the CRM's {place}; refused if that moved again."
    return f"The CRM keeps {_shown(change.old)} in {place}."


def _of_identity(question: Question, verdict: str, record: str) -> str:
    detail = question.review.detail if isinstance(question.review.detail, dict) else {}
    about = detail.get("about") or "record"
    match verdict:
        case "link":
            named = record or "the record that you name"
            return f"The lead joins {about} {named}; nothing is merged, the link can be cut again, and {AGAIN}."
        case "parent":
            return _related(record, f"{record} is recorded as the parent of the lead's company")
        case "child":
            return _related(record, f"the lead's company is recorded as the parent of {record}")
        case "partner":
            return _related(record, f"the two companies are recorded as partners ({record})")
        case _:
            return f"The lead gets a {about} of its own; asked again only if something new speaks for it, and {AGAIN}."


def _related(record: str, what: str) -> str:
    return f"Kept apart as companies, and {what}; the relation can be cut again, and {AGAIN}." if record else what


def _of_route(verdict: str, lead: Lead | None, suggested: Route | None) -> str:
    waiting = 0 if lead is None else len(lead.proposals)
    writes = (
        f" {waiting} proposed changes of CRM records go out with it, as far as the policy lets them." if waiting else ""
    )
    match verdict:
        case "approve" if suggested is not None:
            return f"The lead goes to {_destination(suggested)} now.{writes}"
        case "route":
            return f"The lead goes to the queue or member that you name, now.{writes}"
        case _:
            return "The lead goes nowhere: it stays in review, nothing is written to the CRM, and the route is asked again."


def _destination(route: Route) -> str:
    queue = f"the queue {route.queue}" if route.queue else route.destination
    return f"{queue} and its owner {route.owner.id}" if route.owner is not None else queue


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shown(value: JsonValue) -> str:
    if value is None or value in ("", [], {}):
        return "empty"
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
