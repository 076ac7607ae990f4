"""The pure rules of identity: keys, comparisons, verdicts, versions."""
