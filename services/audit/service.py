"""Audit, wired."""

from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.broker import read_topics
from libs.runtime.people import PublishedAccesses
from libs.runtime.service import Resources, Service
from libs.runtime.sink import Sink
from libs.runtime.stage import keeping
from services.audit.access_api import add_accesses, add_grants
from services.audit.access_sink import TOPICS as ACCESS_TOPICS
from services.audit.access_sink import write_accesses
from services.audit.answers import Answers
from services.audit.api import create_app
from services.audit.domain.erasure import DESTROY
from services.audit.erasure import TOMBSTONES
from services.audit.erasures_api import add_erasures, key_destroyer
from services.audit.proof import Prover
from services.audit.questions_api import add_questions
from services.audit.retention import add_retention, forgetting
from services.audit.rows import rows_of
from services.audit.settings import AuditSettings
from services.audit.signer import Signer
from services.audit.sink import EVENT_TOPICS, change_writer, event_writer
from services.audit.stage import commands_stage
from services.audit.store.accesses import PostgresAccesses
from services.audit.store.checkpoints import Keys, Place, signed_in
from services.audit.store.rollbacks import Rollbacks
from services.audit.store.subjects import Erasures

ACCESSES_SECONDS = 0.5
"""Each answer that shows a person is a record: stored one by one they would cost more than the answers themselves."""


def build(resources: Resources) -> Service:
    """The service: the chained log, the events beside it, its commands, and the API on all three."""
    settings, pool = AuditSettings(), resources.pool
    kafka, name = resources.settings.kafka, AUDIT_CHANGE.name
    folder, key = settings.place(resources.data_dir)
    signer = Signer(
        pool, Place(folder, Keys(key)), resources.health, settings.checkpoint_rows, settings.checkpoint_seconds,
        settings.verify_page_rows,
    )  # fmt: skip
    prover = Prover(
        pool, lambda chain, start: read_topics(kafka, [name], {(name, chain): start}, only=[chain]),
        settings.verify_page_rows, resources.keys, book=lambda: signed_in(folder, Keys(key).public),
    )  # fmt: skip
    answers = Answers(pool, settings.rollback_max_moves, resources.keys)
    app = create_app(
        answers,
        prover,
        resources.commands,
        resources.settings.api_token,
        resources.health,
        settings,
    )
    add_questions(app, answers, settings.page_max)
    add_accesses(app, PostgresAccesses(pool), settings.page_max)
    add_grants(app, PublishedAccesses(resources.producer))
    add_retention(app, pool, resources.commands, resources.policies)
    add_erasures(app, pool, answers, resources.commands, resources.reader.read, settings)
    return Service(
        "audit",
        tombstones=TOMBSTONES,
        stages=keeping(
            rows_of,
            commands_stage(
                Rollbacks(settings.rollback_max_moves, resources.keys),
                Erasures(),
                resources.policies,
                settings.rollback_max_fields,
            ),
        ),
        sinks=(
            Sink("audit.changes", "audit", (AUDIT_CHANGE,), change_writer(resources.keys, settings.copy_from_rows)),
            Sink("audit.events", "audit", EVENT_TOPICS, event_writer(resources.keys)),
            Sink("audit.accesses", "audit", ACCESS_TOPICS, write_accesses, gap_seconds=ACCESSES_SECONDS),
        ),
        app=app,
        effects={DESTROY: key_destroyer(pool, resources.settings)},
        background=(signer.run, forgetting(pool, resources.commands, resources.policies)),
    )
