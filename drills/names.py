"""Every drill, by name."""

from drills import (
    broker_freeze,
    broker_kill,
    duplicates,
    forgeries,
    fsync,
    hung_transaction,
    intake_kill,
    min_isr,
    overload,
    poison,
    postgres_kill,
    refused_record,
    replay,
    rotation,
    slow_clients,
    spool,
    spool_full,
    stage_kill,
    timing,
    torn_tail,
    two_sinks,
    zombie,
)
from drills.drill import Drill

DRILLS: dict[str, Drill] = {
    module.DRILL.name: module.DRILL
    for module in (
        intake_kill,
        stage_kill,
        zombie,
        broker_kill,
        broker_freeze,
        min_isr,
        spool,
        spool_full,
        fsync,
        torn_tail,
        refused_record,
        hung_transaction,
        postgres_kill,
        two_sinks,
        poison,
        duplicates,
        replay,
        forgeries,
        timing,
        rotation,
        slow_clients,
        overload,
    )
}
