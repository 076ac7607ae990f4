"""Crm's REST API: read records; every write is a command, so that nothing escapes the audit log."""

from services.crm.api.app import create_app
from services.crm.api.reads import RecordPages

__all__ = ["RecordPages", "create_app"]
