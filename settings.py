"""Environment -> `Settings`. Read by the composition roots only: everything below takes what it needs as arguments.

Every variable starts with `TUNTAS_`, but for `DATABASE_URL` and Temporal's own `TEMPORAL_*` (read by its envconfig). An
empty one counts as not set. `docs/operations.md` describes each of them; a test holds the two together.
"""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TUNTAS_", env_ignore_empty=True, extra="ignore")

    home: Path = Path(".tuntas")
    # PostgreSQL of the read model
    database_url: SecretStr | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    smtp_url: SecretStr | None = None  # smtp://user:password@host:port; notices go to the console when it is not set
    mail_from: str = "Tuntas <tuntas@localhost>"
    imap_url: SecretStr | None = None  # imaps://user:password@host/INBOX; the mailbox that workers read
    secret: SecretStr | None = None  # signs links and the reply addresses of mails; the same for all processes
    policy: str = "id.default"
    organisation: str | None = None  # whose complaints these are, as the public pages call it
    web_url: str | None = None  # the address at which people find the pages: links in messages begin with it
    customer_lookup_url: str | None = None  # who knows the customers; without it no claim to be one can be checked
    customer_lookup_token: SecretStr | None = None
    trusted_proxies: str | None = None  # addresses or networks whose word on where a request comes from is taken
    ui_url: str | None = None  # of Temporal's Web UI: a case at the desk links to its run
    # signing in at the desk
    local_accounts: bool = True
    session_idle_minutes: float = Field(default=30.0, gt=0)
    session_hours: float = Field(default=12.0, gt=0)
    oidc_issuer: str | None = None  # an OpenID Connect provider; without it there are local accounts only
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "OpenID Connect"  # what the button to it says
    oidc_scopes: str = "openid profile email"
    oidc_id_claim: str = "preferred_username"
    oidc_role_claim: str = "roles"
    oidc_team_claim: str = "teams"
    oidc_roles: dict[str, str] = {}  # the provider's words for our roles, as JSON
    metrics_address: str | None = None  # host:port on which the worker shows Prometheus metrics
    notices_per_second: float = 20.0
    pollers: int = 4  # fixed pollers: autoscaling ones may stop polling after an outage of the server
    cached_workflows: int = 5000
    database_connections: int = 10  # of one worker process
    graceful_shutdown_seconds: float = 70.0  # longer than the longest notice (channels.email.outbound.LONGEST)
    log_level: str = "INFO"
    # worker versioning: the version of a deployment; without a build id workers take every task
    deployment: str = "tuntas"
    build_id: str | None = None
    hold_patches: bool = False  # new cases go as before any patch, while workers of the version before are running
