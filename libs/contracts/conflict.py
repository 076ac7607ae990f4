"""What crm tells the router of changes that it did not make: the arguments of the command `conflict`."""

from libs.contracts.base import Model
from libs.contracts.change import FieldChange

CONFLICT = "conflict"


class ConflictArguments(Model):
    """Changes of one write of a lead that need a person, as they were audited: `old` is what the record holds, `new` is
    what was to be written, and the rule and the reason say why it was not."""

    write_id: str
    changes: tuple[FieldChange, ...]
