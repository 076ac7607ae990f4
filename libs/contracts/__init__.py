"""What travels between services: events, topics, ids and the codec. Needs pydantic and the standard library only."""
