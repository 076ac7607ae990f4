"""A policy with everything that can be said about it before it decides: errors, warnings and hints, each with its place."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.policy.gaps import gaps
from libs.policy.load import documents_of, load_policy, problem_at
from libs.policy.policy import Policy
from libs.policy.problems import PolicyError, Problem
from libs.policy.reach import findings
from libs.policy.rights import rights
from libs.policy.unused import unused


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found; `policy` is None when the files do not load."""

    policy: Policy | None
    problems: tuple[Problem, ...]

    def of(self, severity: str) -> tuple[Problem, ...]:
        """The problems of one severity, by place."""
        return tuple(problem for problem in self.problems if problem.severity == severity)


def analysed(files: Mapping[str, str]) -> Analysis:
    """All problems of a policy.

    Beyond what `load_policy` refuses, a rule that is never reached is an error, too: nobody means to write one. A
    version that was published with one still loads, since a lead must be decided by the policy that it came in with.
    """
    try:
        policy = load_policy(files)
    except PolicyError as error:
        return Analysis(None, tuple(error.problems))
    documents = documents_of(files)
    found = [
        problem_at(documents[one.part], one.path, one.message, one.severity)
        for one in (*findings(policy), *unused(policy), *rights(policy), *gaps(policy))
    ]
    return Analysis(policy, tuple(sorted(found)))
