"""What a visitor sees when a page cannot be shown: always a page of ours, in their language, with a way on."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from complaints.errors import NotFound, Refused, Unreachable
from web.public.rendering import page

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class LinkProblem(Exception):
    """A link that opens nothing. Why, nobody is told: neither a stranger nor the program that guesses."""


class Guarded(APIRoute):
    """A route whose failures are pages."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "include_in_schema": False, "response_model": None})

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except (LinkProblem, NotFound):
                return page(request, "link_problem.html.j2", status=404)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody reads it
            except (Unreachable, Refused):
                away = page(request, "away.html.j2", status=503)
                away.headers["retry-after"] = "60"
                return away

        return shown
