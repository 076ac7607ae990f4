"""Field contracts: for each field of each kind of record, who may write it, when, and what a person must see first."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue, model_validator

from libs.contracts.change import Effect, RecordType
from libs.policy.part import Name, Part, Share

Role = Literal["viewer", "rep", "manager", "revops", "admin"]
"""What a person is to the APIs; `libs.policy.access` says what each may do."""


class Overwrite(StrEnum):
    """What a machine may do with a field that already holds a value."""

    FILL_IF_EMPTY = "fill_if_empty"
    """Fill it when empty; another value waits for a person."""
    REPLACE_IF_BETTER = "replace_if_better"
    """Replace a value of lower confidence and no higher trust; equals that disagree wait for a person."""
    ALWAYS = "always"
    """The newest value counts (time stamps, scores that are computed again)."""
    NEVER = "never"
    """No machine writes it at all."""


class Risk(StrEnum):
    """How much a wrong value costs; it picks the confidence bands."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Act(StrEnum):
    """An act that suppression can hold back; a field that performs one names it."""

    SEND = "send"
    ENROL = "enrol"
    ROUTE = "route"
    OWNER_CHANGE = "owner_change"


class Bands(Part):
    """Confidence bands: from `auto` on the change is applied, from `suggest` on a person is asked, below it is blocked."""

    auto: Share | None
    """None: never applied without a person."""
    suggest: Share

    @model_validator(mode="after")
    def _in_order(self) -> "Bands":
        if self.auto is not None and self.auto < self.suggest:
            raise ValueError(f"auto ({self.auto}) must not be below suggest ({self.suggest})")
        return self


class RiskBands(Part):
    """The bands of each risk; a field may have its own instead."""

    low: Bands
    medium: Bands
    high: Bands


class FieldContract(Part):
    """The contract of one field."""

    source_of_truth: str
    """Whose word counts, in words for people: form, enrichment, routing table, consent system, ..."""
    updaters: tuple[Name, ...] = ()
    """Stages that may propose it. People always may."""
    overwrite: Overwrite
    risk: Risk
    bands: Bands | None = None
    always_review: bool = False
    """Never silent: a person decides, however sure the machine is."""
    first_by_rule: bool = False
    """With `always_review`: a deterministic rule may still set the first value of an empty field (a first owner)."""
    tightest_first: tuple[tuple[JsonValue, ...], ...] = ()
    """A consent-like field: groups of values that mean the same, from the tightest to the loosest. Towards the front
    anybody may go, back only a person."""
    act: Act | None = None
    effect: Effect = Effect.REVERSIBLE
    rollback: str = "write the old value back"
    personal: bool = False
    """A person's data: hidden from roles that may not see such."""
    hidden_from: tuple[Role, ...] = ()
    """Roles that are not shown it, in no answer, filter, order or export."""
    reports: bool = False
    """A change moves reports, routing or accountability."""


class FieldContracts(Part):
    """`fields.yaml`: the bands by risk and the contracts by record type and field."""

    bands: RiskBands
    records: dict[RecordType, dict[Name, FieldContract]] = Field(min_length=1)

    def contract(self, record_type: str, field: str) -> FieldContract | None:
        """The contract of a field, or None when the policy does not know it."""
        return self.records.get(record_type, {}).get(field)  # type: ignore[call-overload, no-any-return]

    def bands_of(self, contract: FieldContract) -> Bands:
        """The bands that count for a field: its own, else those of its risk."""
        if contract.bands is not None:
            return contract.bands
        return {Risk.LOW: self.bands.low, Risk.MEDIUM: self.bands.medium, Risk.HIGH: self.bands.high}[contract.risk]
