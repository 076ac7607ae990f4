"""What the audit service is told from outside; environment names start with `AUDIT_`."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class AuditSettings(BaseSettings):
    """Settings of the audit service."""

    model_config = SettingsConfigDict(env_prefix="AUDIT_", extra="ignore")

    rollback_max_fields: int = 5_000
    """Fields that one rollback may restore; they go out in one transaction. A larger selection is refused."""
    rollback_max_moves: int = 100_000
    """Rows of the log that one plan may read: it is made inside a database transaction, which must not stand idle long."""
    verify_page_rows: int = 2_000
    """Rows of the log that `verify` reads at a time, each page in its own short transaction."""
    copy_from_rows: int = 1_000
    """Batches larger than this go in by COPY, smaller ones by one insert of arrays."""
    page_max: int = 1_000
    """Moves on one page of a timeline."""
    body_max_bytes: int = 1_000_000
    """The largest request body; a selection may list thousands of ids."""
