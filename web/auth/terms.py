"""How sign-in goes in this installation: how long sessions last, and the identity provider, if there is one."""

from datetime import timedelta

from pydantic import SecretStr

from complaints.model import Frozen
from complaints.vocabulary import Role


class Provider(Frozen):
    """An OpenID Connect provider, and in which of its claims role and teams stand.

    `roles` maps the provider's words to our roles; what it does not name counts only if it is a role's own name.
    """

    issuer: str
    client_id: str
    client_secret: SecretStr | None = None
    name: str = "OpenID Connect"
    scopes: str = "openid profile email"
    id_claim: str = "preferred_username"
    role_claim: str = "roles"
    team_claim: str = "teams"
    roles: dict[str, Role] = {}


class Terms(Frozen):
    """`idle`: a session ends when nothing was asked for so long; `longest`: it ends in any case."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    provider: Provider | None = None
    local_accounts: bool = True
