"""All rows by name, in the order in which they are run."""

from bench.rows import audit, intake, stage
from bench.rows.row import Budget

ROWS = {
    row.name: row
    for row in (
        Budget("intake", intake.TITLE, intake.measure),
        Budget("stage", stage.TITLE, stage.measure),
        Budget("audit", audit.TITLE, audit.measure),
    )
}
