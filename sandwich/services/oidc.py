"""Signing in with an account of a school: OpenID Connect, from a discovery address to an address of a known person.

Authorization code with PKCE, state and nonce. What the provider says of somebody is believed only as a signed ID token
of the configured issuer, for us, not over its time, and with an address that the provider checked. Nothing is asked of
any address but those that the configured provider names, over https.
"""

import hashlib
import math
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandwich.errors import SandwichError
from sandwich.settings import LOOPBACK, Settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""What an ID token may be signed with: never a shared secret, and never nothing."""

LEEWAY = 120
"""Seconds that the clock of the provider and ours may differ."""

KEPT = 3600.0
"""Seconds that what a provider says of itself is kept."""

PATIENCE = 10.0
MOST = 1 << 20
"""Bytes that an answer of the provider has at most."""


class ProviderFails(SandwichError):
    """Signing in with your school account does not work now. Ask for a mail with a code instead."""

    dutch = "Inloggen met je schoolaccount lukt nu niet. Vraag in plaats daarvan een mail met een code."


class AccountUnknown(SandwichError):
    """This account is not known here. Ask your coordinator whether your mail address is right, or ask for a mail with
    a code.
    """

    dutch = (
        "Dit account kennen we hier niet. Vraag je coördinator of je mailadres klopt, of vraag een mail met een code."
    )


class LoginStale(SandwichError):
    """That took too long, or was begun in another window. Begin once more."""

    dutch = "Dat duurde te lang, of begon in een ander venster. Begin nog eens."


@dataclass(frozen=True)
class Begun:
    """What a browser keeps until it comes back: the state, the nonce and the verifier of one try."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def now(cls) -> "Begun":
        """Begin a try."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")


class Provider:
    """The configured provider; one per application. What it says of itself is asked when it is needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._said: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._asked_at = 0.0

    @property
    def redirect(self) -> str:
        """The address that the provider sends people back to."""
        return f"{self._settings.base_url.rstrip('/')}/login/oidc/back"

    async def address(self, begun: Begun) -> str:
        """Return where a browser signs in; raises :class:`ProviderFails`."""
        said = await self._discovered()
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self.redirect,
            "scope": "openid email",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
        }
        where = said["authorization_endpoint"]
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(query)}"

    async def mail_address(self, begun: Begun, code: str) -> str:
        """Return the checked mail address of who came back with ``code``.

        Raises :class:`ProviderFails`, and :class:`AccountUnknown` where the provider knows no checked address.
        """
        said = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "code_verifier": begun.verifier,
        }
        client, secret = self._settings.oidc_client_id, self._settings.oidc_client_secret.get_secret_value()
        methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        auth = None
        if "client_secret_basic" in methods:
            auth = httpx.BasicAuth(client, secret)
        else:
            form |= {"client_id": client, "client_secret": secret}
        answer = await self._ask("POST", said["token_endpoint"], data=form, auth=auth)
        return self._address_of(await self._claims(str(answer.get("id_token", "")), begun.nonce))

    def _address_of(self, claims: dict[str, Any]) -> str:
        address, checked = claims.get("email"), claims.get("email_verified")
        is_checked = checked in (True, "true") or (checked is None and self._settings.oidc_email_is_verified)
        if not isinstance(address, str) or "@" not in address or not is_checked:
            raise AccountUnknown
        return address

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """Return what an ID token says, once all of it holds."""
        try:
            decoded = self._decoded(token)
        except (JoseError, ValueError):  # the provider may have new keys
            self._asked_at = 0.0
            await self._discovered()
            try:
                decoded = self._decoded(token)
            except (JoseError, ValueError) as error:
                raise ProviderFails from error
        claims = dict(decoded.claims)
        client, now = self._settings.oidc_client_id, time.time()
        audience = claims.get("aud")
        ours = audience == client or (isinstance(audience, list) and client in audience)
        is_for_us = ours and claims.get("azp", client) == client
        ends, made = claims.get("exp"), claims.get("iat")
        is_timely = _number(made) - LEEWAY <= now < _number(ends, missing=0) + LEEWAY
        is_ours = secrets.compare_digest(str(claims.get("nonce", "")), nonce)
        if claims.get("iss") != self._said["issuer"] or not (is_for_us and is_timely and is_ours):
            raise ProviderFails
        return claims

    def _decoded(self, token: str) -> jwt.Token:
        assert self._keys is not None  # they were asked for with the rest
        return jwt.decode(token, self._keys, algorithms=ALGORITHMS)

    async def _discovered(self) -> dict[str, Any]:
        if self._said and time.monotonic() - self._asked_at < KEPT:
            return self._said
        said = await self._ask("GET", self._settings.oidc_discovery)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "issuer"):
            if not is_safe(said.get(name)):
                raise ProviderFails
        if not self._settings.oidc_discovery.startswith(said["issuer"].rstrip("/")):
            raise ProviderFails
        try:
            self._keys = KeySet.import_key_set(await self._ask("GET", said["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderFails from error
        self._said, self._asked_at = said, time.monotonic()
        return said

    async def _ask(self, method: str, address: str, **sent: Any) -> dict[str, Any]:
        """Return what the provider answers; it is followed nowhere else, and its answer has an end."""
        headers = {"accept": "application/json"}
        try:
            async with (
                httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False) as client,
                client.stream(method, address, headers=headers, **sent) as answer,
            ):
                if answer.status_code != 200:
                    raise ProviderFails
                content = b""
                async for piece in answer.aiter_bytes():
                    content += piece
                    if len(content) > MOST:
                        raise ProviderFails
            found = httpx.Response(200, content=content).json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderFails from error
        if not isinstance(found, dict):
            raise ProviderFails
        return found


def is_safe(address: object) -> bool:
    """Whether an address is https, or of this machine."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _number(value: object, *, missing: float = math.inf) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else missing
