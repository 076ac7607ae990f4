"""All rows by name, in the order in which they are run."""

from bench.rows import asked, audit, classify, dedupe, idle, intake, line, load, rebuild, stage, whatif
from bench.rows.row import Budget

ROWS = {
    row.name: row
    for row in (
        Budget("intake", intake.TITLE, intake.measure),
        Budget("stage", stage.TITLE, stage.measure),
        Budget("audit", audit.TITLE, audit.measure),
        Budget("asked", asked.TITLE, asked.measure),
        Budget("classify", classify.TITLE, classify.measure),
        Budget("dedupe", dedupe.TITLE, dedupe.measure),
        Budget("whatif", whatif.TITLE, whatif.measure),
        Budget("rebuild", rebuild.TITLE, rebuild.measure),
        Budget("line", line.TITLE, line.measure),
        Budget("load", load.TITLE, load.measure),
        Budget("idle", idle.TITLE, idle.measure),
    )
}
