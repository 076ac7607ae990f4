"""Threshold economics: for each confidence cut, the reviews that it saves against the wrong values that it lets through."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil

from libs.policy.autonomy import wilson
from libs.policy.policy import Policy
from whatif.answers import Answered
from whatif.present import Present, present
from whatif.writes import Written

ENOUGH = 50
"""Answers at or above a cut, below which none is recommended."""
_NEARLY = 1e-9


@dataclass(frozen=True)
class Cut:
    """What writing everything from `at` on without asking would do."""

    at: float
    saved: int
    """Reviews that nobody would have been asked for."""
    wrong: int
    """Of them, values that people did not approve: they would have been written."""
    low: float
    high: float
    """The 95 % Wilson interval of the share of wrong ones."""
    asked: int
    """Answers from here on that another rule would have asked for all the same: no cut saves them."""
    written: int
    """Values from here on that were written without asking."""
    corrected: int
    """Of them, those that somebody corrected or rolled back later: at least so many were wrong."""

    @property
    def rate(self) -> float | None:
        """The share of wrong ones among the reviews saved; None without any."""
        return self.wrong / self.saved if self.saved else None


@dataclass(frozen=True)
class Economics:
    """The cuts of one field of one workflow, for one segment."""

    workflow: str
    place: str
    segment: str
    cuts: tuple[Cut, ...]
    """From the lowest up."""
    present: Present
    """What the policy in force says of the field."""
    recommended: float | None
    why_not: str
    """Why no cut is recommended; empty when one is."""

    @property
    def name(self) -> str:
        """As it is asked for: `enrich:contact.title`, with its segment `enrich:contact.title:demo_request`."""
        return f"{self.workflow}:{self.place}" + (f":{self.segment}" if self.segment else "")

    @property
    def decided(self) -> int:
        """All answers, those that another rule asked for included."""
        return self.cuts[0].saved + self.cuts[0].asked if self.cuts else 0

    def cut(self, at: float) -> Cut | None:
        """The lowest cut that is not below `at`: it tells what a cut there would do."""
        return next((one for one in self.cuts if one.at >= at - _NEARLY), None)

    @property
    def now(self) -> Cut | None:
        """The cut that the policy in force makes; None when it never writes the field by itself."""
        return None if self.present.band is None else self.cut(self.present.band)

    def beyond(self) -> tuple[int, int]:
        """What the recommended cut saves beyond the present one, and how many of that are wrong; below zero when it is the
        stricter one."""
        then = None if self.recommended is None else self.cut(self.recommended)
        if then is None:
            return 0, 0
        saved, wrong = (self.now.saved, self.now.wrong) if self.now else (0, 0)
        return then.saved - saved, then.wrong - wrong


Group = tuple[str, str, str]


def economics(
    answered: Iterable[Answered],
    written: Iterable[Written],
    policy: Policy,
    segment_by: str = "",
    tolerate: float = 0.02,
) -> list[Economics]:
    """By workflow, field and segment, those with most answers first. Fields that nobody answered about are there as far as
    somebody corrected what was written. `tolerate`: the share of wrong values that may be written, which the upper bound
    has to stay within."""
    answers: dict[Group, list[Answered]] = {}
    writes: dict[Group, list[Written]] = {}
    for answer in answered:
        answers.setdefault(_group(answer, segment_by), []).append(answer)
    for write in written:
        writes.setdefault(_group(write, segment_by), []).append(write)
    groups = [*answers, *(group for group, held in writes.items() if group not in answers and _taken_back(held))]
    found = [_economics(group, answers.get(group, []), writes.get(group, []), policy, tolerate) for group in groups]
    return sorted(found, key=lambda one: (-one.decided, one.name))


def level(confidence: float) -> int:
    """A confidence in whole hundredths, rounded down: a cut there lets the value through. What is no number is 0."""
    return int(min(max(0.0, confidence), 1.0) * 100 + _NEARLY)


def cuts_of(answers: Sequence[Answered], writes: Sequence[Written], band: float | None = None) -> tuple[Cut, ...]:
    """A cut at every confidence that was seen, in hundredths, and at the policy's own."""
    free, held = [one for one in answers if one.spared], [one for one in answers if not one.spared]
    levels = {level(one.confidence) for one in answers} | {level(one.confidence) for one in writes}
    if (own := _cut_at(band)) is not None:
        levels.add(round(own * 100))
    ordered = sorted(levels)
    told = zip(
        ordered,
        _from(ordered, (level(one.confidence) for one in free)),
        _from(ordered, (level(one.confidence) for one in free if not one.right)),
        _from(ordered, (level(one.confidence) for one in held)),
        _from(ordered, (level(one.confidence) for one in writes)),
        _from(ordered, (level(one.confidence) for one in writes if one.corrected)),
        strict=True,
    )
    return tuple(
        Cut(at / 100, saved, wrong, *wilson(wrong, saved), asked, through, corrected)
        for at, saved, wrong, asked, through, corrected in told
    )


