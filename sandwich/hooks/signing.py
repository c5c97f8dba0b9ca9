"""Sign what is sent, as Standard Webhooks has it: over the id, the moment and the body, with the hook's own secret."""

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime

from sandwich.settings import Settings

PREFIX = "whsec_"


def secret_of(settings: Settings, hook_id: str) -> str:
    """Return the secret of a hook as its receiver gets it; it follows from the installation's own."""
    return PREFIX + b64encode(_key(settings, hook_id)).decode()


def headers_of(settings: Settings, hook_id: str, notice_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers by which a receiver knows that this comes from us, now, and was not changed."""
    moment = str(int(at.timestamp()))
    said = b".".join((notice_id.encode(), moment.encode(), body))
    signature = b64encode(hmac.new(_key(settings, hook_id), said, hashlib.sha256).digest()).decode()
    return {"webhook-id": notice_id, "webhook-timestamp": moment, "webhook-signature": f"v1,{signature}"}


def _key(settings: Settings, hook_id: str) -> bytes:
    own = settings.secret_key.get_secret_value().encode()
    return hmac.new(own, f"hook:{hook_id}".encode(), hashlib.sha256).digest()
