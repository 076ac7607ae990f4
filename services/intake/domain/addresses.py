"""Names and addresses of a mail's header line."""

from email.utils import getaddresses


def addresses_in(line: str) -> list[tuple[str, str]]:
    """The pairs of name and address; none where the line can't be read: the standard library nests with its brackets."""
    try:
        return getaddresses([line.replace("\n", " ")])
    except (RecursionError, ValueError, IndexError):
        return []
