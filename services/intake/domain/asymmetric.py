"""Signatures made with a private key: ed25519, ECDSA P-256 and RSA, as some senders use."""

import base64
import binascii
from functools import lru_cache
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

Algorithm = Literal["ed25519", "ecdsa", "rsa"]


def is_signed_by(algorithm: Algorithm, key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the base64 `signature` over `message` was made with the private half of `key`.

    `key` is raw (ed25519), PEM or DER; base64 of DER, as SendGrid shows it, works too. False for anything unreadable.
    """
    try:
        raw = base64.b64decode(signature, validate=True)
        if algorithm == "ed25519":
            Ed25519PublicKey.from_public_bytes(key).verify(raw, message)
            return True
        public = _loaded(key)
        if algorithm == "ecdsa" and isinstance(public, EllipticCurvePublicKey):
            public.verify(raw, message, ECDSA(SHA256()))
            return True
        if algorithm == "rsa" and isinstance(public, RSAPublicKey):
            public.verify(raw, message, PKCS1v15(), SHA256())
            return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, binascii.Error):
        return False
    return False


@lru_cache(maxsize=1024)
def is_public_key(value: bytes) -> bool:
    """Whether a configured secret is the public half of a key pair: no secret, so it must never open anything by itself."""
    if value.lstrip().startswith((b"-----BEGIN", b"whpk_")):
        return True
    try:
        return len(value) > 40 and _loaded(value) is not None
    except (ValueError, UnsupportedAlgorithm, binascii.Error):
        return False


def _loaded(key: bytes) -> object:
    if key.lstrip().startswith(b"-----"):
        return load_pem_public_key(key)
    try:
        return load_der_public_key(key)
    except ValueError:
        return load_der_public_key(base64.b64decode(key, validate=True))
