"""The steps of a route as a Mermaid flowchart, for wikis that draw it."""

from collections.abc import Sequence

from cli.route.steps import Step


def mermaid(rows: Sequence[Step]) -> str:
    """The flowchart's text."""
    lines = ["flowchart TD", '  start(["a scored lead"]) --> hold{"suppression: held back?"}']
    lines += ['  hold -- yes --> held["as suppression.yaml says"]', f"  hold -- no --> r_{rows[0].rule}"]
    for number, step in enumerate(rows):
        lines.append(f'  r_{step.rule}{{"{step.priority} {step.rule}<br/>{_safe(step.when)}"}}')
        lines.append(f"  r_{step.rule} -- holds --> q_{step.queue or step.destination}")
        if number + 1 < len(rows):
            lines.append(f"  r_{step.rule} -- else --> r_{rows[number + 1].rule}")
    for step in {step.queue or step.destination: step for step in rows}.values():
        lines.append(f'  q_{step.queue or step.destination}["{_safe(step.title)}"]')
    for queue, pool, empty in dict.fromkeys((step.queue, step.pool, step.when_empty) for step in rows if step.pool):
        lines.append(f'  q_{queue} --> p_{pool}[/"pool {pool}"/]')
        lines.append(f"  p_{pool} -. nobody can take it .-> q_{empty}")
    return "\n".join(lines) + "\n"


def _safe(text: str) -> str:
    """The text with what Mermaid would read as its own signs written as entities."""
    for sign, entity in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;"), ("#", "&num;")):
        text = text.replace(sign, entity)
    return text
