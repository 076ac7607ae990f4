"""Why the spool takes nothing."""


class SpoolFullError(Exception):
    """No room: the sender is asked to try again."""


class SpoolBrokenError(Exception):
    """The disk did not confirm a write. What it holds is unknown, so nothing more is acknowledged and the process ends."""
