"""The closure records under `docs/examples/closures`: `python -m tests.closure_examples` makes them anew.

Each comes from the scenario beside it, played by the case itself; nothing in it depends on the day it was made on.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import policies
import simulation
from complaints.vocabulary import Kind, Language
from documents import as_pdf
from web import closures

FOLDER = Path(__file__).parents[1] / "docs" / "examples" / "closures"
EXAMPLES = {"simple": ("id", "en"), "disputed": ("id",), "reopened": ("id",)}


def pages(name: str) -> Iterator[tuple[str, str]]:
    """Names of files and what is in them: the last record of a scenario as JSON, and as a page in its languages.

    Raises `ValueError` if the scenario does not play as it is written.
    """
    scenario = simulation.load(str(FOLDER / f"{name}.yaml"))
    case = simulation.simulate(scenario).case
    if refused := [entry.detail for entry in case.state.timeline if entry.kind is Kind.REFUSED]:
        raise ValueError(f"{name}: refused {refused}")
    if not case.state.closures:
        raise ValueError(f"{name}: {case.state.status}, not closed")
    record = case.state.closures[-1].model_dump(mode="json")
    yield f"{name}.json", json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    policy = policies.load(scenario.policy)
    for language in EXAMPLES[name]:
        made = closures.of_case(record, case.state.timeline, Language(language), policy)
        yield f"{name}.{language}.html", made.html + "\n"


def main() -> int:
    for name in EXAMPLES:
        for file, content in pages(name):
            (FOLDER / file).write_text(content, encoding="utf-8")
            if file.endswith(".html"):
                (FOLDER / file).with_suffix(".pdf").write_bytes(as_pdf(content))
            sys.stdout.write(f"{FOLDER.name}/{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
