"""Forms that only our own pages can send: a token of the session in each, and the page's origin checked."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from web.auth import forms
from web.auth.current import current_user
from web.auth.user import User

_SAFE = ("GET", "HEAD", "OPTIONS")


async def checked(request: Request, user: Annotated[User, Depends(current_user)]) -> User:
    """Depend on this where something is changed: the user, and a form that our own page has sent. Else 403."""
    if request.method not in _SAFE and not await forms.is_ours(request):
        raise HTTPException(HTTPStatus.FORBIDDEN, "this form does not come from a page of your session")
    return user
