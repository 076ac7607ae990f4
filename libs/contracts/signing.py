"""Standard Webhooks (standardwebhooks.com), version 1: how calls of ours to other people's addresses are signed."""

import base64
import binascii
import hmac
from hashlib import sha256

SECRET_PREFIX = "whsec_"  # noqa: S105 - the standard's prefix, not a secret


def secret_problem(secret: str) -> str:
    """What is wrong with a secret that somebody brings; empty when it fits."""
    if not secret.startswith(SECRET_PREFIX) or not 24 <= len(_key(secret)) <= 64:
        return f"secret: {SECRET_PREFIX} and 24 to 64 bytes in base64; leave it out to be given one"
    return ""


def derived_secret(tenant_secret: bytes, purpose: str) -> str:
    """The secret of a receiver for which nobody brought one."""
    digest = hmac.new(tenant_secret, purpose.encode(), sha256).digest()
    return SECRET_PREFIX + base64.b64encode(digest).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: v1, and HMAC-SHA256 over id, time and body in base64."""
    digest = hmac.new(_key(secret), f"{message_id}.{timestamp}.".encode() + body, sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""
