"""A lead's text without what talks to a machine, so that what is left can still be quoted."""

from libs.injection.masked import masked


def own_words(text: str) -> str:
    """The text, of the same length, with line breaks in the place of what is masked: a quote never goes across."""
    told = masked(text).text
    if told == text:
        return text
    return "".join(ours if ours == theirs else "\n" for ours, theirs in zip(told, text, strict=True))


def first_own_words(text: str) -> str:
    """The first piece of a text that says something and is not masked; empty when all of it is."""
    kept = own_words(text)
    if kept == text:
        return text.strip()
    pieces = (piece.strip() for piece in kept.split("\n"))
    return next((piece for piece in pieces if sum(map(str.isalpha, piece)) > 1), "")
