"""The OpenAPI document: FastAPI's, with the bodies and problems that are described by our own values."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from complaints.messages.commands import AgentCommand
from complaints.messages.intake import Intake
from complaints.messages.signals import (
    ComplainantReplied,
    ComplainantWithdrew,
    FactReported,
    SatisfactionConfirmed,
    SurveyAnswered,
)
from web.api.description import Document, examples
from web.api.problems import Problem

_REF = "#/components/schemas/"
_MESSAGE = ("message_id", "version", "via")
BODIES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "Complaint": (Intake, ("key",)),
    "Message": (ComplainantReplied, _MESSAGE),
    "Answer": (SatisfactionConfirmed, _MESSAGE),
    "Survey": (SurveyAnswered, _MESSAGE),
    "Withdrawal": (ComplainantWithdrew, _MESSAGE),
    "Fact": (FactReported, (*_MESSAGE, "source")),
    "Command": (AgentCommand, ("key",)),
}
"""The bodies, and what of each does not come from the body."""
INTRODUCTION = """
Complaints for backend services and the mobile app. Every request but those for this description carries
`Authorization: Bearer` with a key of the service; every POST that changes something carries an `Idempotency-Key` of
yours, so that it may be repeated after any failure and is done once. An answer of 201 or 202 means that the case is
kept by Temporal. Every error is a problem document (RFC 9457) with `field`, `problem` and `remedy`.
""".strip()


def document(app: FastAPI, version: str) -> Document:
    """Return the whole document."""
    made = get_openapi(
        title="Tuntas", version=version, openapi_version="3.1.0", routes=app.routes, description=INTRODUCTION,
        servers=[{"url": "/api/v1"}],
    )  # fmt: skip
    schemas: Document = made["components"]["schemas"]
    schemas["Problem"] = TypeAdapter(Problem).json_schema()
    for name, (model, hidden) in BODIES.items():
        _add(schemas, name, _schema(model, hidden))
    for methods in made["paths"].values():
        for operation in methods.values():
            _say_what_is_answered(operation["responses"], examples().get(operation["operationId"], {}))
    return made


def _say_what_is_answered(responses: Document, example: Document) -> None:
    """All statuses of success answer the same value; FastAPI says so of the first one, and leaves nulls out."""
    if "answer" not in example:
        return
    successes = [response for status, response in responses.items() if status < "3"]
    schema = next(one["content"]["application/json"]["schema"] for one in successes if "content" in one)
    for response in successes:
        others = {kind: said for kind, said in response.get("content", {}).items() if kind != "application/json"}
        response["content"] = {"application/json": {"schema": schema, "example": example["answer"]}} | others


def _schema(model: Any, hidden: tuple[str, ...]) -> Document:
    found: Document = TypeAdapter(model).json_schema(ref_template=_REF + "{model}")
    commands = [one["$ref"].removeprefix(_REF) for one in found.get("oneOf", ())]
    for schema in (*(found["$defs"][name] for name in commands), *(() if commands else (found,))):
        for name in hidden:
            schema["properties"].pop(name, None)
        schema["required"] = [name for name in schema.get("required", ()) if name not in hidden]
        schema["additionalProperties"] = False
    if "channel" in hidden or model is Intake:
        found["required"].remove("channel")  # `app` where none is given
        found["properties"]["channel"] = {"allOf": [found["properties"]["channel"]], "default": "app"}
    return found


def _add(schemas: Document, name: str, schema: Document) -> None:
    """Add a body with the definitions it refers to; one that is there with another meaning gets another name."""
    definitions = schema.pop("$defs", {})
    taken = {one: f"{one}Given" for one in definitions if one in schemas and schemas[one] != definitions[one]}
    text = json.dumps({name: schema, **{taken.get(one, one): definition for one, definition in definitions.items()}})
    for old, new in taken.items():
        text = text.replace(f'"{_REF}{old}"', f'"{_REF}{new}"')
    schemas.update(json.loads(text))
