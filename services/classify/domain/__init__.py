"""Pure rules of classify: the built-in model, cues, evidence and the strict schema of an answer."""
