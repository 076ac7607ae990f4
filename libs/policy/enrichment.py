"""Enrichment: which providers may fill a field and whom of them to believe, what a lead waits for, and paid APIs."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from libs.policy.part import Name, Part, Share

Seconds = Annotated[float, Field(gt=0, le=3600)]
BUILT_IN = (
    "email", "phone", "person_name", "title", "language", "campaign", "crm", "company_directory", "website",
)  # fmt: skip
"""The providers that come with the product, by name; all others are `apis`."""


class FieldWaterfall(Part):
    """How one field is filled."""

    providers: tuple[Name, ...] = Field(min_length=1)
    """Only these may fill it; at equal worth the earlier one is believed."""
    trust: dict[Name, Share] = {}
    """By provider: another trust for this field than `sources.yaml` gives it."""
    on_conflict: Literal["best", "review"] = "best"
    """When two providers disagree and both are worth something: take the best and keep the others beside it, or ask."""


class ApiField(Part):
    """Where a lead field stands in the API's answer."""

    path: str = Field(min_length=1)
    """Dotted path in the JSON answer, list places as numbers: `company.metrics.employees`, `names.0`."""
    confidence: Share = 0.8
    values: dict[str, str] = {}
    """The API's spelling -> ours; what is not listed is taken as it is."""


class ApiAuth(Part):
    """How the API wants its secret. `secret` is the name under which the settings hold it, never the secret."""

    kind: Literal["bearer", "header", "query", "basic"]
    secret: Name
    name: str = ""
    """The header or query parameter; the user for `basic`."""


class PaidApi(Part):
    """A paid or own HTTP API that is asked about a lead: what it is told, how it proves who asks, what it costs."""

    url: str = Field(pattern=r"^https?://")
    """With `{domain}`, `{email}`, `{company}` or `{phone}` where the lead's value goes, percent-encoded."""
    auth: ApiAuth | None = None
    headers: dict[str, str] = {}
    fields: dict[Name, ApiField] = Field(min_length=1)
    nothing_statuses: tuple[int, ...] = (404,)
    """HTTP statuses by which it says that it knows nothing."""
    timeout_seconds: Seconds = 5.0
    per_second: Annotated[float, Field(gt=0)] = 5.0
    cost: Annotated[float, Field(ge=0)] = 0.0
    """What one call costs, in the currency of the caps."""
    daily_cap: Annotated[float, Field(gt=0)] | None = None
    monthly_cap: Annotated[float, Field(gt=0)] | None = None
    """What may be spent in a day or month (UTC); then it answers `unavailable` with that reason until the next one."""
    keep_days: Annotated[float, Field(gt=0, le=366)] = 30.0
    """An answer counts so long; nobody is asked again before."""
    title: str = ""

    @model_validator(mode="after")
    def _asks_about_something(self) -> "PaidApi":
        if not any(f"{{{name}}}" in self.url for name in ("domain", "email", "company", "phone")):
            raise ValueError("url must say what it asks about: {domain}, {email}, {company} or {phone}")
        return self


class Website(Part):
    """Reading the company's own site."""

    enabled: bool = False
    pages: tuple[str, ...] = ("/",)
    """Paths that are read, in this order; robots.txt is honoured."""
    per_host_seconds: Seconds = 2.0
    """Between two requests to the same host."""
    timeout_seconds: Seconds = 5.0
    keep_days: Annotated[float, Field(gt=0, le=366)] = 7.0


class Enrichment(Part):
    """`enrichment.yaml`."""

    fields: dict[Name, FieldWaterfall] = Field(min_length=1)
    """By lead field; a field that is not listed is filled by nobody."""
    budget_seconds: Annotated[float, Field(gt=0, le=30)] = 2.0
    """A lead waits at most so long for slow providers; then it goes on, and is completed later."""
    complete_within_hours: Annotated[float, Field(gt=0, le=168)] = 24.0
    """A provider that was late or away is asked again so long; what it then says comes as a new version of the lead."""
    website: Website = Website()
    apis: dict[Name, PaidApi] = {}
    """By provider name."""
