"""What all forms have in common: the checks before anything is done, and the page again with what was typed.

A form is never simply refused: it comes back with its text, says what is the matter, and can be sent again.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from complaints.errors import Refused, TuntasError, Unreachable
from complaints.messages.intake import Evidence
from web.limits import hourly, network_of
from web.public import evidence, tickets
from web.public.reading import Sent, read_form
from web.public.rendering import page, texts_of
from web.services import services

HONEYPOT = "website"
"""A field that people do not see: only a program fills it in."""
QUICKEST = timedelta(seconds=2)
"""No person reads and fills in a complaint form in less."""
UNPROCESSABLE, TOO_MANY, AWAY = 422, 429, 503
_STATUS = {
    "form.elsewhere": 403, "form.cookies": 400, "form.expired": 400, "form.large": 413, "form.slow": 408,
    "form.busy": TOO_MANY, "form.away": AWAY, "form.changed": 409,
}  # fmt: skip
_LATER = {TOO_MANY: "600", AWAY: "60"}
Problem = tuple[str, str]
"""The field that is meant (empty: the form as a whole), and the key of a text that says what to do."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of form: its template, how often it may be sent, and how quickly at the earliest."""

    template: str
    limit: int = 60  # an hour, by bucket
    quickest: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form that came back. `id` is None if it is not one that we gave out."""

    request: Request
    kind: Kind
    purpose: str
    sent: Sent
    id: str | None
    problem: str | None = None  # of the form as a whole
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.sent[name].strip()

    def key(self, *content: object) -> str:
        """Return the idempotency key of what this form says: sent twice it is one message, changed it is another."""
        digest = hashlib.sha256(repr(content).encode()).hexdigest()[:12]
        return f"web-{self.id}-{digest}"

    @property
    def kept(self) -> tuple[Evidence, ...]:
        """Return the files that came with an earlier try, but those that are not wanted any more."""
        if self.id is None:
            return ()
        files = evidence.read_kept(services(self.request), self.id, self.sent[evidence.KEPT])
        return tuple(file for file in files if not self.sent[f"drop-{file.sha256[:12]}"])

    def again(self, *problems: Problem, kept: tuple[Evidence, ...] = (), new: bool = False) -> Response:
        """Return the page with what was typed and what is the matter; `new`: as a form of its own."""
        return show(
            self.request, self.kind, self.purpose, values=self.sent.fields, problems=problems,
            form=None if new else self.id, kept=kept, **self.extra,
        )  # fmt: skip


def show(
    request: Request, kind: Kind, purpose: str, *, values: Mapping[str, str] | None = None,
    problems: tuple[Problem, ...] = (), form: str | None = None, kept: tuple[Evidence, ...] = (), **extra: Any,
) -> Response:  # fmt: skip
    """Return the page of a form with a fresh ticket, and see that the browser has its cookie."""
    here, text = services(request), texts_of(request)
    issued = tickets.issue(request, purpose, form=form)
    said = [(name, text(key)) for name, key in problems]
    status = next((_STATUS.get(key, UNPROCESSABLE) for _, key in problems), 200)
    keeping = evidence.write_kept(here, issued.form, kept) if kept else ""
    response = page(
        request, kind.template, status=status, values=values or {}, errors=dict(reversed(said)), problems=said,
        ticket=issued.token, kept=kept, keeping=keeping, evidence_limits=evidence.LIMITS, **extra,
    )  # fmt: skip
    if status in _LATER:
        response.headers["retry-after"] = _LATER[status]
    tickets.remember(request, response, issued.browser)
    return response


def fault(error: TuntasError) -> str:
    """Return the text that says why a form could not be taken further."""
    if isinstance(error, Unreachable):
        return "form.away"
    return "form.changed" if isinstance(error, Refused) else "form.unusable"


async def receive(
    request: Request, kind: Kind, purpose: str, *, bucket: str | None = None, **extra: Any
) -> Form:  # fmt: skip
    """Read a form and check whatever is the same for all; `problem` says what was found."""
    sent = await read_form(request)
    ticket, fault = tickets.read(request, sent[tickets.FIELD], purpose)
    here = services(request)

    def slowly() -> bool:
        return ticket is not None and here.now() - ticket.issued_at >= kind.quickest

    checks: tuple[tuple[bool, str, Callable[[], bool]], ...] = (
        (sent.cut is not None, f"form.{sent.cut}", bool),
        (fault is not None, f"form.{fault}", bool),
        (bool(sent[HONEYPOT]), "form.honeypot", bool),
        (True, "form.quick", slowly),
    )
    problem = next((key for applies, key, fine in checks if applies and not fine()), None)
    who = here.signer.tag(bucket or network_of(request))  # an address is not kept as it is
    if problem is None and not await here.limiter.admits(hourly(f"form:{kind.template}:{who}", kind.limit)):
        problem = "form.busy"
    return Form(
        request=request, kind=kind, purpose=purpose, sent=sent, id=ticket.id if ticket else None, problem=problem,
        extra=extra,
    )  # fmt: skip
