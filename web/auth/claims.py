"""What an identity provider says of somebody, read as an account: pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from complaints.errors import Refused
from complaints.model import Personal
from complaints.vocabulary import Language, Role
from database.accounts import DESK_ROLES, Account
from web.auth.terms import Provider

_ID = re.compile(r"[\w.@:+-]{1,100}")
_REMEDY = "ask whoever keeps the identity provider to put you into a group that Tuntas knows"


def account_of(claims: Mapping[str, Any], provider: Provider, now: datetime) -> Account:
    """Return the account that claims describe. Raises `Refused` if they name no role, or no usable id."""
    role, administers = _role(claims, provider)
    account_id = _value(claims, provider.id_claim)
    if not isinstance(account_id, str) or not _ID.fullmatch(account_id):
        raise Refused("your account has no usable name", field=provider.id_claim, remedy=_REMEDY)
    return Account(
        id=account_id, name=Personal(claims.get("name") or account_id), role=role, administers=administers,
        teams=tuple(dict.fromkeys(_words(_value(claims, provider.team_claim)))), language=_language(claims),
        issuer=provider.issuer, subject=str(claims["sub"]), created_at=now,
    )  # fmt: skip


def _role(claims: Mapping[str, Any], provider: Provider) -> tuple[Role, bool]:
    """Return the role, and whether they administer besides. An auditor is nothing else: they change nothing."""
    named = {provider.roles.get(word, word) for word in _words(_value(claims, provider.role_claim))}
    found = {role for role in DESK_ROLES if role in named}
    for role in (Role.AUDITOR, Role.LEAD, Role.AGENT, Role.ADMIN):
        if role in found:
            return role, Role.ADMIN in found and role is not Role.AUDITOR
    raise Refused("your account has no role here", field=provider.role_claim, remedy=_REMEDY)


def _value(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim; a dotted name is looked for inside, as in `realm_access.roles`."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _words(value: Any) -> tuple[str, ...]:
    """Return a claim as words: a list of them, or one text that separates them by spaces or commas."""
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, (list, tuple)) else ()


def _language(claims: Mapping[str, Any]) -> Language:
    spoken = str(claims.get("locale") or "").replace("_", "-").partition("-")[0].lower()
    return Language(spoken) if spoken in set(Language) else Language.ID
