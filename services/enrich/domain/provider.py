"""What a provider is: the one interface behind which all of them stand."""

from collections.abc import Callable, Sequence
from typing import Protocol

from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs


class Provider(Protocol):
    """A source of values. `version` changes whenever the same inputs may be answered otherwise."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def fields(self) -> tuple[str, ...]: ...

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        """What it reads off the lead; empty when there is nothing to ask about. Pure."""
        ...

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """One list of findings per question. Raises ConnectionError when it can't be reached; an offline one also
        Retryable, when the lead must not go on without it."""
        ...


Network = Callable[[Policy], Sequence[Provider]]
"""The providers that a policy wants asked over the network. One that stands for the same thing in two policies is the same
object, so that its cache, limits and breaker are too."""


def no_network(policy: Policy) -> Sequence[Provider]:  # noqa: ARG001 - one of the kind
    """Nobody is asked over the network."""
    return ()
