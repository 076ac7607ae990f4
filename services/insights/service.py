"""Insights, wired."""

from libs.runtime.service import Resources, Service
from libs.runtime.sink import Sink
from services.insights.api import create_app
from services.insights.counting import Counting
from services.insights.erasure import TOMBSTONES
from services.insights.settings import InsightsSettings
from services.insights.sink import TOPICS, fact_writer
from services.insights.store import PostgresNumbers
from services.insights.weekly_api import add_weekly


def build(resources: Resources) -> Service:
    """The service: its sink, what counts, and the API on the numbers."""
    settings = InsightsSettings()
    numbers = PostgresNumbers(resources.pool)
    app = create_app(numbers, resources.policies, resources.settings.api_token, resources.health, settings)
    add_weekly(app, numbers, resources.policies)
    counting = Counting(resources.pool, resources.health, settings.at_once, settings.wait_seconds)
    return Service(
        "insights",
        tombstones=TOMBSTONES,
        sinks=(Sink("insights.facts", "insights", TOPICS, fact_writer(resources.keys)),),
        app=app,
        background=(counting.run,),
    )
