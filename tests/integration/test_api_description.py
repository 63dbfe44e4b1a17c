"""The description: complete, with examples of the form it promises; and schemathesis finds nothing."""

import asyncio
import os
import re
import socket
import sys
from pathlib import Path

import jsonschema
import pytest
import uvicorn
from jsonschema import Draft202012Validator

from database.api_keys import Scope
from tests.fixtures.web import BASE, Api
from web.api.description import OPERATIONS, kinds

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "6"))  # for each operation
PHASES = os.environ.get("SCHEMATHESIS_PHASES", "examples,fuzzing")  # the long run: examples,coverage,fuzzing,stateful


@pytest.fixture(scope="module")
async def described(api_services):
    async with Api(api_services, None) as stranger:
        return (await stranger.get("/openapi.json")).json()


def contents(described):
    """Every content that the document holds, with where it is."""
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            for kind, content in said.get("requestBody", {}).get("content", {}).items():
                yield f"{method} {path} body", kind, content
            for status, answer in said["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    yield f"{method} {path} {status}", kind, content


async def test_every_operation_has_examples_of_the_form_it_promises(described):
    seen = 0
    for where, kind, content in contents(described):
        assert "schema" in content, where
        if kind not in ("application/json", "application/problem+json"):
            continue
        values = [one["value"] for one in content.get("examples", {}).values()] or [content["example"]]
        schema = {**content["schema"], "components": described["components"]}
        for value in values:
            jsonschema.validate(value, schema, cls=Draft202012Validator)
            seen += 1
    assert seen > 100


async def test_every_operation_says_what_it_may_answer(described):
    operations = [said for methods in described["paths"].values() for said in methods.values()]
    assert {said["operationId"] for said in operations} == OPERATIONS.keys()
    for said in operations:
        assert {"401", "403", "429", "500", "503"} <= said["responses"].keys()
        assert said["security"] == [{"key": []}]
        assert said["summary"]
        assert said["description"]


async def test_the_page_says_the_same_and_loads_nothing_from_elsewhere(api, described):
    page = await api.stranger().get("/")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "http://" not in page.text.replace("&#34;", '"').split("<main>")[0]
    for name in kinds():
        assert f'<dt id="{name}">' in page.text
    for path in described["paths"]:
        assert path in page.text
    refused = await api.stranger().get("/complaints")
    assert refused.json()["type"] == f"{BASE}/api/v1/#unauthorised"


@pytest.fixture
async def served(api):
    """The application on a socket: schemathesis is a client like any other."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api.app, log_config=None, access_log=False, server_header=False))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1"
    server.should_exit = True
    await running


async def test_the_pages_conversation_is_one(api, served, tmp_path):
    """Every block of docs/api.md, as it stands, in one shell."""
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    script = "set -eu\n" + "\n".join(re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    environment = os.environ | {"URL": served.removesuffix("/api/v1"), "TOKEN": api.token}
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", script, cwd=tmp_path, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert said.decode().count('"accepted":true') == 3
    assert "note.txt" in said.decode()


async def test_the_page_names_every_operation_scope_and_error(described):
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for path, methods in described["paths"].items():
        for method in methods:
            assert f"| `{method.upper()} {path}` |" in page
    for kind in kinds().values():
        assert f"| {int(kind.status)} | `{kind.name}` |" in page
    for scope in Scope:
        assert f"| `{scope}` |" in page


async def test_schemathesis_finds_nothing(api, served, tmp_path):
    """Every check but one: what a schema allows may be refused with a reason (a category that no policy has)."""
    for _ in range(2):
        await api.file(text="For schemathesis.")
    arguments = [
        "run", f"{served}/openapi.json", "--url", served, "--header", f"Authorization: Bearer {api.token}",
        "--checks", "all", "--exclude-checks", "positive_data_acceptance", "--max-examples", str(EXAMPLES),
        "--phases", PHASES, "--seed", "20261123", "--workers", "2", "--request-timeout", "30",
        "--suppress-health-check", "all", "--generation-database", "none", "--no-color", "--continue-on-failure",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", *arguments, cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    print(said.decode())
    assert process.returncode == 0
    assert f"{len(OPERATIONS)} passed" in said.decode() or "No issues found" in said.decode()
