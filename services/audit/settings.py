"""What the audit service is told from outside; environment names start with `AUDIT_`."""

from pathlib import Path

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
    checkpoint_dir: Path | None = None
    """Where signed checkpoints are appended: another disk or machine than the database's. None: `checkpoints` in the data
    folder, which whoever has the database's machine can rewrite as well."""
    checkpoint_key: Path | None = None
    """The file with the key that signs them. None: `audit-key.pem` in the data folder."""
    checkpoint_rows: int = 10_000
    """A chain that has grown by so many rows is signed at once."""
    checkpoint_seconds: float = 60.0
    """A chain that has grown at all is signed this long after it was signed last."""
    body_max_bytes: int = 1_000_000
    """The largest request body; a selection may list thousands of ids."""

    def place(self, data: Path) -> tuple[Path, Path]:
        """The folder of the checkpoints and the file of the key, in a stack with this data folder."""
        return self.checkpoint_dir or data / "checkpoints", self.checkpoint_key or data / "audit-key.pem"
