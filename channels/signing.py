"""Signed links and address tags: who holds one may speak for a case, without an account.

A link is a signed token (HMAC-SHA256, by itsdangerous) that names a case, what it is for, until when, and the case's
generation of links, so that all older ones can be revoked at once (`database.links`). An address tag is a short
signature in the reply address of our mails: it shows that a mail answers one of ours, and opens no page.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from enum import StrEnum

from itsdangerous import BadData, URLSafeSerializer
from pydantic import ValidationError

from complaints.errors import BadInput
from complaints.model import Frozen, Instant

_TAG_BYTES = 10  # 80 bits: 16 letters
_LONGEST = 600
_SHORTEST_SECRET = 16


class Purpose(StrEnum):
    """What a link is for. Each opens its own pages and no others."""

    FOLLOW = "follow"  # see the case, reply, confirm or dispute, withdraw, choose language and channel
    UNSUBSCRIBE = "unsubscribe"  # no more questions after closing


class Link(Frozen):
    """What a link says."""

    reference: str
    purpose: Purpose
    generation: int = 0
    expires_at: Instant


class Signer:
    """Makes and reads links and tags. All processes that share a database share the secret."""

    def __init__(self, secret: str) -> None:
        if len(secret) < _SHORTEST_SECRET:
            remedy = f"set TUNTAS_SECRET to at least {_SHORTEST_SECRET} random characters, the same for all processes"
            raise BadInput("too short to sign links with", field="secret", remedy=remedy)
        self._secret = secret.encode()
        self._links = URLSafeSerializer(
            secret, salt="tuntas.link", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )

    def token(self, link: Link) -> str:
        """Return the token of a link: the same link, the same token."""
        values = [link.reference, str(link.purpose), link.generation, int(link.expires_at.timestamp())]
        return str(self._links.dumps(values))

    def read(self, token: str, now: datetime) -> Link:
        """Return what a token says. Raises `BadInput`, in the same words whatever is wrong, but for an expired one."""
        try:
            reference, purpose, generation, expires_at = self._links.loads(token[:_LONGEST])
            stamp = datetime.fromtimestamp(expires_at, tz=now.tzinfo)
            link = Link(reference=reference, purpose=purpose, generation=generation, expires_at=stamp)
        except (BadData, ValidationError, ValueError, TypeError, OverflowError, OSError):
            remedy = "open the link exactly as it stands in our message, or ask for a new one"
            raise BadInput("not a link of ours", field="link", remedy=remedy) from None
        if link.expires_at <= now:
            raise BadInput("expired", field="link", remedy="ask for a new link")
        return link

    def tag(self, reference: str) -> str:
        """Return the tag of a case for a reply address: lower-case letters and digits, since mail systems fold case."""
        signed = hmac.digest(self._secret, f"tuntas.tag:{reference}".encode(), "sha256")[:_TAG_BYTES]
        return base64.b32encode(signed).decode().lower()

    def is_tag(self, reference: str, tag: str) -> bool:
        return hmac.compare_digest(self.tag(reference).encode(), tag.lower().encode())

    def mark(self, purpose: str, value: str) -> str:
        """Return a signature of a value that counts for one purpose only, such as in a cookie."""
        return hmac.digest(self._secret, f"tuntas.mark:{purpose}:{value}".encode(), "sha256").hex()

    def is_mark(self, purpose: str, value: str, mark: str) -> bool:
        return hmac.compare_digest(self.mark(purpose, value).encode(), mark.encode())
