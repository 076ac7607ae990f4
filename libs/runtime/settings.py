"""What a service is told from outside: addresses, secrets and limits, all from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RuntimeSettings(BaseSettings):
    """Settings of every service; the environment names are `SIGNALBOX_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="SIGNALBOX_", extra="ignore")

    kafka: str
    """Bootstrap servers, host:port[,host:port]."""
    database_url: str
    """PostgreSQL URL of a role that may create schemas and roles; services then use their own role."""
    data: Path = Path(".signalbox")
    tenant_secret: str = Field(min_length=32, repr=False)
    """Hex; keys the HMACs of identity keys and derives the database roles' passwords."""
    api_token: str = Field(min_length=16, repr=False)
    master_key: str = Field("", repr=False)
    """Where the key comes from that wraps all subjects' keys: key:HEX, file:PATH or exec:COMMAND (master_key.py). Empty:
    nothing is encrypted, and nobody can be erased."""
    instance: str = ""
    """Name of this process among its service's, the same after a restart: its partitions then wait for it (static
    membership) instead of being given away after the session timeout. Two processes must never share one."""
    listen: str = "127.0.0.1"
    """Address that HTTP is served on; 0.0.0.0 in a container."""
    health_port: int = 0
    """Where a process that has no API of its own answers /health/live and /health/ready; 0: nowhere."""
    env: str = "local"
    """Prefix of transactional ids: two installations on one cluster must differ."""
    replication_factor: int = 1
    partitions: int = 2
    """Partitions of the line's topics; fixed once they exist."""
    batch_seconds: float = 0.25
    transaction_gap_seconds: float = 0.025
    """Under load, at least this long between two transactions of one owner: transactions are what a broker lacks."""
    session_timeout_ms: int = 10_000
    transaction_timeout_ms: int = 12_000
    otlp_endpoint: str = ""
    log_level: str = "INFO"
    defect_limit: int = 20
    """Dead letters with the reason `defect` that one process writes before it stops: a bad deploy must not eat a topic."""
    drill_pause: float = 0.0
    """Seconds a stage waits inside each transaction; only fault drills set it, to be killed there."""


class ServicePort(BaseSettings):
    """The HTTP port of a service: `<SERVICE>_PORT`."""

    model_config = SettingsConfigDict(extra="ignore")
    port: int = 0


def port_of(service: str) -> int:
    """The port that the environment gives this service; 0 when it gives none."""
    return ServicePort(_env_prefix=f"{service.upper()}_").port
