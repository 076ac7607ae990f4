"""Calls to addresses that a user typed in: never into the own network, and never to another host than the one checked."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx


class RefusedAddress(ValueError):
    """The address may not be called; the message says why."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer's status and the beginning of its body."""

    status: int
    text: str


_READ = 2_000
"""Bytes of an answer that are looked at."""


async def checked_address(host: str, port: int, *, loopback: bool) -> str:
    """An IP address of the host that may be called. Raises RefusedAddress for one inside the own network, OSError when the
    name can't be resolved.

    Every address that the name has must be public: one that has both could be asked again until it gives the other.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    for text in addresses:
        address = ipaddress.ip_address(text)
        mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        seen = mapped or address
        if not (loopback and seen.is_loopback) and (not seen.is_global or seen.is_multicast):
            raise RefusedAddress(f"{host} is at {text}, which is no public address")
    if not addresses:
        raise RefusedAddress(f"{host} has no address")
    return addresses[0]


async def post(
    client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str], *, loopback: bool = False
) -> Answered:
    """Post to the address that was checked, whatever the name resolves to by then; redirects are not followed.

    Raises RefusedAddress, OSError or httpx.HTTPError.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = await checked_address(host, port, loopback=loopback)
    target = httpx.URL(url).copy_with(host=address)
    request = client.build_request(
        "POST", target, content=body, headers={**headers, "Host": parts.netloc},
        extensions={"sni_hostname": host},
    )  # fmt: skip
    answer = await client.send(request, stream=True, follow_redirects=False)
    try:
        text = b""
        async for chunk in answer.aiter_raw(_READ):
            text += chunk
            if len(text) >= _READ:
                break
    finally:
        await answer.aclose()
    return Answered(answer.status_code, text[:200].decode("utf-8", "replace"))
