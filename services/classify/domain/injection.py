"""The lead's text without what talks to a machine (`libs.injection`, which enrich reads through as well)."""

from libs.injection.masked import Masked, Span, masked

__all__ = ["Masked", "Span", "masked"]
