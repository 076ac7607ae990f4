"""Thresholds of dedupe: when records are linked, when a person is asked."""

from typing import Literal

from pydantic import model_validator

from libs.policy.match_model import MatchModel
from libs.policy.part import Part, Share


class Matching(Part):
    """`matching.yaml`."""

    link_at: Share
    """Match probability from which a person's record is linked without asking."""
    review_at: Share
    """Match probability from which a person is asked."""
    company_name_review_at: Share
    """Similarity (0-1) of company names from which the company is put to review. A name alone never links."""
    max_candidates: int = 20
    company_by_domain: Literal["corporate_unique", "never"] = "corporate_unique"
    """Attach to a company by its domain: only a corporate domain that belongs to one company."""
    free_mail: Literal["never_match"] = "never_match"
    """Free-mail and shared domains never say which company it is."""
    shared_domains: tuple[str, ...] = ()
    """Domains that several companies share (agencies, registrars), beside the built-in free-mail list."""
    domain_aliases: dict[str, str] = {}
    """Registrable domains that are another one's: an old or second domain -> the one that the company's record has."""
    id_alone_at: Share = 0.75
    """Trust of a source from which a record id or own id links alone. From one trusted less, the name or number has to be
    that contact's too; else a person is asked: anybody can type an id into a form."""
    ask_when_held: tuple[str, ...] = (
        "never_route", "competitor", "partner", "investor", "strategic", "regulated", "opt_out",
    )  # fmt: skip
    """Suppression reasons for which a lead is not attached to a company by its domain before a person said so."""
    model: MatchModel
    """The weights of the comparisons, written by `signalbox match train`."""

    @model_validator(mode="after")
    def _in_order(self) -> "Matching":
        if self.link_at < self.review_at:
            raise ValueError(f"link_at ({self.link_at}) must not be below review_at ({self.review_at})")
        return self
