"""What every service runs on: the exactly-once stage loop, state, commands, timers, effects, health and telemetry."""
