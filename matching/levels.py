"""The comparisons' levels in SQL for DuckDB: what `services/dedupe/domain/comparison.py` says in Python, said once more.

Written independently of it, down to the edit ratio, so that the test of their agreement tests both. Columns are those of
`matching/base.py`: keys that libs/identity normalised, NULL where a record has no value.
"""

from collections.abc import Mapping, Sequence

import duckdb

from libs.identity.nicknames import NICKNAMES
from services.dedupe.domain.comparison import COMPANY_DIFFERS_BELOW, NAME_SIMILAR_AT, WORD_SIMILAR_AT

Conditions = tuple[str, Mapping[str, str]]
"""When nothing is said, and the condition of each level but the last, the strongest first."""

MACROS = """
create or replace macro sb_chars(s) as list_transform(generate_series(1, length(s)), lambda i: substring(s, i, 1));
create or replace macro sb_words(s) as list_filter(string_split(s, ' '), lambda w: w <> '');
create or replace macro sb_sorted(s) as array_to_string(list_sort(sb_words(s)), ' ');
create or replace macro sb_joined(s) as replace(s, ' ', '');
create or replace macro sb_minus(a, b) as list_filter(list_sort(list_distinct(a)), lambda w: not list_contains(b, w));
create or replace macro sb_both(a, b) as list_filter(list_sort(list_distinct(a)), lambda w: list_contains(b, w));
create or replace macro sb_positions(a, ch) as
    list_sum(list_transform(a, lambda c, i: case when c = ch then 1::hugeint << (i - 1) else 0::hugeint end));
create or replace macro sb_step(s, hits, whole) as ((s + (s & hits)) | (s - (s & hits))) & whole;
create or replace macro sb_subsequence_of(a, b, whole) as
    bit_count(whole)
    - bit_count(list_reduce(b, lambda s, ch: sb_step(s, coalesce(sb_positions(a, ch), 0::hugeint), whole), whole));
create or replace macro sb_subsequence(a, b) as case when a = '' or b = '' then 0
    else list_transform([{{'a': sb_chars(a), 'b': sb_chars(b), 'whole': (1::hugeint << length(a)) - 1::hugeint}}],
                        lambda v: sb_subsequence_of(v.a, v.b, v.whole))[1] end;
create or replace macro sb_edits(a, b) as length(a) + length(b) - 2 * sb_subsequence(a, b);
create or replace macro sb_share(edits, total) as
    case when total = 0 then 100.0::double else (1.0::double - edits::double / total::double) * 100.0::double end;
create or replace macro sb_ratio(a, b) as sb_share(sb_edits(a, b), length(a) + length(b));

create or replace macro sb_left(edits, total) as
    case when total = 0 then 100.0::double else 100.0::double - 100.0::double * edits::double / total::double end;
create or replace macro sb_set_ratio_of(shared, mine, yours, edits) as greatest(
    sb_left(edits, 2 * (length(shared) + (shared <> '')::int) + length(mine) + length(yours)),
    case when shared = '' then 0.0::double else sb_left(1 + length(mine), 2 * length(shared) + 1 + length(mine)) end,
    case when shared = '' then 0.0::double else sb_left(1 + length(yours), 2 * length(shared) + 1 + length(yours)) end,
    case when shared <> '' and (mine = '' or yours = '') then 100.0::double else 0.0::double end);
create or replace macro sb_least_edits(a, b) as
    case when strlen(a) = length(a) and strlen(b) = length(b) then levenshtein(a, b) else 0 end;
create or replace macro sb_ratio_of(a, b, least) as
    case when sb_share(sb_least_edits(a, b), length(a) + length(b)) < least - 0.001 then false
         else sb_ratio(a, b) / 100.0::double >= least / 100.0::double end;
create or replace macro sb_ratio_reaches(a, b, least) as
    list_transform([{{'a': a, 'b': b}}], lambda v: sb_ratio_of(v.a, v.b, least))[1];
create or replace macro sb_set_of(shared, mine, yours, least) as
    case when 0.9::double * sb_set_ratio_of(shared, mine, yours, sb_least_edits(mine, yours)) < least - 0.001 then false
         else 0.9::double * sb_set_ratio_of(shared, mine, yours, sb_edits(mine, yours)) / 100.0::double
              >= least / 100.0::double end;
create or replace macro sb_rests(a, b) as {{
    'shared': array_to_string(sb_both(a, b), ' '), 'mine': array_to_string(sb_minus(a, b), ' '),
    'yours': array_to_string(sb_minus(b, a), ' ')}};
create or replace macro sb_set_reaches(a, b, least) as
    list_transform([{{'a': sb_words(a), 'b': sb_words(b)}}], lambda v:
        list_transform([sb_rests(v.a, v.b)], lambda w: sb_set_of(w.shared, w.mine, w.yours, least))[1])[1];
create or replace macro sb_company_reaches(a, b, least) as
    case when sb_ratio_reaches(sb_sorted(a), sb_sorted(b), least) then true
         when sb_ratio_reaches(sb_joined(a), sb_joined(b), least) then true
         else sb_set_reaches(a, b, least) end;

create or replace macro sb_short_for(short, long) as
    (starts_with(long, short) and (length(short) = 1 or length(short) >= 3))
    or list_contains(sb_nicknames(), long || ' ' || short)
    or jaro_winkler_similarity(short, long) >= {word_similar_at};
create or replace macro sb_may_be(a, b) as
    case when length(a) <= length(b) then sb_short_for(a, b) else sb_short_for(b, a) end;
create or replace macro sb_all_may_be(fewer, more) as
    len(more) > 0
    and len(list_filter(fewer, lambda a: len(list_filter(more, lambda b: sb_may_be(a, b))) = 0)) = 0;
create or replace macro sb_fit(mine, yours) as
    case when len(mine) <= len(yours) then sb_all_may_be(mine, yours) else sb_all_may_be(yours, mine) end;
create or replace macro sb_name_similar(a, b) as
    case when sb_ratio_reaches(sb_sorted(a), sb_sorted(b), {name_similar_at}) then true
         else list_transform([{{'a': sb_words(a), 'b': sb_words(b)}}], lambda v:
             list_transform([{{'m': sb_minus(v.a, v.b), 'y': sb_minus(v.b, v.a)}}], lambda w: sb_fit(w.m, w.y))[1])[1] end;

create or replace macro sb_labels(domains) as list_transform(domains, lambda d: split_part(d, '.', 1));
"""


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the macros that the conditions call."""
    pairs = [f"{long} {short}" for long, shorts in NICKNAMES.items() for short in shorts]
    listed = ", ".join(f"'{pair}'" for pair in pairs)
    connection.execute(f"create or replace macro sb_nicknames() as [{listed}]")
    connection.execute(MACROS.format(word_similar_at=WORD_SIMILAR_AT, name_similar_at=NAME_SIMILAR_AT))


def either_is_null(*columns: str) -> str:
    """True when one side lacks a value."""
    return " or ".join(f"{column}_l is null or {column}_r is null" for column in columns)


PERSON: Mapping[str, Conditions] = {
    "email": (either_is_null("emails"), {"equal": "list_has_any(emails_l, emails_r)"}),
    "custom_id": (either_is_null("custom_ids"), {"equal": "list_has_any(custom_ids_l, custom_ids_r)"}),
    "name": (
        either_is_null("name_key"),
        {
            "equal": "name_key_l = name_key_r",
            "similar": "sb_name_similar(name_key_l, name_key_r)",
            "one_word": "list_has_any(sb_words(name_key_l), sb_words(name_key_r))",
        },
    ),
    "phone": (either_is_null("phone"), {"equal": "phone_l = phone_r"}),
    "company_of_person": (
        "not coalesce(company_id_l = company_id_r, false) and not coalesce(company_key_l = company_key_r, false) "
        "and (company_key_l is null or company_key_r is null "
        f"or sb_company_reaches(company_key_l, company_key_r, {COMPANY_DIFFERS_BELOW * 100}))",
        {"equal": "coalesce(company_id_l = company_id_r, false) or coalesce(company_key_l = company_key_r, false)"},
    ),
}


def company(review_at: float) -> Mapping[str, Conditions]:
    """The conditions for companies; `review_at` is the policy's similarity (0-1) from which names count as similar."""
    least = round(review_at * 100, 6)
    return {
        "company_name": (
            either_is_null("company_key"),
            {
                "equal": "sb_joined(company_key_l) = sb_joined(company_key_r)",
                "similar": f"sb_ratio_reaches(sb_sorted(company_key_l), sb_sorted(company_key_r), {least})",
                "part": f"sb_company_reaches(company_key_l, company_key_r, {least})",
            },
        ),
        "domain": (
            either_is_null("domains"),
            {
                "equal": "list_has_any(domains_l, domains_r)",
                "label": "list_has_any(sb_labels(domains_l), sb_labels(domains_r))",
            },
        ),
        "typed_domain": (
            "domains_l is not null or typed_domains_l is null or domains_r is null",
            {"equal": "list_has_any(typed_domains_l, domains_r)"},
        ),
        "country": (either_is_null("country"), {"equal": "country_l = country_r"}),
    }


def level_names(conditions: Conditions) -> Sequence[str]:
    """The names of a comparison's levels in order; the last one needs no condition."""
    return (*conditions[1], "differs")
