"""What messages bear beside their words, links and Message-IDs, as the workers of this installation make them.

A notice that is written anew must be the one that was, or will be, sent: the same settings, and the same functions.
"""

from typing import NamedTuple

from channels.case_links import CaseLinks, case_links
from channels.email.outbound import message_domain
from channels.signing import Signer
from commands.stack import StackError, StackInfo, default_home, read_info
from commands.stack.secret import kept_secret
from settings import Settings


class Outgoing(NamedTuple):
    """`missing`: settings that nothing gives here; right only if the workers have none of them either."""

    domain: str
    links: CaseLinks | None
    missing: tuple[str, ...]


def outgoing(database_url: str) -> Outgoing:
    """The environment says it, else the local stack, if the database is its own. Raises `BadInput`."""
    settings, stack = Settings(), _stack_of(database_url)
    found = {
        "TUNTAS_SMTP_URL": settings.smtp_url.get_secret_value() if settings.smtp_url else None,
        "TUNTAS_SECRET": settings.secret.get_secret_value() if settings.secret else None,
        "TUNTAS_WEB_URL": settings.web_url,
    }
    if stack is not None:
        found["TUNTAS_SMTP_URL"] = found["TUNTAS_SMTP_URL"] or (f"smtp://{stack.smtp}" if stack.smtp else None)
        found["TUNTAS_SECRET"] = found["TUNTAS_SECRET"] or kept_secret(default_home())
        found["TUNTAS_WEB_URL"] = found["TUNTAS_WEB_URL"] or stack.web_url
    secret = found["TUNTAS_SECRET"]
    return Outgoing(
        domain=message_domain(found["TUNTAS_SMTP_URL"], settings.mail_from),
        links=case_links(Signer(secret) if secret else None, found["TUNTAS_WEB_URL"]),
        missing=tuple(name for name, value in found.items() if value is None),
    )


def _stack_of(database_url: str) -> StackInfo | None:
    """Never another installation's: a stack may run on the machine from which somebody mends the real service."""
    try:
        stack = read_info()
    except StackError:
        return None
    return stack if stack.database_url == database_url else None
