"""Conditions over a few facts, drawn at random, and all values that matter for them: what the analysis is held to."""

from itertools import product

from hypothesis import strategies as st
from pydantic import JsonValue

LISTS: list[JsonValue] = [[], ["a"], ["b"], ["c"], ["a", "b"], ["a", "c"], ["b", "c"], ["a", "b", "c"]]
DOMAINS: dict[str, list[JsonValue]] = {
    "lead.employees": [None, -1, 0, 1, 2, 3, 4],
    "lead.country": [None, "", "DE", "FR", "XX"],
    "lead.spam": [None, True, False],
    "lead.flags": [*LISTS, ["c", "c"], ["b", "b"], ["b", "b", "b"], ["a", "a"], ["a", "a", "a"]],
    "lead.confidence": [None, 0.1, 0.3, 0.5, 0.6, 0.9],
}
EVERYTHING: list[dict[str, JsonValue]] = [
    dict(zip(DOMAINS, values, strict=True)) for values in product(*DOMAINS.values())
]

_COUNTS = st.integers(0, 3)
_CODES = st.sampled_from(("DE", "FR"))
_LETTERS = st.sampled_from(("a", "b"))
_ORDER = st.sampled_from(("<", "<=", ">", ">=", "==", "!="))
TESTS = st.one_of(
    st.builds("lead.employees {} {}".format, _ORDER, _COUNTS),
    st.builds("{} {} lead.employees".format, _COUNTS, _ORDER),
    st.builds("lead.employees in [{}, {}]".format, _COUNTS, _COUNTS),
    st.builds("lead.country {} '{}'".format, st.sampled_from(("==", "!=")), _CODES),
    st.builds("lead.country in ['{}', '{}']".format, _CODES, _CODES),
    st.builds("{} {} null".format, st.sampled_from([*DOMAINS][:3]), st.sampled_from(("==", "!="))),
    st.sampled_from(("lead.spam", "lead.spam == true", "lead.spam != false")),
    st.builds("lead.confidence {} {}".format, _ORDER, st.sampled_from(("0.3", "0.6"))),
    st.builds("'{}' in lead.flags".format, _LETTERS),
    st.builds("lead.flags.{}(x, x == '{}')".format, st.sampled_from(("exists", "all")), _LETTERS),
    st.builds("lead.flags.{}(x, !(x in ['{}', 'b']))".format, st.sampled_from(("exists", "all")), _LETTERS),
    st.builds("size(lead.flags) {} {}".format, _ORDER, st.integers(0, 2)),
)
CLEAR = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner), st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=5,
)  # fmt: skip
"""Conditions that the analysis understands to the end."""
MURKY = st.one_of(
    CLEAR,
    st.builds(
        "({} {} {})".format,
        CLEAR,
        st.sampled_from(("&&", "||")),
        st.sampled_from((
            "lead.country.contains('E')", "lead.country.matches('^D')", "lead.country.lowerAscii() == 'de'",
            "lead.country.startsWith('F')", "lead.flags.map(x, x + 'b') == ['ab']", "lead.employees * 2 > 4",
            "lead.flags.exists_one(x, x == 'a')", "(lead.spam ? lead.employees : 0) > 1", "size(lead.country) == 2",
        )),
    ),
)  # fmt: skip
"""Conditions with tests that it knows nothing, or not everything, about."""
