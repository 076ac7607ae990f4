"""`prepare`: topics, the policy and the sources' secrets, on a broker that somebody else runs; what `up` does by itself."""

import asyncio

from cli.console import out
from cli.options import PolicyFolder
from cli.publish import newest_published, no_looser, publish
from cli.sources import ensure_sources
from cli.up import policy_files
from libs.policy.load import load_policy
from libs.runtime.broker import ensure_topics
from libs.runtime.settings import RuntimeSettings


def prepare(policy: PolicyFolder) -> None:
    """Make the topics that are missing and, on a first start, publish the policy. Addresses come from the environment."""
    settings = RuntimeSettings()
    files = policy_files(policy)
    sources = load_policy(files).sources.sources
    made = asyncio.run(ensure_topics(settings))
    out.print(f"{len(made)} topics made")
    if asyncio.run(newest_published(settings.kafka)) is None:
        careful = asyncio.run(no_looser(settings.kafka, files))
        asyncio.run(publish(settings.kafka, careful, "prepare", "first start"))
        out.print("policy published")
    settings.data.mkdir(parents=True, exist_ok=True)
    ensure_sources(settings.data, sources)
