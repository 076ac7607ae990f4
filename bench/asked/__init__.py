"""A large audit log to ask: made in Postgres itself, kept, and used again."""
