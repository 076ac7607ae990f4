"""Words of sixteen languages, as data: a language is one table, and nothing but its table knows the language."""
