"""Where the services are that doctor looks at: the environment, else the running local stack, else None."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands.stack import StackError, StackInfo, default_home, read_info
from commands.stack.surroundings import Surroundings
from settings import Settings
from starter.connection import readable_configuration


@dataclass(frozen=True)
class Places:
    home: Path
    stack: StackInfo | None
    temporal: Mapping[str, Any] | None  # the arguments of `starter.connection.connect_temporal`
    database_url: str | None
    smtp_url: str | None
    mail_from: str
    imap_url: str | None
    web_url: str | None
    policy: str  # under which complaints are filed


def find() -> Places:
    """Raises `BadInput` if Temporal's configuration cannot be read."""
    with readable_configuration():
        around = Surroundings.of(os.environ)
    settings = Settings()
    try:
        stack = read_info()
    except StackError:
        stack = None
    temporal: Mapping[str, Any] | None = None
    if around.temporal is not None:
        temporal = {}  # the client reads the environment itself
    elif stack is not None:
        temporal = {"target_host": stack.temporal_address, "namespace": stack.namespace}
    smtp = around.smtp_url or (f"smtp://{stack.smtp}" if stack is not None and stack.smtp else None)
    return Places(
        home=default_home(),
        stack=stack,
        temporal=temporal,
        database_url=around.database_url or (stack.database_url if stack is not None else None),
        smtp_url=smtp,
        mail_from=settings.mail_from,
        imap_url=settings.imap_url.get_secret_value() if settings.imap_url else None,
        web_url=settings.web_url or (stack.web_url if stack is not None else None),
        policy=settings.policy,
    )
