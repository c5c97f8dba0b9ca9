"""A DKIM signature under a finished mail (RFC 6376, RFC 8463), for where the mail server does not sign itself.

Headers are signed *relaxed*, the body *simple*: nothing on the way has a reason to change lines of at most 76 plain
characters. The headers that a forger would add stand in the list once more than in the mail.
"""

import hashlib
import re
from base64 import b64encode
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

LEAST_BITS = 2048
"""How long an RSA key is at least."""

SIGNED = (
    *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-language", "list-id", "auto-submitted"),
)
"""The headers that are signed where a mail has them."""

_ONCE_MORE = ("from", "to", "reply-to", "subject", "date", "message-id", "content-type")
_SPACE = re.compile(rb"[ \t]+")


@lru_cache(maxsize=4)
def read_key(pem: str) -> Key:
    """Read a private key; raises ``ValueError`` for anything but RSA of 2048 bits or more, or Ed25519, as PEM without
    a password.
    """
    try:
        key = serialization.load_pem_private_key(pem.strip().encode("utf-8"), password=None)
    except TypeError as error:
        raise ValueError("the key has a password") from error
    if isinstance(key, ed25519.Ed25519PrivateKey) or (
        isinstance(key, rsa.RSAPrivateKey) and key.key_size >= LEAST_BITS
    ):
        return key
    raise ValueError("the key is of another kind, or too short")


def published(key: Key) -> str:
    """Return the record that others find the key by, as it is to stand in the DNS."""
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={b64encode(raw).decode('ascii')}"
    raw = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={b64encode(raw).decode('ascii')}"


def signed(data: bytes, key: Key, *, domain: str, selector: str, now: datetime) -> bytes:
    """Return a mail with its signature above it. ``data`` has CRLF line ends and each of its headers once."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = dict(_canonical(line) for line in re.split(rb"\r\n(?![ \t])", head))
    names = [name for name in SIGNED if name.encode("ascii") in lines]
    kind = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ed25519"
    body_hash = b64encode(hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest()).decode("ascii")
    own = (
        f"v=1; a={kind}-sha256; c=relaxed/simple; d={domain}; s={selector};\r\n"
        f" t={int(now.timestamp())}; bh={body_hash};\r\n h={':'.join(names)}\r\n :{':'.join(_ONCE_MORE)};\r\n b="
    ).encode("ascii")
    text = b"".join(name + b":" + value + b"\r\n" for name, value in ((n.encode(), lines[n.encode()]) for n in names))
    text += b"dkim-signature:" + _canonical(b"DKIM-Signature: " + own)[1]
    signature = b64encode(_sign(key, text)).decode("ascii")
    folded = "\r\n ".join(signature[start : start + 72] for start in range(0, len(signature), 72))
    return b"DKIM-Signature: " + own + folded.encode("ascii") + b"\r\n" + data


def _sign(key: Key, text: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(hashlib.sha256(text).digest())


def _canonical(line: bytes) -> tuple[bytes, bytes]:
    """Return name and value of a header as *relaxed* has them."""
    name, _, value = line.partition(b":")
    return name.strip().lower(), _SPACE.sub(b" ", value.replace(b"\r\n", b"")).strip()
