"""How often a wrong password may be tried: by account, by address, and by a browser that has signed in before.

Strangers to an account are slowed down together, so that many addresses get no more tries than one. The browser in
which its owner has signed in before counts by itself: whoever tries passwords of an account cannot lock its owner out.
Everything passes: only what was tried within the window counts, and what was refused untried does not.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from database import accounts
from database.sql import Connection

WINDOW = timedelta(minutes=15)
LIMITS: Mapping[str, int] = {"account": 10, "address": 30, "browser": 10}


@dataclass(frozen=True)
class Attempt:
    """One try to sign in. `browser` is given if the account has signed in with this browser before."""

    account: str
    address: str | None
    browser: str | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """What the try counts for; names are digests, since people type passwords into the wrong field."""
        if self.browser is not None:
            return (_source("browser", self.browser),)
        strangers = _source("account", self.account)
        return (strangers,) if self.address is None else (strangers, _source("address", self.address))


async def admitted(conn: Connection, attempt: Attempt, now: datetime) -> tuple[int, ...] | None:
    """Count a try before its password is looked at; None if there were too many. `right` takes it back."""
    counts = await accounts.tries(conn, attempt.sources, now - WINDOW)
    if any(count >= LIMITS[source.partition(":")[0]] for source, count in counts.items()):
        return None
    await accounts.forget_tries(conn, now - WINDOW)
    return await accounts.try_once(conn, attempt.sources, now)


async def right(conn: Connection, attempt: Attempt, tried: tuple[int, ...]) -> None:
    """The password was right: the try does not count, nor do those before it for this account."""
    await accounts.take_back(conn, tried)
    await accounts.forgive(conn, attempt.sources[0])


async def forgive(conn: Connection, account: str) -> None:
    """Let an account be tried anew: its password has just been set by somebody who may."""
    await accounts.forgive(conn, _source("account", account))


def _source(kind: str, name: str) -> str:
    return f"{kind}:{hashlib.sha256(name.casefold().encode()).hexdigest()[:32]}"
