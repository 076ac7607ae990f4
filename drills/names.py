"""Every drill, by name."""

from drills import hung_transaction, intake_kill, postgres_kill, refused_record, stage_kill, two_sinks, zombie
from drills.drill import Drill

DRILLS: dict[str, Drill] = {
    module.DRILL.name: module.DRILL
    for module in (intake_kill, stage_kill, zombie, refused_record, hung_transaction, postgres_kill, two_sinks)
}
