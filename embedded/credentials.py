"""The stack's own secrets: made once, kept in `<data>/secrets.json` for its owner only."""

import json
import secrets
from dataclasses import asdict, dataclass

from embedded.errors import StackError
from embedded.files import DataFolder, write_atomically


@dataclass(frozen=True)
class Credentials:
    """The key of the tenant's HMACs (32 bytes in hexadecimal), the API's bearer token, Postgres' password, and the key that wraps
    all keys of people (32 bytes in hexadecimal; empty in a folder from before there was one: nothing is encrypted there)."""

    tenant_secret: str
    api_token: str
    database_password: str
    master_key: str = ""


def credentials_of(folder: DataFolder) -> Credentials:
    """The stack's secrets, made now if it has none yet.

    Raises StackError when they are gone and data that needs them is not: new ones would not fit it.
    """
    path = folder.root / "secrets.json"
    if path.exists():
        return Credentials(**json.loads(path.read_text()))
    for used in (folder.root / "kafka", folder.root / "postgres"):
        if used.exists():
            raise StackError(f"{path} is gone, but {used} was written with it: put it back, or remove {folder.root}")
    made = Credentials(
        secrets.token_hex(32), secrets.token_urlsafe(32), secrets.token_urlsafe(24), secrets.token_hex(32)
    )
    write_atomically(path, json.dumps(asdict(made), indent=2))
    return made
