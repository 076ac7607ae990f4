"""An OpenAI-compatible endpoint for leads: asked side by side with a time budget; it never holds a lead up."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from libs.policy.taxonomy import Taxonomy
from libs.runtime import clock
from libs.runtime.chat import LEFT_ALONE, ChatEndpoint, ChatQuestion
from services.classify.domain.asked import Asked
from services.classify.domain.prompt import prompt_for
from services.classify.domain.reply import Reply
from services.classify.domain.strict import answer_schema
from services.classify.settings import EndpointSettings


class OpenAiEndpoint:
    """Asks the endpoint about leads, one lead a request."""

    def __init__(self, settings: EndpointSettings, budget_file: Path | None = None) -> None:
        """`budget_file`: where what the day has cost survives a restart."""
        self._settings = settings
        self._chat = ChatEndpoint(settings, budget_file)

    async def ask(self, questions: Sequence[tuple[Asked, Taxonomy]]) -> Sequence[Reply]:
        """One reply per question, in order, within the batch's time budget; what is late is a problem, not a wait."""
        if self._chat.left_alone:
            return [Reply(model=self._settings.model, problem=LEFT_ALONE)] * len(questions)
        tasks = [asyncio.create_task(self._one(asked, taxonomy)) for asked, taxonomy in questions]
        if not tasks:
            return []
        done, late = await asyncio.wait(tasks, timeout=self._settings.batch_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        timed_out = Reply(model=self._settings.model, problem="no answer within the batch's time")
        return [task.result() if task in done else timed_out for task in tasks]

    async def close(self) -> None:
        """Close the connections."""
        await self._chat.close()

    async def _one(self, asked: Asked, taxonomy: Taxonomy) -> Reply:
        prompt = prompt_for(asked, taxonomy, clock.new_id())
        question = ChatQuestion(prompt.system, prompt.user, answer_schema(taxonomy), "lead_classification")
        said = await self._chat.ask(question)
        if said.problem:
            return Reply(model=said.model, prompt_version=prompt.version, problem=said.problem)
        return Reply(said.text, said.model, prompt.version, prompt.secrets)
