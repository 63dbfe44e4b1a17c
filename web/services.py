"""What every part of the web application works with; made by the composition root, `commands/web.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from channels.case_links import CaseLinks
from channels.signing import Signer
from database.pool import Pool
from starter.client import Tuntas
from web.auth.passwords import Passwords
from web.auth.terms import Terms
from web.limits import Limiter
from web.printing import Printer

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Services:
    """`base_url` is the address that people see, without a slash at its end: links in messages begin with it."""

    tuntas: Tuntas
    signer: Signer
    base_url: str
    now: Clock
    terms: Terms = field(default_factory=Terms)
    passwords: Passwords = field(default_factory=Passwords)
    organisation: str | None = None  # whose complaints these are, as people call it
    ui_url: str | None = None  # of Temporal's Web UI, for links from a case to its run

    @property
    def case_links(self) -> CaseLinks:
        return CaseLinks(self.signer, self.base_url)

    @property
    def pool(self) -> Pool:
        return self.tuntas.pool

    @cached_property
    def limiter(self) -> Limiter:
        """One for the process: what everybody may ask of it is counted together."""
        return Limiter(self.pool)

    @cached_property
    def printer(self) -> Printer:
        """One for the process: how many documents are made at once is counted together."""
        return Printer()

    def close(self) -> None:
        """End what was started for answers."""
        self.printer.close()

    @property
    def secure(self) -> bool:
        """Whether people come by HTTPS: then cookies and links insist on it."""
        return urlsplit(self.base_url).scheme == "https"


def services(connection: HTTPConnection) -> Services:
    """Return the services of the application that a request came to."""
    found: Services = connection.app.state.services
    return found


async def serving(connection: HTTPConnection) -> Services:
    """The same for routes: `Depends(serving)`. Not a plain function, which FastAPI would send to a thread and back."""
    return services(connection)
