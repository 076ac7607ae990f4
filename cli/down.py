"""`down`: end everything that runs in a data folder."""

from cli.console import err, out
from cli.options import Data
from embedded import stack


def down(data: Data) -> None:
    """End everything that runs in the data folder, whoever started it."""
    ended = stack.down(data, lambda line: err.print(f"  {line}"))
    out.print("everything has ended" if ended else f"nothing runs in {data}")
