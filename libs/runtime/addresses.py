"""Which addresses may be called when somebody else named them: what a URL says, and where its host really is."""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from libs.identity.domains import ascii_host

PORTS = frozenset((80, 443))
LONGEST_URL = 4_000
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_DENIED = tuple(
    ipaddress.ip_network(one)
    for one in (
        "64:ff9b::/96",  # NAT64: any IPv4 address stands behind it; `is_global` calls these global
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4
        "2001::/32",  # Teredo
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated
        "fec0::/10",  # site-local
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "100.64.0.0/10",  # carriers' own networks
    )
)
_NETLOC = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:]+)(?::([0-9]{1,5}))?")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029]")


class RefusedAddress(ValueError):
    """The address may not be called; the message says why, and holds no path, query or login."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL asks for: the host in ASCII, an IPv6 address without brackets, and `path` with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host as the header `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what credentials belong to."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The whole address, without a fragment."""
        return self.origin + self.path


def target_of(url: str, ports: Collection[int] | None = PORTS) -> Target:
    """What the URL asks for. `ports` None: any. Raises RefusedAddress for one that is no plain http or https address."""
    if len(url) > LONGEST_URL:
        raise RefusedAddress(f"an address of {len(url)} characters")
    if _FORBIDDEN.search(url):
        raise RefusedAddress("an address with a blank, a control character or a backslash")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise RefusedAddress("no address that can be read") from None
    if parts.scheme not in ("http", "https"):
        raise RefusedAddress(f"{parts.scheme[:20] or 'no scheme'}: only http and https are called")
    if "@" in parts.netloc:
        raise RefusedAddress("an address with a login in it")
    matched = _NETLOC.fullmatch(parts.netloc)
    if matched is None:
        raise RefusedAddress("an address without a host that can be read")
    port = int(matched.group(2)) if matched.group(2) else (443 if parts.scheme == "https" else 80)
    if not 0 < port < 65_536 or (ports is not None and port not in ports):
        raise RefusedAddress(f"port {port} is not called")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, _host(matched.group(1)), port, path)


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise RefusedAddress("no IPv6 address that can be read") from None
    host = "" if "%" in text else ascii_host(text)
    if not host:
        raise RefusedAddress("an address without a host that can be read")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise RefusedAddress(f"{host[:60]} is an IP address in an unusual spelling") from None
    return host


def address_problem(text: str, *, loopback: bool = False) -> str:
    """Why an IP address may not be called; empty when it may. `loopback`: this machine may be."""
    try:
        address: _Address = ipaddress.ip_address(text)
    except ValueError:
        return "no IP address"
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return "an address with a zone"
        address = address.ipv4_mapped or address
    if loopback and address.is_loopback:
        return ""
    denied = any(address.version == one.version and address in one for one in _DENIED)
    if denied or address.is_multicast or not address.is_global:
        return "no public address"
    return ""
