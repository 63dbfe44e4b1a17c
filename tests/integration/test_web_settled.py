"""The web process as it is when it begins to serve: everything is loaded, and nothing of it is collected again."""

import json
import os
import subprocess
import sys

import pytest

# The composition root as it is, with a server that says how it stands instead of serving. No service is reached.
BEGINNING = """
import gc, json
import uvicorn
from jinja2 import Environment

async def serve(server, sockets=None):
    from web import catalogue
    from web.desk import rendering as desk
    from web.public import rendering as public
    read = catalogue.words.cache_info().misses
    for part in catalogue.parts():
        for language in catalogue.languages(part):
            catalogue.words(language, part)
    print(json.dumps({
        "kept": gc.get_freeze_count(), "looked_at": len(gc.get_objects()), "young": gc.get_threshold()[0],
        "templates": [len(one.cache) - len(one.list_templates()) for one in (desk.environment, public.environment())],
        "read_again": catalogue.words.cache_info().misses - read,
    }))

uvicorn.Server.serve = serve
from commands.main import main
main()
"""


@pytest.fixture(scope="module")
def beginning():
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TUNTAS_", "TEMPORAL_"))}
    environment |= {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "TEMPORAL_CONFIG_FILE": os.devnull, "TUNTAS_SECRET": "of a test, and long enough",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING, "web"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_full_collection_stops_no_page_for_what_was_loaded_before_the_first(beginning):
    assert beginning["kept"] > 100_000
    assert beginning["looked_at"] < 5_000
    assert beginning["young"] > 700  # Python's own figure: it looked at the objects of a page while it was made


def test_the_first_page_reads_no_file(beginning):
    assert beginning["templates"] == [0, 0]
    assert beginning["read_again"] == 0
