"""The mailbox that complaints come to: whether it opens, what waits there, and what was set aside."""

import asyncio

from channels.email.imap import Place, open_mailbox, place_of
from commands.doctor.finding import Finding, ok, problem, skipped, warning
from complaints.errors import BadInput
from database import mails
from database.sql import Connection

MANY = 100  # mails that wait: more than a look at the wrong moment finds
_WITHIN = 8.0  # seconds for one answer


async def mailbox(url: str | None) -> Finding:
    if url is None:
        return skipped("mailbox", "no mailbox is set (TUNTAS_IMAP_URL): complaints do not come by mail")
    try:
        place = place_of(url)
        waiting = await asyncio.to_thread(_waiting, place)
    except BadInput as error:
        return problem("mailbox", str(error), error.remedy)
    if waiting > MANY:
        return warning(
            "mailbox", f"{waiting} mails wait in {place.name}", "see that a worker has TUNTAS_IMAP_URL", waiting=waiting
        )
    return ok("mailbox", f"{place.name} opens; {waiting} mails wait", waiting=waiting)


def name_of(url: str | None) -> str | None:
    """What the mailbox is called, if it is set; of an address that cannot be read `mailbox` tells."""
    try:
        return place_of(url).name if url is not None else None
    except BadInput:
        return None


async def set_aside(connection: Connection) -> Finding:
    number = await mails.count_aside(connection)
    if number:
        remedy = "`tuntas mailbox list` shows why; `tuntas mailbox retry` brings one"
        return warning("mails", f"{number} mails are set aside", remedy, set_aside=number)
    return ok("mails", "no mail is set aside", set_aside=0)


def _waiting(place: Place) -> int:
    with open_mailbox(place, timeout=_WITHIN) as box:
        return len(box.waiting())
