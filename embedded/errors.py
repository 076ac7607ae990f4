"""What can go wrong while the stack is started or ended, said so that a person can act on it."""


class StackError(Exception):
    """The stack can't be started or ended; the message says what to do about it."""
