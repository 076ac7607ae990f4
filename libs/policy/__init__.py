"""Policy as code: what RevOps own, loaded from YAML, and the gate `admit`."""
