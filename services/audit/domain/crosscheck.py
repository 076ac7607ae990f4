"""The log against the topic it was written from: the same bytes at the same offsets, none missing, none added."""

from services.audit.domain.chain import Link
from services.audit.domain.verify import Finding


def mismatch(chain: int, row: Link | None, record: tuple[int, bytes, int] | None, due: int) -> Finding | None:
    """What is wrong between the next row and the next record (offset, value, broker's time in microseconds since 1970);
    None when they agree or both ended.

    `due` is the row number that comes next: the one that a missing row would have.
    """
    if row is None and record is None:
        return None
    if row is None or (record is not None and row.kafka_offset > record[0]):
        assert record is not None
        return Finding(chain, due, "deleted", f"offset {record[0]} of the topic has no row")
    if record is None or row.kafka_offset < record[0]:
        return Finding(chain, row.seq, "inserted", f"the topic has no record at offset {row.kafka_offset}")
    if row.value != record[1]:
        return Finding(chain, row.seq, "edited", f"the topic has other bytes at offset {row.kafka_offset}")
    if row.recorded_us not in (0, record[2]):
        return Finding(chain, row.seq, "edited", f"the topic has another time at offset {row.kafka_offset}")
    return None
