"""The identity provider, spoken to with authlib: authorization code with PKCE, state and nonce (OpenID Connect Core).

The state is tied to the browser that begins by a cookie and is good once; what has to fit with it waits in PostgreSQL.
"""

from collections.abc import Mapping
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import StarletteOAuth2App
from httpx2 import HTTPError
from joserfc.errors import JoseError

from complaints.errors import Refused, Unreachable
from database.provider_sign_ins import Begun
from web.auth.terms import Provider

_DISCOVERY = "/.well-known/openid-configuration"
_WITHIN = 10.0  # seconds for one call to the provider
_AGAIN = "sign in again"


class ProviderClient:
    """Speaks to one provider. What discovery found is kept; keys are fetched anew when an unknown one was used."""

    def __init__(self, provider: Provider) -> None:
        secret = provider.client_secret.get_secret_value() if provider.client_secret else None
        self.provider = provider
        self._issuer = provider.issuer
        self._app = StarletteOAuth2App(
            None, name="provider", client_id=provider.client_id, client_secret=secret,
            server_metadata_url=provider.issuer.rstrip("/") + _DISCOVERY,
            client_kwargs={
                "scope": provider.scopes, "code_challenge_method": "S256", "timeout": _WITHIN,
                "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
            },
        )  # fmt: skip

    async def begin(self, redirect_uri: str, goes_on_to: str) -> tuple[str, str, Begun]:
        """Return where to send the browser, the state that must come back, and what has to fit then."""
        try:
            await self._discover()
            made = await self._app.create_authorization_url(redirect_uri)
        except (HTTPError, OAuthError, ValueError) as error:
            raise _away() from error
        begun = Begun(nonce=made["nonce"], verifier=made["code_verifier"], goes_on_to=goes_on_to)
        return str(made["url"]), str(made["state"]), begun

    async def claims(self, redirect_uri: str, code: str, begun: Begun) -> Mapping[str, Any]:
        """Return what the provider says of who came back. Raises `Refused` if anything does not fit."""
        try:
            await self._discover()
            token = await self._app.fetch_access_token(redirect_uri, code=code, code_verifier=begun.verifier)
            said = await self._app.parse_id_token(token, nonce=begun.nonce)
            has_more = "userinfo_endpoint" in self._app.server_metadata
            more = await self._app.userinfo(token=token) if has_more else {"sub": said and said["sub"]}
        except HTTPError as error:
            raise _away() from error
        except (OAuthError, JoseError, ValueError, KeyError) as error:
            raise Refused("what the identity provider said does not fit", field="provider", remedy=_AGAIN) from error
        if said is None or more.get("sub") != said["sub"]:
            raise Refused("what the identity provider said does not fit", field="provider", remedy=_AGAIN)
        return {**more, **said}

    async def _discover(self) -> None:
        """Find the provider's addresses. Discovery must name the issuer that we were told (RFC 8414, 3.3)."""
        found = await self._app.load_server_metadata()
        if str(found.get("issuer", "")).rstrip("/") != self._issuer.rstrip("/"):
            raise ValueError("the provider names another issuer")


def _away() -> Unreachable:
    return Unreachable("the identity provider does not answer", field="provider", remedy="try again in a few minutes")
