"""From an error to an answer: RFC 9457 problem details, in one place for every error of the interface.

`type` leads to the paragraph about it on the interface's own page. What is wrong stands in `field`, `problem` and
`remedy`, as everywhere in Tuntas; nobody's words are in any of them.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from complaints import errors as ours
from complaints.errors import TuntasError
from complaints.model import Frozen
from web.api import errors
from web.limits import TooMany

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5  # seconds until a service that was away is asked again
LONGEST_FIELD = 120


class Kind(NamedTuple):
    """`says`, where it is given, stands in place of what the error says: that would tell of the machinery behind us."""

    name: str
    status: HTTPStatus
    meaning: str
    says: tuple[str, str, str] | None = None


_REPEAT = "repeat the same request, with the same Idempotency-Key, after Retry-After: nothing is done twice"
KINDS: Mapping[type[Exception], Kind] = {
    errors.NotJson: Kind("not-json", HTTPStatus.BAD_REQUEST, "The body is not one JSON document in UTF-8."),
    errors.Unauthorised: Kind(
        "unauthorised", HTTPStatus.UNAUTHORIZED,
        "There is no valid key. A missing, unknown, expired and revoked key are answered alike.",
    ),
    errors.Forbidden: Kind("forbidden", HTTPStatus.FORBIDDEN, "The key is valid, but not for this operation."),
    ours.NotFound: Kind(
        "not-found", HTTPStatus.NOT_FOUND,
        "There is no such case or file, or it is not one that this key may see. The two are answered alike.",
        ("reference", "there is no such case or file", "compare the reference letter by letter"),
    ),
    errors.NoSuchPage: Kind("no-such-address", HTTPStatus.NOT_FOUND, "There is nothing at this address."),
    errors.WrongMethod: Kind(
        "method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "The address does not take this method; Allow names those."
    ),
    errors.TooSlow: Kind("too-slow", HTTPStatus.REQUEST_TIMEOUT, "The body came too slowly."),
    ours.Refused: Kind(
        "refused", HTTPStatus.CONFLICT,
        "The case does not allow this now, or the Idempotency-Key came before with something else.",
    ),
    errors.TooLarge: Kind("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than is taken."),
    errors.WrongType: Kind(
        "unsupported-media-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is of a type that is not taken here."
    ),
    ours.BadInput: Kind(
        "bad-input", HTTPStatus.UNPROCESSABLE_ENTITY, "A field of the body, a parameter or a header cannot be used."
    ),
    TooMany: Kind("too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "More than is taken from one sender."),
    TuntasError: Kind(
        "defect", HTTPStatus.INTERNAL_SERVER_ERROR, "A defect of ours. It is in our log.",
        ("", "a defect of ours", _REPEAT),
    ),
    ours.Unreachable: Kind(
        "unavailable", HTTPStatus.SERVICE_UNAVAILABLE,
        "Something that we stand on does not answer. Nothing is lost, and nothing was accepted that we cannot keep.",
        ("", "the service cannot take this at the moment", _REPEAT),
    ),
}  # fmt: skip
"""The errors tree and what each is answered with; an error that is not named is answered as the next one up is."""


class Problem(Frozen):
    """An error, as RFC 9457 has it, with our `field`, `problem` and `remedy`."""

    type: str
    title: str
    status: int
    field: str
    problem: str
    remedy: str


def kind_of(error: Exception) -> Kind:
    return next((KINDS[one] for one in type(error).__mro__ if one in KINDS), KINDS[TuntasError])


def problem_of(error: Exception, base_url: str) -> Problem:
    """Say what went wrong. Of what is no error of ours only that it happened is told."""
    kind = kind_of(error)
    field, problem, remedy = "", "", ""
    if isinstance(error, TuntasError):
        field, problem, remedy = error.field, error.problem, error.remedy
    if kind.says is not None:
        field, problem, remedy = kind.says
    if "`tuntas" in remedy and not isinstance(error, errors.Unauthorised):
        remedy = "see the description of this operation"  # the command is not what a service works with
    return Problem(
        type=f"{base_url}/api/v1/#{kind.name}",
        title=kind.status.phrase,
        status=kind.status,
        field=field[:LONGEST_FIELD],
        problem=problem,
        remedy=remedy,
    )


def headers_of(error: Exception) -> dict[str, str]:
    kind = kind_of(error)
    if isinstance(error, TooMany):
        return {"retry-after": str(error.retry_after)}
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry-after": str(RETRY_AFTER)}
    if kind.status == HTTPStatus.UNAUTHORIZED:
        return {"www-authenticate": 'Bearer realm="tuntas"'}
    return {}


class Problems:
    """The handlers of an application's errors; `routes` are those that it answers at."""

    def __init__(self, app: FastAPI, routes: Sequence[BaseRoute], base_url: str) -> None:
        self._routes = routes
        self._base_url = base_url
        app.add_exception_handler(TuntasError, self._ours)
        app.add_exception_handler(RequestValidationError, self._parameter)
        app.add_exception_handler(HTTPException, self._of_the_framework)
        app.add_middleware(_Defects, answer=self.answer)

    def answer(self, error: Exception, headers: Mapping[str, str] | None = None) -> JSONResponse:
        problem = problem_of(error, self._base_url)
        return JSONResponse(
            problem.model_dump(),
            problem.status,
            headers={**headers_of(error), **(headers or {})},
            media_type=MEDIA_TYPE,
        )

    async def _ours(self, _request: Request, error: Exception) -> JSONResponse:
        return self.answer(error)

    async def _parameter(self, _request: Request, error: Exception) -> JSONResponse:
        """A parameter or a header; the value itself is left out."""
        assert isinstance(error, RequestValidationError)  # noqa: S101 (what it is registered for)
        return self.answer(_bad_parameter(error))

    async def _of_the_framework(self, request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 (what it is registered for)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(sorted(_methods(self._routes, request.scope)))
            wrong = errors.WrongMethod("not a method of this address", field="method", remedy=f"use {allowed}")
            return self.answer(wrong, {"allow": allowed})
        return self.answer(_meaning(error))


_FRAMEWORK: Mapping[int, tuple[type[TuntasError], str, str]] = {
    HTTPStatus.BAD_REQUEST: (errors.NotJson, "the body cannot be read", "send it as the description says"),
    HTTPStatus.NOT_FOUND: (errors.NoSuchPage, "there is nothing at this address", "see the description"),
    HTTPStatus.REQUEST_TIMEOUT: (errors.TooSlow, "the body came too slowly", "send it at once"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (errors.TooLarge, "the body is too large", "send less"),
}


def _meaning(error: HTTPException) -> TuntasError:
    kind, problem, remedy = _FRAMEWORK.get(error.status_code, (TuntasError, "", ""))
    return kind(problem, field="address" if kind is errors.NoSuchPage else "body", remedy=remedy)


def _bad_parameter(error: RequestValidationError) -> ours.BadInput:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:])
    if first["type"] == "missing":
        return ours.BadInput("is missing", field=field, remedy="give it")
    return ours.BadInput("cannot be used", field=field, remedy="give it as the description says")


def _methods(routes: Sequence[BaseRoute], scope: Scope) -> set[str]:
    """All methods that an address takes, whichever route takes them."""
    found: set[str] = set()
    for route in routes:
        match, _ = route.matches(dict(scope))
        if match is not Match.NONE:
            found |= set(getattr(route, "methods", None) or ())
    return found


class _Defects:
    """Whatever else happens is answered too, and logged: by its kind and place, its text may quote a complainant."""

    def __init__(self, app: ASGIApp, *, answer: Any) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            log.exception("a defect in the interface")
            if begun:
                raise
            await self._answer(error)(scope, receive, send)
