"""Blocking keys of company names: two names that differ by an edit or a dropped word share at least one.

A deletion neighbourhood: the words without spaces, as written and sorted, and both with each one letter left out; so two
names that are one insertion, deletion, substitution or swap apart meet, also when a typo changes the order of the words.
Names of several words also meet by the words that stay when one is dropped. Keys are 64-bit hashes, so that a btree of
them is small; a wrong meeting costs one comparison.
"""

from hashlib import blake2b

MAX_COMMON = 64
"""A key that more companies share than this says nothing and is passed over ("solutions", "group")."""
_SHORTEST = 4


def company_blocks(key: str) -> frozenset[int]:
    """The blocking keys of a `company_key`; none for an empty one."""
    words = sorted(key.split())
    if not words:
        return frozenset()
    texts = {"".join(words), key.replace(" ", "")}
    for whole in tuple(texts):
        if len(whole) > _SHORTEST:
            texts.update(whole[:at] + whole[at + 1 :] for at in range(len(whole)))
    if len(words) > 1:
        shorter = ("".join(words[:at] + words[at + 1 :]) for at in range(len(words)))
        texts.update(text for text in shorter if len(text) >= _SHORTEST)
    return frozenset(_hashed(text) for text in texts)


def _hashed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)
