"""Services that the environment names already: those are used as they are, and the stack does not start its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

_TEMPORAL = ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")
_TEMPORAL_FAMILIES = ("TEMPORAL_TLS", "TEMPORAL_GRPC_META_", "TEMPORAL_CODEC_")


@dataclass(frozen=True)
class Surroundings:
    """What is there without us; None where the stack starts a part of its own."""

    temporal: Mapping[str, Any] | None = None  # the arguments of `temporalio.client.Client.connect`
    database_url: str | None = None
    smtp_url: str | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        return cls(
            temporal=_temporal(environment),
            database_url=environment.get("DATABASE_URL") or None,
            smtp_url=environment.get("TUNTAS_SMTP_URL") or None,
        )

    @property
    def smtp(self) -> str | None:
        """The SMTP server as host:port, without the credentials that its URL may hold."""
        if self.smtp_url is None:
            return None
        parts = urlsplit(self.smtp_url)
        return f"{parts.hostname or 'localhost'}:{parts.port or (465 if parts.scheme == 'smtps' else 25)}"


def _temporal(environment: Mapping[str, str]) -> Mapping[str, Any] | None:
    named = any(
        value and (name in _TEMPORAL or name.startswith(_TEMPORAL_FAMILIES)) for name, value in environment.items()
    )
    if not named:
        return None
    from temporalio.envconfig import ClientConfig

    connection = dict(ClientConfig.load_client_connect_config(override_env_vars=dict(environment)))
    connection.setdefault("target_host", "localhost:7233")
    connection.setdefault("namespace", "default")
    return connection
