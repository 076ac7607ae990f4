"""The queue of what people have to answer, one item per lead, and the API to answer it."""
