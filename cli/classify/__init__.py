"""`classify`: train the built-in model, measure it, ask it, try a version in shadow and make it decide."""
