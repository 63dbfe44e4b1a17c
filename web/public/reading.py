"""Reading a form that was sent: bounded in size, number and time, and kept as far as it came.

Starlette's own `request.form()` gives all or nothing. Here what was typed survives a body that is too large, because
the fields of our forms come before their files.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from complaints.messages.intake import MAX_EVIDENCE
from web.body_limit import TOO_LARGE

MOST_FIELDS = 80
LARGEST_FIELD = 256 * 1024  # bytes; a text may have 20,000 characters
LONGEST = 300.0  # seconds for a whole form: pictures over a slow line
IDLE = 30.0  # seconds without a byte


class Cut(StrEnum):
    """Why a form did not come whole."""

    LARGE = "large"
    MANY = "many"
    SLOW = "slow"
    BROKEN = "broken"


@dataclass(frozen=True)
class Sent:
    """What was sent. `cut`: it is not all of it, and no files are kept."""

    fields: dict[str, str] = field(default_factory=dict)
    files: tuple[tuple[str, bytes], ...] = ()
    cut: Cut | None = None

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


async def read_form(request: Request) -> Sent:
    """Return what was sent; it raises nothing but `ClientDisconnect`."""
    stream = _paced(request)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _multipart(request, stream)
    parser = FormParser(request.headers, stream, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)
    found: dict[str, str] = {}
    cut = None
    try:
        async with asyncio.timeout(LONGEST):
            found = {name: value for name, value in (await parser.parse()).multi_items() if isinstance(value, str)}
    except (HTTPException, MultiPartException, TimeoutError) as error:
        cut = _cut(error)
    return Sent(fields=found, cut=cut)


async def _multipart(request: Request, stream: AsyncGenerator[bytes, None]) -> Sent:
    parser = MultiPartParser(
        request.headers, stream, max_files=MAX_EVIDENCE, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD
    )
    cut = None
    try:
        async with asyncio.timeout(LONGEST):
            await parser.parse()
    except (HTTPException, MultiPartException, TimeoutError) as error:
        cut = _cut(error)
    fields = {name: value for name, value in parser.items if isinstance(value, str)}
    uploads = [value for _, value in parser.items if isinstance(value, UploadFile)] if cut is None else []
    files = [(upload.filename or "", await upload.read()) for upload in uploads]
    for upload in uploads:
        await upload.close()
    return Sent(fields=fields, files=tuple((name, content) for name, content in files if name or content), cut=cut)


async def _paced(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, chunk by chunk; whoever sends nothing for a while is not waited for."""
    chunks = request.stream()
    while True:
        async with asyncio.timeout(IDLE):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        yield chunk


def _cut(error: Exception) -> Cut:
    if isinstance(error, TimeoutError):
        return Cut.SLOW
    if isinstance(error, HTTPException):
        return Cut.LARGE if error.status_code == TOO_LARGE else Cut.BROKEN
    return Cut.MANY if "Too many files" in str(getattr(error, "message", error)) else Cut.BROKEN
