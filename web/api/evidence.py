"""Files: sent before the message that names them, checked, kept once; and seen again through their case only."""

import asyncio
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response, status
from starlette.datastructures import UploadFile

from channels import files
from complaints.errors import BadInput, NotFound
from complaints.messages.intake import Evidence
from database import api_calls, attachments
from database.api_keys import Scope
from database.pool import transaction
from database.sql import Connection
from starter import rpc
from web.api.answers import FileOfCase, Files
from web.api.bodies import read_bytes
from web.api.description import FILE_BODY, of
from web.api.keys import Caller, Needs
from web.api.seeing import Reference, may_see, not_found, note, reference_of, seen
from web.limits import Bucket
from web.services import Services, serving

router = APIRouter(tags=["files"])
Here = Annotated[Services, Depends(serving)]
LARGEST = files.LARGEST
_SENDS_FILES = (Scope.FILE, Scope.MESSAGE, Scope.ACT, Scope.LEAD)
_AROUND = 64 * 1024  # bytes of a multipart body beside its file
MEGABYTES = {"per_minute": 120.0, "burst": 200.0}
"""How many megabytes of files a key may send."""


@router.post("/files", status_code=status.HTTP_201_CREATED, **of("send_file"), openapi_extra=FILE_BODY)
async def send_file(
    request: Request, here: Here, caller: Annotated[Caller, Depends(Needs(*_SENDS_FILES))],
    name: Annotated[str, Query(max_length=255, description="What a file sent as the bare body is called.")] = "file",
) -> Evidence:  # fmt: skip
    """Send a file before the message that names it: as `multipart/form-data` (field `file`), or as the bare body."""
    given, content = await _file_of(request, name)
    await here.limiter.allow(Bucket(name=f"files:{caller.key_id}", **MEGABYTES), cost=len(content) / 1024 / 1024)
    checked = await asyncio.to_thread(files.checked_file, given, content, field="file")
    at = here.now()
    async with rpc.postgres(), transaction(here.pool) as conn:
        await attachments.store(conn, checked.evidence, checked.content, at)
        await api_calls.add_upload(conn, caller.key_id, checked.evidence, at)
    return checked.evidence


@router.get("/complaints/{reference}/files", **of("list_files"))
async def list_files(reference: Reference, here: Here, caller: Annotated[Caller, Depends(Needs(Scope.READ))]) -> Files:
    """List the files of a case, the oldest first."""
    found = await seen(here, caller, reference, "files")
    async with rpc.postgres(), transaction(here.pool) as conn:
        rows = await attachments.of_case(conn, found)
    return Files(items=tuple(FileOfCase(**row.model_dump(exclude={"reference"})) for row in rows))


@router.get("/complaints/{reference}/files/{sha256}", response_class=Response, **of("get_file"))
async def get_file(
    reference: Reference, sha256: str, here: Here, caller: Annotated[Caller, Depends(Needs(Scope.READ))]
) -> Response:
    """Return a file of a case, to be saved and not shown."""
    wanted = reference_of(reference)
    async with rpc.postgres(), transaction(here.pool) as conn:
        visible = await may_see(conn, caller, wanted)
        found = await attachments.fetch(conn, wanted, sha256.replace("\x00", "")) if visible else None
        await note(conn, here, caller, "evidence", reference=wanted, result="ok" if found else "not_found")
    if found is None:
        raise not_found() if not visible else NotFound("no such file", field="sha256", remedy="")
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "private, no-store",
    }
    return Response(found.content, media_type=found.media_type, headers=headers)


async def sent_by(
    conn: Connection, caller: Caller, evidence: Sequence[Evidence], *, field: str = "evidence"
) -> tuple[Evidence, ...]:
    """Return files as they were sent by this caller. Raises `BadInput` for others: a guessed digest opens nothing."""
    if not evidence:
        return ()
    known = await api_calls.uploads(conn, caller.key_id, [one.sha256 for one in evidence])
    for number, one in enumerate(evidence):
        if one.sha256 not in known:
            raise BadInput(
                "a file that was not sent", field=f"{field}.{number}.sha256", remedy="send it first, to /files"
            )
    return tuple(known[one.sha256] for one in evidence)


async def _file_of(request: Request, name: str) -> tuple[str, bytes]:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return name, await read_bytes(request, LARGEST)
    claimed = request.headers.get("content-length", "")
    if claimed.isdecimal() and int(claimed) > LARGEST + _AROUND:
        await read_bytes(request, LARGEST)  # says what is wrong
    async with request.form(max_files=1, max_fields=4) as form:
        given = form.get("file")
        if not isinstance(given, UploadFile):
            raise BadInput("is missing", field="file", remedy="send the file as the field `file`")
        return given.filename or name, await given.read(LARGEST + 1)
