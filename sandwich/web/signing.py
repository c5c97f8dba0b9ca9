"""Signed values: the cookie of a personal link, and the key of every page with a form. On real time."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from sandwich.settings import Settings

COOKIE_AGE = timedelta(days=1)
"""How long a browser stays with a personal link before the link in the mail must be opened again."""

PAGE_AGE = timedelta(days=14)
"""How long a page that was left open can still be sent."""

DAY_LETTERS = 16
"""How many letters of its signature the key of a day has: nobody finds one by trying."""


@dataclass(frozen=True)
class PageKey:
    """What the hidden key of a page says: whose page it is, what it asks, which page it was, and what stood in it."""

    owner: str
    about: str
    nonce: str
    shown: str


class Signer:
    """Signs and reads with the installation's secret."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_key.get_secret_value()
        self._cookie = URLSafeTimedSerializer(secret, salt="sandwich.link-cookie")
        self._try = URLSafeTimedSerializer(secret, salt="sandwich.sign-in-try")
        self._page = URLSafeTimedSerializer(secret, salt="sandwich.page-key")
        self._secret = secret.encode()

    def cookie(self, link_id: str) -> str:
        """Return the value of the cookie that opens ``link_id``."""
        return str(self._cookie.dumps(link_id))

    def opens(self, cookie: str | None, link_id: str) -> bool:
        """Whether ``cookie`` was set for exactly this link and is not too old."""
        try:
            return bool(cookie) and self._cookie.loads(str(cookie), max_age=int(COOKIE_AGE.total_seconds())) == link_id
        except BadData:
            return False

    def try_of(self, state: str, nonce: str, verifier: str) -> str:
        """Return the value of the cookie of one try to sign in elsewhere."""
        return str(self._try.dumps([state, nonce, verifier]))

    def read_try(self, cookie: str, seconds: int) -> tuple[str, str, str] | None:
        """Return what such a cookie holds; ``None`` for one that is not ours or too old."""
        try:
            state, nonce, verifier = self._try.loads(cookie, max_age=seconds)
        except (BadData, ValueError, TypeError):
            return None
        return str(state), str(nonce), str(verifier)

    def page_key(self, owner: str, about: str, shown: str = "") -> str:
        """Return a new key for a page of ``owner`` (a link, a session) that asks ``about`` something.

        ``shown`` is a digest of what stood in the page when it was opened: by it a page that nobody touched is known.
        """
        return str(self._page.dumps([owner, about, secrets.token_urlsafe(12), shown]))

    def read_page_key(self, key: str | None, owner: str, about: str) -> PageKey | None:
        """Return what a page's key says, or ``None`` when it is not of this owner and subject, or too old."""
        try:
            said = self._page.loads(key or "", max_age=int(PAGE_AGE.total_seconds()))
        except BadData:
            return None
        if not isinstance(said, list) or len(said) != 4 or said[:2] != [owner, about]:
            return None
        return PageKey(*said)

    def day_key(self, activity_id: str) -> str:
        """Return what the code of an activity's day leads to: the same every time, nobody's own, and short to print."""
        code = hmac.new(self._secret, f"day:{activity_id}".encode(), hashlib.sha256).digest()
        return f"{activity_id}{urlsafe_b64encode(code).decode()[:DAY_LETTERS]}"

    def activity_of(self, key: str) -> str | None:
        """Return the activity that such a key names; ``None`` for one that is not ours."""
        activity_id = key[:-DAY_LETTERS]
        fits = hmac.compare_digest(self.day_key(activity_id).encode(), key.encode("utf-8", "replace"))
        return activity_id if fits else None
