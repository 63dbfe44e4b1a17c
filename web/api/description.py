"""What is said of each operation: its answers and errors, with an example of each from `examples.yaml`."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from web.api.problems import KINDS, MEDIA_TYPE, Kind

Document = dict[str, Any]
_EXAMPLES = Path(__file__).parent / "examples.yaml"
BINARY: Document = {"type": "string", "format": "binary"}
_ALWAYS = ("unauthorised", "forbidden", "too-many-requests", "defect", "unavailable")
_BODY = ("not-json", "too-slow", "too-large", "unsupported-media-type", "bad-input")


class Operation(NamedTuple):
    """`answers`: what each status of success means; `errors`: the names of the further ones that it may be answered."""

    summary: str
    answers: Mapping[int, str]
    errors: tuple[str, ...] = ()
    body: str = ""  # its component


OPERATIONS: Mapping[str, Operation] = {
    "send_file": Operation("Send a file", {201: "Kept. Name it in a complaint or a message."}, (*_BODY,)),
    "file": Operation(
        "File a complaint",
        {201: "The case is opened; nothing can lose it any more. `Location` is its address; to keys that may read, "
              "`Link` (`related`) says where its possible duplicates are.",
         200: "It was opened before, under the same key."},
        (*_BODY, "refused"), "Complaint",
    ),
    "list": Operation("List complaints", {200: "A page, what is due first."}, ("bad-input",)),
    "status": Operation("See how a case stands", {200: "As it stands now."}, ("not-found", "bad-input", "refused")),
    "timeline": Operation("See what happened", {200: "A page of entries."}, ("not-found", "bad-input", "refused")),
    "clocks": Operation("See what is due when, and why", {200: "One for each clock."},
                        ("not-found", "bad-input", "refused")),
    "duplicates": Operation("See what may be the same matter", {200: "The likeliest first; a hint for people."},
                            ("not-found", "bad-input")),
    "closure": Operation("See the closure record", {200: "The last one."}, ("not-found", "bad-input", "refused")),
    "similar": Operation("See closed cases that are like it", {200: "Of its category first, the most alike first."},
                         ("not-found", "bad-input")),
    "search": Operation("Search closure records", {200: "A page, the last closed first."}, ("bad-input",)),
    "list_files": Operation("List the files of a case", {200: "The oldest first."}, ("not-found", "bad-input")),
    "get_file": Operation("Get a file of a case", {200: "The file as it was taken."}, ("not-found", "bad-input")),
    "message": Operation(
        "Add a message or evidence", {202: "Kept: it reaches the case."}, (*_BODY, "not-found", "refused"), "Message"
    ),
    "answer": Operation(
        "Confirm or dispute", {202: "Kept: it reaches the case."}, (*_BODY, "not-found", "refused"), "Answer"
    ),
    "survey": Operation(
        "Answer the survey", {202: "Kept: it reaches the case."}, (*_BODY, "not-found", "refused"), "Survey"
    ),
    "withdraw": Operation(
        "Withdraw", {202: "Kept: it reaches the case."}, (*_BODY, "not-found", "refused"), "Withdrawal"
    ),
    "fact": Operation(
        "Report a fact", {202: "Kept: it reaches the case."}, (*_BODY, "not-found", "refused"), "Fact"
    ),
    "act": Operation(
        "Act as an agent",
        {200: "Carried out.", 202: "No worker answered in time: it is kept, and will be done (`queued`)."},
        (*_BODY, "not-found", "refused"), "Command",
    ),
}  # fmt: skip


def of(name: str) -> dict[str, Any]:
    """Return the arguments of a route's decorator."""
    operation = OPERATIONS[name]
    answers: dict[int, Document] = {
        status: {"description": meaning} for status, meaning in operation.answers.items()
    }  # fmt: skip
    if name == "closure":
        answers[200]["content"] = {"text/html": {"schema": {"type": "string"}}, "application/pdf": {"schema": BINARY}}
    if name == "get_file":
        answers[200]["content"] = {"*/*": {"schema": BINARY}}
    return {"operation_id": name, "summary": operation.summary, "responses": answers | _errors(operation)}


def body_of(name: str) -> Document:
    """Return what OpenAPI says of an operation's body."""
    content = {
        "schema": {"$ref": f"#/components/schemas/{OPERATIONS[name].body}"},
        "examples": {label: {"value": value} for label, value in examples()[name]["bodies"].items()},
    }
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


FILE_BODY: Document = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": BINARY}, "required": ["file"]},
            },
            "application/octet-stream": {"schema": BINARY},
        },
    }
}


@cache
def examples() -> Document:
    found: Document = yaml.safe_load(_EXAMPLES.read_text(encoding="utf-8"))
    return found


def kinds() -> dict[str, Kind]:
    """Every kind of error by its name."""
    return {kind.name: kind for kind in KINDS.values()}


def problem_response(*found: Kind) -> Document:
    """Return what OpenAPI says of errors that share a status."""
    shown = {
        kind.name: {"value": {
            "type": f"/api/v1/#{kind.name}", "title": kind.status.phrase, "status": int(kind.status),
            **examples()["problems"][kind.name],
        }}
        for kind in found
    }  # fmt: skip
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": shown}
    response: Document = {
        "description": " ".join(kind.meaning for kind in found), "content": {MEDIA_TYPE: content}
    }  # fmt: skip
    headers = _HEADERS.get(found[0].status)
    return response | ({"headers": headers} if headers else {})


_RETRY_AFTER = {"Retry-After": {"description": "Seconds until it is worth trying again.",
                                "required": True, "schema": {"type": "integer", "minimum": 1}}}  # fmt: skip
_HEADERS: Mapping[HTTPStatus, Document] = {
    HTTPStatus.UNAUTHORIZED: {
        "WWW-Authenticate": {"description": "`Bearer`", "required": True, "schema": {"type": "string"}}
    },
    HTTPStatus.TOO_MANY_REQUESTS: _RETRY_AFTER,
    HTTPStatus.SERVICE_UNAVAILABLE: _RETRY_AFTER,
}


def _errors(operation: Operation) -> dict[int, Document]:
    named = kinds()
    by_status: dict[int, list[Kind]] = {}
    for name in (*_ALWAYS, *operation.errors):
        by_status.setdefault(int(named[name].status), []).append(named[name])
    return {status: problem_response(*found) for status, found in sorted(by_status.items())}
