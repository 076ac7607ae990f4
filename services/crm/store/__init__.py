"""Crm's records, their pages and its webhooks in Postgres."""

from services.crm.store.pages import PostgresRecordPages
from services.crm.store.records import PostgresRecords
from services.crm.store.webhooks import PostgresWebhooks

__all__ = ["PostgresRecordPages", "PostgresRecords", "PostgresWebhooks"]
