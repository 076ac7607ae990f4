"""Intake sources and how far each origin of a value is trusted. Secrets stand in the settings, under the names given here."""

from typing import Annotated

from pydantic import Field, StringConstraints

from libs.contracts.change import Source
from libs.policy.part import Name, Part, Share


class TrustByKind(Part):
    """How far a kind of origin is trusted when its name has no trust of its own."""

    submission: Share
    provider: Share
    model: Share
    rule: Share
    human: Share
    crm: Share
    rollback: Share


class IntakeSource(Part):
    """One address to which leads are posted: `/hooks/<name>`."""

    adapter: Name
    """The form tool whose format and signature it speaks."""
    trust: Share
    kind: Name = "lead"
    """What sort of submission it is: demo_request, contact_form, webinar, download, email, chat, call_form, referral, ..."""
    form_kinds: dict[str, Name] = {}
    """By the tool's form id or name, when one address takes several forms."""
    secret: Name | None = None
    """The name of the secret in the settings; never the secret."""
    require_signature: bool = False
    """Refuse what is not signed, even when no secret is set."""
    mapping: dict[Name, str] = {}
    """Lead field -> the name (or dotted path) that holds it in the body, where the adapter's own guess is not right."""
    defaults: dict[Name, str] = {}
    """Lead field -> value for what the tool never sends, such as a campaign."""
    redirect_hosts: list[str] = []
    """Hosts, with all below them, to which a form post may send its browser on; beside these only the page's own host."""
    own_ids: list[str] = []
    """Users, keys or apps of the tool under which we write to it ourselves: what they did comes back and is no lead."""
    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """The country (ISO 3166 alpha-2) of phone numbers without one, when the body names no country."""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    """The language (ISO 639-1) of what people write there, when the body names none."""
    own_addresses: tuple[str, ...] = ()
    """E-mail addresses and domains that are never the lead's: ours, an agency's, the form builder's."""
    max_body_bytes: Annotated[int, Field(ge=1, le=1_048_576)] | None = None
    """Refuse larger bodies; the service's own limit of 1 MiB counts in any case."""
    per_second: Annotated[float, Field(gt=0)] | None = None
    """Requests a second that are taken on average, twice as many at once; above it senders are told to wait."""
    takes_get: bool = False
    """Take submissions whose values stand in the query of a GET, as some form plugins send them."""
    enabled: bool = True
    title: str = ""


class Sources(Part):
    """`sources.yaml`."""

    trust: TrustByKind
    providers: dict[Name, Share] = {}
    models: dict[Name, Share] = {}
    sources: dict[Name, IntakeSource] = Field(min_length=1)

    def trust_of(self, source: Source) -> float:
        """How far a value's origin is trusted: the policy's word, or less when the change itself claims less."""
        return min(source.trust, self.trust_by_name(source.kind, source.name))

    def trust_by_name(self, kind: str, name: str) -> float:
        """The policy's trust, 0-1, for a source by its kind and name."""
        if kind == "submission" and name in self.sources:
            return self.sources[name].trust
        named = {"provider": self.providers, "model": self.models}.get(kind, {})
        trust: float = named.get(name, getattr(self.trust, kind, 0.0))
        return trust
