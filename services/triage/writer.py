"""The effect that asks a model for a draft. What it says is checked when it comes back, by the command `draft_written`."""

from typing import Protocol

from pydantic import JsonValue

from libs.contracts.base import Model
from libs.runtime.chat import ChatQuestion, ChatReply


class Endpoint(Protocol):
    """A language model outside the process; what goes wrong is a reply with a problem."""

    async def ask(self, question: ChatQuestion) -> ChatReply: ...


class Order(Model):
    """Arguments of the effect: what is asked, for which version of the lead."""

    version: int
    system: str
    user: str
    schema_: dict[str, JsonValue]


class Writer:
    """Runs the effect; without an endpoint, as after a restart with other settings, it says so and asks nobody."""

    def __init__(self, endpoint: Endpoint | None) -> None:
        self._endpoint = endpoint

    async def write(self, arguments: JsonValue, effect_id: str) -> JsonValue:  # noqa: ARG002 - the same for each effect
        """The endpoint's text and the model's name, or the problem."""
        order = Order.model_validate(arguments)
        if self._endpoint is None:
            return {"version": order.version, "problem": "no endpoint is configured any more"}
        said = await self._endpoint.ask(ChatQuestion(order.system, order.user, order.schema_, "follow_up_draft"))
        return {"version": order.version, "text": said.text, "model": said.model, "problem": said.problem}
