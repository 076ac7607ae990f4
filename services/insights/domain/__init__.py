"""Pure rules: facts of events, marks of facts, numbers of marks."""
