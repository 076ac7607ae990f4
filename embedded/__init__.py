"""Kafka, PostgreSQL and the services as supervised child processes of a machine that has only Python."""
