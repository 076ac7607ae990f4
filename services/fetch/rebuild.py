"""How fetch's state is made anew: its rows from `state.stored.v1`. No provider is asked: what they answered are submissions."""

from pathlib import Path

from libs.runtime.rebuild.inventory import Derived, Rebuild

REBUILD = Rebuild("fetch", Path(__file__).parent / "migrations", {"wanted": Derived(("key",))})
