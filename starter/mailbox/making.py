"""A reader of a mailbox, put together from what the settings say."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from email.utils import parseaddr

from channels.email.imap import Place
from channels.signing import Signer
from starter.client import Tuntas
from starter.mailbox.bringing import Bringing
from starter.mailbox.reader import Around, Reader


def reader_of(
    place: Place, tuntas: Tuntas, signer: Signer | None, now: Callable[[], datetime], *, mail_from: str,
    around: Around = nullcontext,
) -> Reader:  # fmt: skip
    """Our own addresses are the sender of our mails and the mailbox's own: what comes from them starts nothing."""
    own = {parseaddr(mail_from)[1].lower(), place.user.lower()}
    addresses = frozenset(address for address in own if "@" in address)
    return Reader(place, Bringing(tuntas, signer, now, mailbox=place.name, own=addresses), around=around)
