"""The page at `/api/v1/`: the same description for people, without a script and without anything from elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web.api.description import Document, kinds


def page(described: Document) -> str:
    """Return the page of an OpenAPI document."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["pretty"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    return environment.get_template("page.html.j2").render(
        title=described["info"]["title"],
        introduction=described["info"]["description"],
        base=described["servers"][0]["url"],
        operations=list(_operations(described)),
        schemas=sorted(described["components"]["schemas"].items()),
        kinds=sorted(kinds().values(), key=lambda kind: (kind.status, kind.name)),
    )


def _operations(described: Document) -> Iterator[dict[str, Any]]:
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            bodies = said.get("requestBody", {}).get("content", {})
            yield {
                "method": method.upper(),
                "path": path,
                "id": said["operationId"],
                "summary": said["summary"],
                "description": said.get("description", ""),
                "parameters": said.get("parameters", []),
                "bodies": [(kind, body["schema"], body.get("examples", {})) for kind, body in bodies.items()],
                "answers": said["responses"],
            }
