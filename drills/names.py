"""Every drill, by name."""

from drills import (
    broker_freeze,
    broker_kill,
    hung_transaction,
    intake_kill,
    min_isr,
    postgres_kill,
    refused_record,
    spool,
    stage_kill,
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
        refused_record,
        hung_transaction,
        postgres_kill,
        two_sinks,
    )
}
