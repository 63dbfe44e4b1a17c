"""Files that come with a form: checked, kept in PostgreSQL, and kept for the next try when the form has a mistake."""

import asyncio

from itsdangerous import BadData
from pydantic import ValidationError

from channels import files
from channels.files import CheckedFile, checked_file
from complaints.errors import BadInput
from complaints.messages.intake import MAX_EVIDENCE, Evidence
from complaints.messages.view import CaseView
from complaints.vocabulary import Kind, Role
from database import attachments
from database.attachments import Attachment
from database.pool import transaction
from starter import rpc
from web.body_limit import LARGEST
from web.services import Services

FIELD, KEPT = "evidence", "kept"
MEGABYTE = 1024 * 1024
LIMITS = {"number": MAX_EVIDENCE, "each": files.LARGEST // MEGABYTE, "all": LARGEST // MEGABYTE}
_SALT = "tuntas.kept"
_LONGEST = 20_000


class Refusal(Exception):
    """A file that is not taken; `key` names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


async def take(
    here: Services, sent: tuple[tuple[str, bytes], ...], earlier: tuple[Evidence, ...]
) -> tuple[Evidence, ...]:  # fmt: skip
    """Check and keep files; those of an earlier try come first. Raises `Refusal`, or `Unreachable`."""
    checked = [await asyncio.to_thread(_checked, name, content) for name, content in sent]
    found = {evidence.sha256: evidence for evidence in (*earlier, *(file.evidence for file in checked))}
    if len(found) > MAX_EVIDENCE:
        raise Refusal("file.many")
    await here.tuntas.keep(checked)
    return tuple(found.values())


def _checked(name: str, content: bytes) -> CheckedFile:
    if not content:
        raise Refusal("file.empty")
    if len(content) > files.LARGEST:
        raise Refusal("file.large")
    try:
        return checked_file(name, content)
    except BadInput:
        raise Refusal("file.kind") from None


async def of_complainant(here: Services, reference: str, view: CaseView) -> tuple[Attachment, ...]:
    """Return what the complainant sent: not what agents attached for themselves."""
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await attachments.of_case(conn, reference)
    added = [(e.actor.role, e.detail.get("sha256")) for e in view.timeline if e.kind is Kind.ATTACHED]
    theirs = {digest for role, digest in added if role is Role.COMPLAINANT}
    return tuple(file for file in found if file.sha256 in theirs)


def write_kept(here: Services, form: str, evidence: tuple[Evidence, ...]) -> str:
    """Return a signed list of files that one form has brought already."""
    return str(here.signer.serializer(_SALT).dumps([form, [one.model_dump() for one in evidence]]))


def read_kept(here: Services, form: str, token: str) -> tuple[Evidence, ...]:
    """Return the files that this form has brought before; none if the list is not ours or another form's."""
    try:
        whose, found = here.signer.serializer(_SALT).loads(token[:_LONGEST])
        return tuple(Evidence.model_validate(one) for one in found) if whose == form else ()
    except (BadData, ValidationError, ValueError, TypeError):
        return ()
