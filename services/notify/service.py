"""Notify, wired."""

import asyncio
import logging
from datetime import timedelta

from libs.runtime import clock
from libs.runtime.outbound import Outbound
from libs.runtime.service import Resources, Service
from libs.runtime.stage import keeping
from libs.runtime.state import DATABASE_AWAY
from services.notify.answer import Answers
from services.notify.api import create_app
from services.notify.connectors import Connectors
from services.notify.domain.plan import SEND
from services.notify.erasure import TOMBSTONES
from services.notify.rows import rows_of
from services.notify.send import Sending, Session
from services.notify.settings import FILE, ConsoleAddress, NotifySettings, accounts_file
from services.notify.stage.commands import ANSWER, commands_stage
from services.notify.stage.notices import notices_stage
from services.notify.stage.records import records_stage
from services.notify.stage.requests import requests_stage
from services.notify.store import PostgresBook, PostgresState

log = logging.getLogger(__name__)

PRUNE_SECONDS = 600.0


def build(resources: Resources) -> Service:
    """The service: its four stages on one state, its API, and the calls that they order."""
    settings, console = NotifySettings(), ConsoleAddress().public_url
    state, book = PostgresState(), PostgresBook(resources.pool)
    client = Outbound(loopback=settings.loopback, ports=None if settings.loopback else settings.ports)

    def session() -> Session:
        known: Session = app.state  # what `connect` gave the app
        return known

    sending = Sending(
        book, Connectors(client, resources.tenant_secret, settings.timeout_seconds, settings.loopback),
        accounts_file(resources.data_dir / FILE).current, resources.policies, session, resources.health, console,
        timedelta(days=settings.disable_days),
    )  # fmt: skip
    answers = Answers(
        book, resources.policies, session, resources.settings.api_token.encode(), settings.triage(), console, client,
        settings.timeout_seconds,
    )  # fmt: skip
    app = create_app(book, sending, resources.producer, resources.settings.api_token, resources.health, settings)
    return Service(
        "notify",
        tombstones=TOMBSTONES,
        stages=keeping(
            rows_of,
            notices_stage(state, resources.policies),
            requests_stage(state, resources.policies),
            records_stage(state),
            commands_stage(state, resources.policies),
        ),
        app=app,
        effects={SEND: sending.run, ANSWER: answers.run},
        effects_at_once=settings.at_once,
        background=(lambda: tidying(book),),
    )


async def tidying(book: PostgresBook) -> None:
    """Forget old requests and calls, and hang bells that are missing; until it is cancelled."""
    while True:
        try:
            await book.prune(clock.now())
            await book.hang_bells(clock.now())
        except DATABASE_AWAY as error:
            log.warning("it can't be tidied up: %s", type(error).__name__)
        await asyncio.sleep(PRUNE_SECONDS)
