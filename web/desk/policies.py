"""Policies shown, compared, and their notices previewed as they are read: with invented facts, by the same texts."""

from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import policies
from complaints.policy import Policy
from complaints.vocabulary import Language, Occasion
from policies import Texts
from policies.annotating import lines
from policies.books import read_book
from policies.comparing import compare, tree
from policies.origins import origins
from policies.showing import summed_up, told
from policies.telling import Row, rows
from web.auth.rights import Action, require
from web.auth.user import User
from web.desk.rendering import page
from web.desk.sample_notices import sample
from web.services import Services, serving

router = APIRouter(prefix="/desk/policies", include_in_schema=False)
Reader = Annotated[User, Depends(require(Action.READ_POLICIES))]
Here = Annotated[Services, Depends(serving)]

Subject = tuple[str, Sequence[Row]]


@router.get("")
async def every(request: Request, here: Here, user: Reader) -> Response:
    """List the policies of the house, and the one that is in force here."""
    names = _names(here)
    found = [_policy(here, name) for name in names]
    return page(request, "policies.html", user, policies=found, names=names, before=found[0], after=here.tuntas.policy)


@router.get("/compare")
async def compared(request: Request, here: Here, user: Reader, before: str = "", after: str = "") -> Response:
    """Say what differs between two policies, by meaning, as `tuntas policy diff` does."""
    names = _names(here)
    one, other = _policy(here, before or names[0]), _policy(here, after or here.tuntas.policy.pack)
    return page(request, "compare.html", user, names=names, before=one, after=other, subjects=_differences(one, other))


@router.get("/{pack}")
async def shown(request: Request, here: Here, user: Reader, pack: str) -> Response:
    """Show a policy as `tuntas policy show` does; one that is no pack of the house without the origins of values."""
    policy = _policy(here, pack)
    chain = policies.layers(pack) if pack in policies.packs() else []
    document = summed_up(told(policy))
    text = "\n".join(lines(document, origins(chain, document) if chain else {}, policy.unconfirmed))
    extends = [layer.name for layer in reversed(chain[:-1])]
    return page(request, "policy.html", user, policy=policy, text=text, extends=extends)


@router.get("/{pack}/texts")
async def texts(
    request: Request, here: Here, user: Reader, pack: str, *, language: Language | None = None,
    occasion: Occasion = Occasion.ACKNOWLEDGEMENT,
) -> Response:  # fmt: skip
    """Show a notice as it is read, in a language of the policy."""
    policy = _policy(here, pack)
    spoken = language if language in policy.languages else policy.languages[0]
    notice = sample(policy, occasion, spoken, here.now())
    said = Texts(policy).render(notice, spoken)
    occasions = [[one for one in Occasion if one.to_complainant is first] for first in (True, False)]
    return page(
        request, "notice_texts.html", user, policy=policy, said=said, spoken=spoken, occasion=occasion,
        occasions=occasions,
    )  # fmt: skip


def _names(here: Services) -> list[str]:
    """Return the packs of the house, and the policy in force where that is another one. Nothing is read by path."""
    return sorted({*policies.packs(), here.tuntas.policy.pack})


def _policy(here: Services, name: str) -> Policy:
    if name == here.tuntas.policy.pack:
        return here.tuntas.policy
    if name not in policies.packs():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _pack(name)


@lru_cache(32)
def _pack(name: str) -> Policy:
    return policies.load(name)


def _differences(before: Policy, after: Policy) -> list[Subject]:
    found = compare(*(tree(policy, read_book(policy.texts)) for policy in (before, after)))
    return [
        (subject, tuple(rows(list(members), whole=False)))
        for subject, members in groupby(found, key=lambda difference: difference.subject)
    ]
