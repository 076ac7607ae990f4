"""Whatever is done to a chain is found, and the first bad row named."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.domain.chain import GENESIS, Head, Link, extend, link_hash, seal_holds
from services.audit.domain.crosscheck import mismatch
from services.audit.domain.verify import Finding, Verifier


def chain_of(count: int, gap: int = 1) -> tuple[list[Link], Head]:
    return extend(Head(0), [(number * gap, f"value {number}".encode(), number % 3) for number in range(count)])


def verified(links: Sequence[Link], head: Head | None) -> Finding | None:
    verifier = Verifier(0)
    for link in sorted(links, key=lambda link: link.seq):
        verifier.push(link)
    return verifier.end(head)


def rows_at(seq: int, links: Sequence[Link]) -> list[Link]:
    return [link for link in links if link.seq == seq]


def seal(link: Link) -> Link:
    """The row with a hash that fits it: what a tamperer who knows the rule does."""
    return replace(
        link, hash=link_hash(link.chain, link.seq, link.kafka_offset, link.prev, link.value, link.recorded_us)
    )


def found(links: Sequence[Link], head: Head | None) -> tuple[int, str]:
    finding = verified(links, head)
    assert finding is not None
    return finding.seq, finding.kind


def test_a_chain_extends_in_parts_as_in_one() -> None:
    records = [(number, bytes([number]), 1000 * number) for number in range(20)]
    whole, head = extend(Head(3), records)
    first, middle = extend(Head(3), records[:7])
    second, end = extend(middle, records[7:])
    assert first + second == whole
    assert end == head
    assert whole[0].prev == GENESIS
    assert head == Head(3, 20, whole[-1].hash, 19)


@given(st.integers(0, 30), st.integers(1, 3))
def test_an_untouched_chain_verifies(count: int, gap: int) -> None:
    links, head = chain_of(count, gap)
    assert verified(links, head) is None


def test_lengths_keep_bytes_and_numbers_apart() -> None:
    assert link_hash(0, 1, 0, GENESIS, b"ab") != link_hash(0, 1, 0, GENESIS, b"a") + b"b"
    assert (
        len({link_hash(chain, seq, offset, GENESIS, b"") for chain in (0, 1) for seq in (1, 2) for offset in (0, 1)})
        == 8
    )


def test_a_row_with_a_broken_prev_never_seals() -> None:
    links, _ = chain_of(1)
    assert seal_holds(links[0])
    assert not seal_holds(replace(links[0], prev=b"short"))


COUNT = 12
place = st.integers(0, COUNT - 1)


@given(place, st.sampled_from(["value", "hash", "prev", "kafka_offset", "recorded_us"]))
def test_an_edit_is_found(at: int, column: str) -> None:
    links, head = chain_of(COUNT, gap=3)
    other: dict[str, object] = {
        "recorded_us": 7,
        "value": links[at].value.upper(),
        "hash": b"x" * 32,
        "prev": b"y" * 32,
        "kafka_offset": at * 3 + 1,
    }
    links[at] = replace(links[at], **{column: other[column]})  # type: ignore[arg-type]
    assert found(links, head) == (at + 1, "edited")


@given(place)
def test_a_resealed_edit_is_found_at_its_own_row(at: int) -> None:
    links, head = chain_of(COUNT)
    links[at] = seal(replace(links[at], value=b"other"))
    seq, kind = found(links, head)
    assert seq == at + 1
    assert kind == ("forked" if at == COUNT - 1 else "edited")


@given(place)
def test_a_deleted_row_is_found(at: int) -> None:
    links, head = chain_of(COUNT)
    del links[at]
    assert found(links, head) == (at + 1, "truncated" if at == COUNT - 1 else "deleted")


@given(place)
def test_a_deleted_row_is_found_when_later_ones_are_renumbered(at: int) -> None:
    links, head = chain_of(COUNT)
    left = links[:at] + [replace(link, seq=link.seq - 1) for link in links[at + 1 :]]
    assert found(left, head) == (at + 1, "truncated" if at == COUNT - 1 else "deleted")


@given(place, st.booleans())
def test_an_inserted_row_is_found(at: int, sealed: bool) -> None:
    links, head = chain_of(COUNT, gap=3)
    forged = Link(0, at + 1, at * 3 - 1 if at else 0, links[at].prev, b"f" * 32, b"forged")
    forged = seal(forged) if sealed else forged
    later = [replace(link, seq=link.seq + 1) for link in links[at:]]
    assert found([*links[:at], forged, *later], head) == (at + 1, "inserted")


@given(place, st.booleans())
def test_a_second_row_with_a_number_is_found(at: int, sealed: bool) -> None:
    links, head = chain_of(COUNT)
    forged = replace(links[at], value=b"forged")
    twice = [*links[: at + 1], seal(forged) if sealed else forged, *links[at + 1 :]]
    assert found(twice, head) == (at + 1, "forked" if sealed else "inserted")


@given(place, place)
def test_swapped_rows_are_found(one: int, other: int) -> None:
    first, second = sorted((one, other))
    if first == second:
        return
    links, head = chain_of(COUNT)
    links[first], links[second] = (
        replace(links[second], seq=first + 1), replace(links[first], seq=second + 1)
    )  # fmt: skip
    assert found(links, head) == (first + 1, "reordered")


@given(st.integers(1, COUNT))
def test_a_truncated_tail_is_found_by_the_head(cut: int) -> None:
    links, head = chain_of(COUNT)
    assert found(links[: COUNT - cut], head) == (COUNT - cut + 1, "truncated")


@given(st.integers(1, 3))
def test_rows_after_the_head_are_found(more: int) -> None:
    links, head = chain_of(COUNT)
    longer, _ = extend(head, [(head.kafka_offset + 1 + number, b"more", 1) for number in range(more)])
    assert found([*links, *longer], head) == (COUNT + 1, "inserted")


def test_offsets_that_do_not_rise_are_found() -> None:
    links, head = extend(Head(0), [(0, b"a", 1), (5, b"b", 1), (5, b"c", 1), (7, b"d", 1)])
    assert found(links, head)[0] == 3


def test_a_lost_head_row_is_found() -> None:
    links, _ = chain_of(COUNT)
    assert found(links, None) == (COUNT + 1, "truncated")
    assert verified([], None) is None


def test_a_whole_chain_hashed_anew_does_not_fit_its_head() -> None:
    links, head = chain_of(COUNT)
    values = [(link.kafka_offset, b"other" if link.seq == 4 else link.value, link.recorded_us) for link in links]
    forged, _ = extend(Head(0), values)
    assert found(forged, head)[1] == "forked"


def test_a_whole_chain_hashed_anew_with_its_head_is_found_by_the_topic() -> None:
    links, _ = chain_of(COUNT)
    values = [(link.kafka_offset, b"other" if link.seq == 4 else link.value, link.recorded_us) for link in links]
    forged, head = extend(Head(0), values)
    assert verified(forged, head) is None
    pairs = zip(forged, links, strict=True)
    findings = [mismatch(0, row, (kept.kafka_offset, kept.value, kept.recorded_us), row.seq) for row, kept in pairs]
    assert [(finding.seq, finding.kind) for finding in findings if finding] == [(4, "edited")]


def test_the_topic_names_missing_and_added_rows() -> None:
    links, _ = chain_of(3, gap=2)
    missing = mismatch(0, links[1], (1, b"only in the topic", 0), 2)
    added = mismatch(0, links[1], (4, links[2].value, 0), 2)
    assert missing is not None
    assert (missing.seq, missing.kind) == (2, "deleted")
    assert added is not None
    assert (added.seq, added.kind) == (2, "inserted")
    moved = mismatch(0, replace(links[1], recorded_us=5), (2, links[1].value, 6), 2)
    assert moved is not None
    assert (moved.seq, moved.kind) == (2, "edited")
    assert mismatch(0, replace(links[1], recorded_us=0), (2, links[1].value, 6), 2) is None  # its hash holds no time
    assert mismatch(0, None, None, 4) is None
    assert mismatch(0, None, (6, b"", 0), 4) == Finding(0, 4, "deleted", "offset 6 of the topic has no row")


@settings(max_examples=500)
@given(st.data())
def test_any_mixture_of_tampering_is_found(data: st.DataObject) -> None:
    links, head = chain_of(COUNT, gap=2)
    original, resealed = list(links), False
    for _ in range(data.draw(st.integers(1, 4))):
        if not links:
            break
        at = data.draw(st.integers(0, len(links) - 1))
        match data.draw(st.sampled_from(["value", "reseal", "delete", "swap", "copy", "renumber", "tail"])):
            case "value":
                links[at] = replace(links[at], value=data.draw(st.binary(max_size=3)))
            case "reseal":
                links[at] = seal(replace(links[at], value=data.draw(st.binary(max_size=3))))
                resealed = True
            case "delete":
                del links[at]
            case "swap":
                to = data.draw(st.integers(0, len(links) - 1))
                links[at], links[to] = replace(links[to], seq=links[at].seq), replace(links[at], seq=links[to].seq)
            case "copy":
                links.insert(at, links[at])
            case "renumber":
                links = [replace(link, seq=number) for number, link in enumerate(links, 1)]
            case "tail":
                links = links[:at]
    ordered = sorted(links, key=lambda link: link.seq)
    finding = verified(ordered, head)
    if ordered == original:
        assert finding is None
        return
    assert finding is not None
    numbers = range(COUNT + 6)
    first = next(seq for seq in numbers if rows_at(seq, links) != rows_at(seq, original))
    # A row that was hashed anew fits its neighbours: it is found all the same, but only the topic tells which was the first.
    assert finding.seq == first or resealed
