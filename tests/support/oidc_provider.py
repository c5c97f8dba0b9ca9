"""An OpenID provider of our own, made of Authlib's server: real HTTP, real codes, signed ID tokens.

Whoever is at it is signed in as ``account``; ``spoil`` changes the ID token before it is signed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin as OpenIDCodeMixin
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "sandwich", "a secret between two"

Claims = dict[str, Any]


@dataclass
class Client(ClientMixin):  # type: ignore[misc]
    """The one client: us."""

    redirect: str

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.redirect

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint != "token" or method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(OpenIDCodeMixin, AuthorizationCodeMixin):  # type: ignore[misc]
    """A code that was given out, once."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    auth_time: int = field(default_factory=lambda: int(time.time()))

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time


@dataclass
class Running:
    """A provider at ``issuer``, for as long as it runs."""

    issuer: str
    account: Claims = field(default_factory=dict)
    spoil: Callable[[Claims], Claims] = lambda claims: claims
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: RSAKey | None = None
    says: Claims = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)

    @property
    def discovery(self) -> str:
        """Where it says of itself what it is."""
        return f"{self.issuer}/.well-known/openid-configuration"


@contextmanager
def running(redirect: str) -> Iterator[Running]:
    """Run a provider that sends people back to ``redirect``."""
    app = Flask("provider")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    provider = Running(f"http://127.0.0.1:{server.server_port}")
    _routes(app, provider, Client(redirect))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _routes(app: Flask, provider: Running, client: Client) -> None:
    def kept(grant: Any, code: str, request: Any) -> None:
        data = request.payload.data
        provider.codes[code] = Code(
            *(code, request.payload.redirect_uri, request.payload.scope, data.get("nonce")),
            *(data.get("code_challenge"), data.get("code_challenge_method")),
        )

    class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)
        save_authorization_code = kept

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            provider.codes.pop(authorization_code.code)

        def authenticate_user(self, authorization_code: Code) -> Claims:
            return provider.account

    class Identity(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return any(code.nonce == nonce for code in provider.codes.values())

        def resolve_client_private_key(self, client: Client) -> RSAKey:
            return provider.key

        def get_client_claims(self, client: Client) -> Claims:
            return {"iss": provider.issuer, "aud": [CLIENT]}

        def generate_user_info(self, user: Claims, scope: str) -> UserInfo:
            return UserInfo(sub="someone", **user)

        def encode_id_token(self, token: Any, request: Any) -> str:
            decoded = jwt.decode(super().encode_id_token(token, request), provider.key)
            spoilt = provider.spoil(dict(decoded.claims))
            header = {"alg": spoilt.pop("_alg", "RS256"), "kid": "one"}
            return jwt.encode(header, spoilt, spoilt.pop("_key", provider.key), algorithms=[header["alg"]])

    server = AuthorizationServer(app, query_client=lambda _id: client, save_token=lambda *_given: None)
    server.register_grant(CodeGrant, [Identity(require_nonce=True), CodeChallenge(required=True)])

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Any:
        said = {
            "issuer": provider.issuer,
            "authorization_endpoint": f"{provider.issuer}/authorize",
            "token_endpoint": f"{provider.issuer}/token",
            "jwks_uri": f"{provider.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        return jsonify(said | provider.says)

    @app.get("/keys")
    def keys() -> Any:
        return jsonify(keys=[(provider.published or provider.key).as_dict(private=False)])

    @app.get("/authorize")
    def authorize() -> Any:
        grant = server.get_consent_grant(end_user=provider.account)
        return server.create_authorization_response(grant_user=provider.account, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()
