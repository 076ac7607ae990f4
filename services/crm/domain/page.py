"""A page of records as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.crm.domain.record import RecordState


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records of a type: exact e-mail, exact domain, in any letter case; empty asks for all."""

    email: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Records by id, and whether more follow the last one."""

    records: Sequence[RecordState]
    more: bool
