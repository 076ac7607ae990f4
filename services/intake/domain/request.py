"""What intake knows of one HTTP request, and what it answers; no framework's types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Request:
    """One request with its bytes as they came.

    `headers` have lower-case names; of a repeated header the first counts. `uri` is the public address with the query
    string, since that is what a sender signed. `token` is what followed the source's name in the path.
    """

    method: str
    uri: str
    headers: Mapping[str, bytes]
    body: bytes
    received_at: datetime
    query: str = ""
    token: str = ""

    def header(self, name: str) -> bytes:
        """The value of a header, without surrounding blanks; empty when it is missing."""
        return self.headers.get(name, b"").strip()

    @property
    def content_type(self) -> str:
        """The Content-Type header as text."""
        return self.header("content-type").decode("latin-1")

    @property
    def content_encoding(self) -> str:
        """The Content-Encoding header as lower-case text."""
        return self.header("content-encoding").decode("latin-1").lower()


@dataclass(frozen=True, slots=True)
class Secret:
    """One shared secret or public key of a source. Two may be live at once, while the sender's is being changed."""

    name: str
    value: bytes = field(repr=False)
    not_before: datetime | None = None
    not_after: datetime | None = None

    def is_live(self, at: datetime) -> bool:
        """Whether it counts at that time."""
        early = self.not_before is not None and at < self.not_before
        late = self.not_after is not None and at >= self.not_after
        return not (early or late)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. A success answer without a body is the receipt."""

    status: int
    body: bytes | None = None
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


RECEIPT = Answer(202)
"""What most senders get: 202 and the receipt. Those that retry on anything but 200 have their own."""