def recommendation(cuts: Sequence[Cut], tolerate: float, band: float | None = None) -> tuple[float | None, str]:
    """The lowest cut whose error rate is surely within what is tolerated, and that nothing known of values that were
    written without asking speaks against; else None and why there is none. A cut is the policy's own (`band`), or one
    at which people were asked: what nobody saw is not recommended."""
    above = [*(one.saved for one in cuts[1:]), 0]
    seen = [one for one, more in zip(cuts, above, strict=False) if one.saved > more or one.at == _cut_at(band)]
    enough = [one for one in seen if one.saved >= ENOUGH]
    if not enough:
        return None, _too_few(cuts)
    fitting = [one for one in enough if one.high <= tolerate]
    if not fitting:
        best = min(enough, key=lambda one: one.high)
        told = f"{best.wrong} of {best.saved} wrong, which may be {best.high:.1%}"
        return None, f"at best, from {best.at:.2f} on, {told}: more than {tolerate:.1%}"
    good = next((one for one in fitting if one.corrected <= tolerate * one.written), None)
    if good is not None:
        return good.at, ""
    one = fitting[0]
    told = f"of {one.written:,} values written without asking from {one.at:.2f} on, {one.corrected:,} were taken back"
    return None, f"the answers would do, but {told}: more than {tolerate:.1%}"


def behind(name: str, found: Iterable[Economics]) -> Economics | None:
    """The one of that name; also by its field alone, where only one workflow has it."""
    held = list(found)
    exact = next((one for one in held if one.name == name), None)
    loose = [one for one in held if one.name.partition(":")[2] == name]
    return exact or (loose[0] if len(loose) == 1 else None)


def totals(found: Iterable[Economics]) -> Mapping[str, int]:
    """What all recommended cuts together would do."""
    cuts = [one.cut(one.recommended) for one in found if one.recommended is not None]
    held = [one for one in cuts if one is not None]
    return {"saved": sum(one.saved for one in held), "wrong": sum(one.wrong for one in held)}


def segment_of(one: Answered | Written, segment_by: str) -> str:
    """The segment that it counts in; empty when none are told apart."""
    return (one.segments.get(segment_by) or "unknown") if segment_by else ""


def _group(one: Answered | Written, segment_by: str) -> Group:
    return one.workflow, one.place, segment_of(one, segment_by)


def _taken_back(writes: Iterable[Written]) -> bool:
    return any(one.corrected for one in writes)


def _cut_at(band: float | None) -> float | None:
    """The cut that a band makes, in hundredths."""
    return None if band is None else ceil(band * 100 - _NEARLY) / 100


def _from(levels: Sequence[int], seen: Iterable[int]) -> list[int]:
    """By level, how many were seen there or above."""
    here = Counter(seen)
    return list(accumulate(here[at] for at in reversed(levels)))[::-1]


def _economics(
    group: Group, answers: Sequence[Answered], writes: Sequence[Written], policy: Policy, tolerate: float
) -> Economics:
    workflow, place, segment = group
    now = present(policy, workflow, place)
    cuts = cuts_of(answers, writes, now.band)
    recommended, why_not = (None, now.never) if now.never else recommendation(cuts, tolerate, now.band)
    return Economics(workflow, place, segment, cuts, now, recommended, why_not)


def _too_few(cuts: Sequence[Cut]) -> str:
    saved, asked = (cuts[0].saved, cuts[0].asked) if cuts else (0, 0)
    more = f"; another rule asked for {asked} more, which no cut saves" if asked else ""
    return f"not enough answers: {saved} of at least {ENOUGH}{more}"
