"""Cells that are written for people to open in a spreadsheet."""


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; phone numbers and negative numbers stay as they are."""
    is_formula = cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not cell[1:2].isdigit() and len(cell) > 1
    return f"'{cell}" if is_formula else cell
