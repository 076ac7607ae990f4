"""The built-in model: messages a second of CPU, against the sentence vector alone, which is the part that can't be left out."""

import time
from collections.abc import Awaitable, Callable, Mapping

from bench.result import Check, Row, ratios, spread, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from libs.injection.masked import masked
from libs.runtime import clock
from services.classify.domain.asked import Asked
from services.classify.domain.offline import classify_offline
from services.classify.labelled import read_examples
from services.classify.store import SHIPPED, load_model, sentence_encoder

TITLE = "messages a second that the built-in model reads, against their sentence vectors alone"
LANGUAGES = ("en", "de", "fr", "es")
PER_SECOND = (500.0, 1_000.0)
"""Budget and aim: messages a second of one core."""


async def measure(bench: Bench) -> Row:
    """The row."""
    texts = [example.text for example in read_examples() if example.language in LANGUAGES]
    model, encoder, taxonomy = load_model(SHIPPED), sentence_encoder(), bench.site.policy.taxonomy
    asked = [Asked(masked(text).text, "contact_form", {}, "") for text in texts]

    def variant(one: Callable[[int], object]) -> Callable[[], Awaitable[Mapping[str, float]]]:
        async def run() -> Mapping[str, float]:
            until, began, done = clock.monotonic() + bench.pace.seconds, time.thread_time(), 0
            while clock.monotonic() < until:
                one(done % len(texts))
                done += 1
            return {"per_second": done / (time.thread_time() - began)}

        return run

    variants = {
        "vector": variant(lambda at: encoder.encode(texts[at])),
        "read": variant(lambda at: model.read(asked[at].message)),
        "classify": variant(lambda at: classify_offline(asked[at], taxonomy, model)),
    }
    for text in texts:
        model.read(text)  # fills the caches
    rounds = await interleaved(variants, bench.pace, bench.site.own, bench.say)
    read = spread([one.figures["per_second"] for one in rounds if one.variant == "read"])
    checks = [
        Check("messages/s, read / vector alone", ratios(rounds, "per_second", "read", "vector"), 0.5, 0.8, "higher"),
        Check("messages/s of one core", read, *PER_SECOND, "higher", ""),
    ]
    mean = sum(map(len, texts)) / len(texts)
    return Row("classify", TITLE, checks, spreads(rounds), rounds, [f"{len(texts)} messages of {mean:.0f} characters."])
