"""Looking up a customer over HTTP: one POST with JSON, answered with JSON. docs/verification.md is its contract."""

import asyncio
from typing import Self
from urllib.parse import urlsplit

import httpx2
from pydantic import ValidationError

from channels.lookup import CustomerAnswer, CustomerQuery, LookupFailed
from complaints.errors import BadInput

LONGEST = 20.0  # seconds that one question may take in all
_LARGEST = 10_000  # bytes of an answer
_OK, _SERVER_ERROR = 200, 500
_TRANSIENT = frozenset({408, 409, 423, 425, 429})  # besides every 5xx


class HttpLookup:
    """Asks one service. Use it as `async with`, or `aclose()` it. A redirect is not followed: it would carry the query.

    `token` is sent as a bearer token.
    """

    def __init__(self, url: str, *, token: str | None = None, timeout: float = 10.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            remedy = "write it as https://customers.example.com/lookup, and the token in TUNTAS_CUSTOMER_LOOKUP_TOKEN"
            raise BadInput("not an HTTP address", field="TUNTAS_CUSTOMER_LOOKUP_URL", remedy=remedy)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._url = url
        self._client = httpx2.AsyncClient(timeout=timeout, headers=headers, follow_redirects=False, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._client.aclose()

    async def look_up(self, query: CustomerQuery) -> CustomerAnswer:
        try:
            async with asyncio.timeout(LONGEST):
                status, body = await self._ask(query)
        except (httpx2.HTTPError, OSError, TimeoutError) as error:
            # The library's words may repeat what was sent; its class says enough.
            raise LookupFailed(f"customer lookup: {type(error).__name__}", permanent=False) from None
        if status != _OK:
            raise LookupFailed(f"customer lookup: status {status}", permanent=not _passes(status))
        try:
            return CustomerAnswer.model_validate_json(body)
        except ValidationError:
            raise LookupFailed("customer lookup: an answer that is none", permanent=True) from None

    async def _ask(self, query: CustomerQuery) -> tuple[int, bytes]:
        """The status and as much of the body as an answer may have."""
        content = query.model_dump_json(exclude_none=True)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        async with self._client.stream("POST", self._url, content=content, headers=headers) as response:
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    raise LookupFailed("customer lookup: an answer that is too large", permanent=True)
            return response.status_code, body


def _passes(status: int) -> bool:
    """Whether a later attempt may find another status."""
    return status >= _SERVER_ERROR or status in _TRANSIENT
