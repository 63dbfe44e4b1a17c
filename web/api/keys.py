"""Who is asking: keys of services, as `Authorization: Bearer tuntas_<key id>_<secret>`.

A secret is 256 random bits, of which the SHA-256 is kept (docs/decisions: keys of services). No key, an unknown, an
expired and a revoked one get the same answer, after the same comparison.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from complaints.errors import BadInput
from complaints.model import Frozen
from complaints.vocabulary import Role
from database import api_keys
from database.api_keys import LiveKey, Scope
from database.pool import connection
from starter import rpc
from web.api.errors import Forbidden, Unauthorised
from web.limits import Bucket, network_of
from web.services import Services, serving

ID_LENGTH = 12
STRANGERS = {"per_minute": 30.0, "burst": 30.0}
"""How many requests without a valid key are answered to one address."""
_TOKEN = re.compile(r"Bearer\s+tuntas_([a-z0-9]{12})_([A-Za-z0-9_-]{43})\s*", re.IGNORECASE)
_NOBODY = bytes(32)  # a digest that no secret has
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class Secret(NamedTuple):
    """What a service is given once, and what is kept of it."""

    token: str
    digest: bytes


def new_id() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(ID_LENGTH))


def new_secret(key_id: str) -> Secret:
    secret = secrets.token_urlsafe(32)
    return Secret(token=f"tuntas_{key_id}_{secret}", digest=digest(secret))


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()


class Caller(Frozen):
    """A service whose key is valid. `companies` None: it is bound to none."""

    key_id: str
    service: str
    scopes: frozenset[Scope]
    companies: tuple[str, ...] | None

    @property
    def actor_id(self) -> str:
        """As whom it stands in the access log."""
        return f"apikey:{self.key_id}"

    def sees(self, company: str | None) -> bool:
        return self.companies is None or company in self.companies

    def company_for(self, asked: str | None, *, field: str = "company") -> str | None:
        """Return the company that is meant. Raises `Forbidden` for one that is not the key's."""
        if self.companies is None:
            return asked
        if asked is None and len(self.companies) == 1:
            return self.companies[0]
        if asked is None:
            raise BadInput("is missing: this key is for several", field=field, remedy="name the company")
        if asked not in self.companies:
            raise Forbidden("this key is for other companies", field=field, remedy="use a key of this company")
        return asked

    def vouches(self, field: str) -> None:
        """Raises `Forbidden`, naming a field that says what only a service that vouches for it may say."""
        if Scope.VOUCH not in self.scopes:
            remedy = "leave it out, or use a key with the scope vouch"
            raise Forbidden("this key does not vouch for that", field=field, remedy=remedy)

    def may_act_as(self, role: Role) -> bool:
        return (role is Role.AGENT and bool(self.scopes & {Scope.ACT, Scope.LEAD})) or (
            role is Role.LEAD and Scope.LEAD in self.scopes
        )


_BEARER = HTTPBearer(scheme_name="key", description="A key of a service: `tuntas apikey create`.", auto_error=False)


class Needs:
    """A dependency that answers who asks, if the key has one of these scopes and has not used up its allowance."""

    def __init__(self, *scopes: Scope) -> None:
        self.scopes = frozenset(scopes)

    async def __call__(
        self,
        request: Request,
        here: Annotated[Services, Depends(serving)],
        _bearer: Annotated[object, Depends(_BEARER)],
    ) -> Caller:
        key = await _recognised(request, here)
        if key is None:
            name = here.signer.tag(f"address:{network_of(request)}")  # not the address itself
            await here.limiter.allow(Bucket(name=f"stranger:{name}", **STRANGERS))
            raise Unauthorised
        if not self.scopes & set(key.scopes):
            remedy = f"use a key with the scope {' or '.join(sorted(self.scopes))}"
            raise Forbidden("this key is not for this operation", field="Authorization", remedy=remedy)
        return Caller(key_id=key.id, service=key.service, scopes=frozenset(key.scopes), companies=key.companies)


def bucket_of(key: LiveKey) -> Bucket:
    return Bucket(name=f"key:{key.id}", per_minute=key.per_minute, burst=max(20.0, key.per_minute / 6))


async def _recognised(request: Request, here: Services) -> LiveKey | None:
    """Return the key, if it is valid; the request is then taken off its allowance. Raises `TooMany`."""
    given = _TOKEN.fullmatch(request.headers.get("authorization", ""))
    if given is None:
        return None
    now = here.now()
    async with rpc.postgres(), connection(here.pool) as conn:
        secret = digest(given[2])
        key = await api_keys.admit(conn, given[1].lower(), secret, now)
        known = _is_one_of(secret, key.digests if key else ())
        if key is None or not known:
            return None
        if not key.admitted:
            await here.limiter.allow(bucket_of(key), conn=conn)  # says when there will be room
        if _is_stale(key, now):
            await api_keys.touch(conn, key.id, now)
        return key


def _is_stale(key: LiveKey, now: datetime) -> bool:
    """Its last use is kept to the minute: most requests write nothing for it."""
    return key.last_used_at is None or key.last_used_at < now - timedelta(minutes=1)


def _is_one_of(found: bytes, digests: tuple[bytes, ...]) -> bool:
    """Compare with each, in constant time; with something also if there is none."""
    return sum([hmac.compare_digest(found, one) for one in digests or (_NOBODY,)]) > 0
