"""What the pages say is what the code does: settings, words, commands, tables, links and examples."""

import json
import re
import shlex
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
import yaml

import policies
import simulation
from commands.main import app, run
from commands.schema import Subject
from commands.up import up
from complaints import messages
from complaints.lifecycle import ENTERED_FROM, TRANSITIONS
from complaints.messages.commands import AgentCommand
from complaints.messages.intake import Intake
from complaints.messages.signals import SIGNALS
from complaints.policy import CalendarSource, Category, ClockRules, Policy
from complaints.vocabulary import (
    ActionKind,
    Cause,
    CauseCategory,
    Channel,
    ClockState,
    ClosingReason,
    FishboneClass,
    Form,
    Lane,
    MetBy,
    Metric,
    OnDue,
    Outcome,
    PromiseAnswer,
    Renewal,
    ReopeningReason,
    Role,
    RootCauseMethod,
    Severity,
    Status,
    Weakness,
)
from policies import packs
from policies.books import PLACES
from settings import Settings
from telemetry.attempts import End
from workflows import attributes, duties
from workflows.meters import EFFECTS

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def fences(text: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text) if kind == language]


def spans(text: str) -> list[str]:
    return SPAN.findall(FENCE.sub("", text))


def rows(text: str) -> list[list[str]]:
    """The cells of every line of every table."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]


def indented(text: str) -> Iterator[str]:
    """Lines of commands, those that go on after a backslash as one, without their comments."""
    joined = re.sub(r"\\\n\s+", "", FENCE.sub("", text))
    for line in joined.splitlines():
        if line.startswith("    "):
            yield re.sub(r"\s+#.*$", "", line.strip())


class TestOperations:
    def test_every_setting_has_its_row_with_its_default(self) -> None:
        found = {cells[0]: cells[1] for cells in rows(page("docs/operations.md"))}
        for name, field in Settings.model_fields.items():
            variable = "`DATABASE_URL`" if name == "database_url" else f"`TUNTAS_{name.upper()}`"
            default = "none" if field.default is None else f"`{field.default}`"
            assert found.get(variable) == default, f"{variable}: {default}"

    def test_what_becomes_of_every_table_after_a_restore_is_said(self) -> None:
        migrations = "\n".join(
            path.read_text(encoding="utf-8") for path in (ROOT / "database/migrations").glob("*.sql")
        )
        tables = re.findall(r"^CREATE (?:UNLOGGED )?TABLE (\w+)", migrations, re.MULTILINE)
        section = page("docs/operations.md").split("\n## Backup and restore\n")[1].split("\n## ")[0]
        said = [name for cells in rows(section) for name in SPAN.findall(cells[0])]
        assert len(tables) > 30
        assert set(said) == set(tables)

    def test_every_exit_code_is_there(self) -> None:
        from commands import failing
        from complaints import errors

        found = {cells[0] for cells in rows(page("docs/operations.md"))}
        tree: list[type[errors.TuntasError]] = [errors.TuntasError, *errors.TuntasError.__subclasses__()]
        assert {str(error.exit_code) for error in tree} | {"0", str(failing.INTERRUPTED)} <= found

    def test_every_queue_activity_and_search_attribute_is_there(self) -> None:
        text = page("docs/operations.md")
        by_queue = {cells[0].strip("`"): cells[1] for cells in rows(text) if len(cells) == 2}
        assert messages.WORKFLOW in by_queue[messages.CASES_QUEUE]
        for activity in duties.ACTIVITIES:
            assert f"`{activity.name}`" in by_queue[activity.queue]
        for key in attributes.KEYS:
            assert f"`{key.name}`" in text

    def test_every_effect_of_time_and_end_of_an_attempt_is_there(self) -> None:
        text = page("docs/operations.md")
        _, table = text.split("### Effects of time")
        assert {cells[0].strip("`") for cells in rows(table.partition("\n## ")[0])} == {"effect", *EFFECTS}
        described = next(cells for cells in rows(text) if cells[0] == "`tuntas_duty_attempts_total`")
        assert all(f"`{end}`" in described[3] for end in End)

    def test_every_option_of_the_local_stack_is_there(self) -> None:
        text = page("docs/operations.md")
        program: Any = typer.main.get_command(app)
        for name in get_options(program.commands["up"]):
            if name.startswith("--") and name not in ("--help", "--json"):
                assert f"`{name}`" in text, name
        assert up.__name__ == "up"


CLOSED = (
    Status, Metric, OnDue, ClockState, MetBy, ClosingReason, Outcome, ReopeningReason, Severity, Channel, Form, Cause,
    Role, Renewal, RootCauseMethod, CauseCategory, ActionKind, PromiseAnswer, FishboneClass, Weakness, Lane,
)  # fmt: skip


class TestGlossary:
    @pytest.mark.parametrize("words", CLOSED, ids=lambda words: words.__name__)
    def test_every_closed_word_is_explained(self, words: type[StrEnum]) -> None:
        found = set(spans(page("docs/glossary.md")))
        assert [word.value for word in words if word.value not in found] == []

    def test_the_indonesian_words_of_statuses_metrics_and_reasons_are_those_of_the_texts(self) -> None:
        words = yaml.safe_load(page("policies/id.default/texts/id/words.yaml"))
        last = {cells[0].strip("`"): cells[-1] for cells in rows(page("docs/glossary.md"))}
        for group in ("status", "closing_reason"):
            assert {name: last[name] for name in words[group]} == words[group]
        # `hold` and `action` are rows of one table each, so the last one counts, which is the metric's
        assert {name: last[name] for name in words["metric"]} == words["metric"]

    def test_every_place_in_the_code_is_one(self) -> None:
        for cells in rows(page("docs/glossary.md")):
            for span in SPAN.findall("|".join(cells[2:])):
                if "/" in span and " " not in span:
                    assert (ROOT / span).exists(), span


class TestLifecycle:
    def test_the_tables_are_the_table(self) -> None:
        found = set()
        for section in page("docs/lifecycle.md").split("\n### ")[1:]:
            source = SPAN.findall(section)[0]
            for cells in rows(section)[1:]:
                targets = [source if target == "stays" else target.strip("`") for target in cells[2].split(", ")]
                found |= {(source, on, to) for on in SPAN.findall(cells[0]) for to in targets}
        assert found == {(str(row.source), row.on, str(row.to)) for row in TRANSITIONS}

    def test_who_does_it_is_true(self) -> None:
        commands = {model.model_fields["act"].default for model in command_models()}
        for section in page("docs/lifecycle.md").split("\n### ")[1:]:
            for cells in rows(section)[1:]:
                assert all((on in commands) == (cells[1] == "agent") for on in SPAN.findall(cells[0]))

    def test_every_status_and_closing_reason_is_there(self) -> None:
        found = set(spans(page("docs/lifecycle.md")))
        assert {*map(str, Status), *map(str, ClosingReason), *map(str, ReopeningReason), ENTERED_FROM} <= found


class TestPolicies:
    def test_every_key_is_explained(self) -> None:
        text = page("docs/policies.md")
        for model in (Policy, ClockRules, Category):
            for name in set(model.model_fields) - {"texts_version", "calendars", "name"}:
                assert re.search(rf"`{name}`|^\s*{name}:", text, re.MULTILINE), f"{model.__name__}.{name}"

    def test_every_pack_and_place_of_a_text_is_named(self) -> None:
        found = set(spans(page("docs/policies.md")))
        assert {*packs(), *PLACES} <= found

    def test_the_examples_are_read_by_the_models(self) -> None:
        for example in map(yaml.safe_load, fences(page("docs/policies.md"), "yaml")):
            if "hours" in example:
                assert CalendarSource.model_validate(example)
            for clock in example.get("clocks", {}).values():
                assert ClockRules.model_validate(clock)
            for name, category in example.get("categories", {}).items():
                assert Category.model_validate({"name": name, **category})


SCENARIOS = ROOT / "docs" / "examples" / "scenarios"
EXAMPLES = [
    (re.findall(r"\(examples/scenarios/([\w.-]+)\)", text)[0], text)
    for text in page("docs/scenarios.md").split("\n## ")
    if text.startswith("Example: ")
]
OUTPUTS = [block for _, text in EXAMPLES for block in fences(text, "console")]


def unversioned(text: str) -> str:
    """Without the version of a calendar, which changes whenever holidays are refreshed, and the line of its length."""
    return re.sub(r"(versi|version) [\w.-]+", r"\1 …", re.sub("─+", "─", text))


class TestScenarios:
    def test_every_event_has_its_row_with_its_fields(self) -> None:
        found = {
            cells[0].strip("`"): re.findall(r"`(\w+)`(\??)", cells[1]) for cells in rows(page("docs/scenarios.md"))
        }
        for model in command_models():
            assert found[model.model_fields["act"].default] == fields_of(model, "key", "actor", "act", "based_on")
        for name, model in SIGNALS.items():
            assert found[name] == fields_of(model, "version", "message_id", "at", "via")
        for word in ("channel_down_until", "outage_until"):
            assert f"{{at, {word}}}" in found

    def test_six_scenarios_are_worked_and_no_file_is_forgotten(self) -> None:
        assert len(EXAMPLES) == len({file for file, _ in EXAMPLES}) == 6
        assert {file for file, _ in EXAMPLES} == {path.name for path in SCENARIOS.glob("*")}

    @pytest.mark.parametrize(("file", "text"), EXAMPLES, ids=[file for file, _ in EXAMPLES])
    def test_the_example_comes_out_as_the_page_says(self, file: str, text: str) -> None:
        simulated = simulation.simulate(simulation.load(SCENARIOS / file))
        printed = simulated.view.model_dump(mode="json", by_alias=True)
        results, outputs = fences(text, "json"), fences(text, "console")
        assert results or outputs
        for result in results:
            assert missing(json.loads(result), printed) == []
        for story in fences(text, "yaml"):
            assert story == (SCENARIOS / file).read_text(encoding="utf-8")

    @pytest.mark.parametrize("block", OUTPUTS, ids=lambda block: block.splitlines()[0].partition("simulate ")[2])
    def test_what_a_command_prints_is_what_it_prints(
        self, block: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        command, _, shown_there = block.partition("\n")
        monkeypatch.chdir(ROOT)
        assert run(shlex.split(command.removeprefix("$ tuntas "))) == 0
        printed = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
        assert unversioned(printed.strip("\n")) == unversioned(shown_there.strip("\n"))


def missing(wanted: Any, found: Any, at: str = "") -> list[str]:
    """Where `found` differs from `wanted`: keys may be more, items of a list may stand between those wanted."""
    if isinstance(wanted, dict):
        return [gap for key, value in wanted.items() for gap in missing(value, (found or {}).get(key), f"{at}.{key}")]
    if isinstance(wanted, list):
        remaining = iter(found or ())
        return [
            f"{at}[{index}]: {item}"
            for index, item in enumerate(wanted)
            if not any(not missing(item, candidate) for candidate in remaining)
        ]
    return [] if wanted == found else [f"{at}: {found!r} is not {wanted!r}"]


def command_models() -> tuple[Any, ...]:
    return get_args(get_args(AgentCommand)[0])


def fields_of(model: Any, *but: str) -> list[tuple[str, str]]:
    return [(name, "" if field.is_required() else "?") for name, field in model.model_fields.items() if name not in but]


class TestDecisions:
    @pytest.mark.parametrize("path", DECISIONS, ids=named)
    def test_is_one_page_of_the_agreed_form(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 50
        assert text.startswith(f"# {int(path.name[:4])}. ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "Alternatives"]

    def test_the_index_names_every_page_by_its_title(self) -> None:
        listed = {SPAN.sub(r"\1", cells[0]): cells[1] for cells in rows(page("docs/decisions/README.md"))[1:]}
        wanted = {}
        for path in DECISIONS:
            title = path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2]
            wanted[f"[{path.name[:4]}]({path.name})"] = SPAN.sub(r"\1", title)
        assert {place: SPAN.sub(r"\1", title) for place, title in listed.items()} == wanted


class TestPages:
    @pytest.mark.parametrize("path", PAGES, ids=named)
    def test_every_relative_link_leads_somewhere(self, path: Path) -> None:
        text = FENCE.sub("", path.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if not target.startswith(("http://", "https://", "#")):
                assert (path.parent / target.partition("#")[0]).exists(), target

    @pytest.mark.parametrize("path", PAGES, ids=named)
    def test_every_command_is_one_of_the_programs(self, path: Path) -> None:
        for line in shown(path.read_text(encoding="utf-8")):
            problem = wrong(shlex.split(re.sub(r"\s[<|].*$", "", line.replace("…", "")))[1:])
            assert problem is None, f"{line}: {problem}"

    @pytest.mark.parametrize("path", PAGES, ids=named)
    def test_every_make_target_is_in_the_makefile(self, path: Path) -> None:
        targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))
        text = path.read_text(encoding="utf-8")
        used = [line for line in [*spans(text), *indented(text)] if line.startswith("make ")]
        assert {line.split()[1] for line in used} <= targets

    def test_the_readme_names_every_folder_of_the_house(self) -> None:
        found = {cells[0].strip("`/") for cells in rows(page("README.md"))}
        (importable,) = re.findall(r"root_packages = \[(.+)\]", page("pyproject.toml"))
        assert set(re.findall(r'"(\w+)"', importable)) <= found

    def test_the_readme_tells_every_story_of_the_demonstration(self) -> None:
        from commands.demo.stories import STORIES

        found = [cells[0] for cells in rows(page("README.md"))]
        assert [name for name in STORIES if name not in found] == []
        assert f"demo: {len(STORIES)} of {len(STORIES)} stories came true" in page("README.md")

    def test_the_readmes_intake_is_one(self) -> None:
        (example,) = fences(page("README.md"), "json")
        assert Intake.model_validate_json(example)

    def test_every_schema_is_named(self) -> None:
        text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
        assert [
            subject for subject in Subject if f"tuntas schema {subject}" not in text and subject not in UNSAID
        ] == []


UNSAID = (Subject.COMMAND, Subject.EXPLAIN)  # named by the help of the commands that read and print them


def shown(text: str) -> list[str]:
    """Every `tuntas …` that a page shows, in spans and in lines of commands."""
    return [line for line in [*spans(text), *indented(text)] if line.startswith("tuntas ")]


def wrong(words: list[str]) -> str | None:
    """What is no command or option of the program among these words, if anything."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            break
        if words[0] not in command.commands:
            return f"no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    known = get_options(command)
    return next((f"no option {word}" for word in words if word.startswith("--") and word not in known), None)


def get_options(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}


class TestPolicyPacks:
    def test_every_demand_stands_there_with_the_keys_that_carry_it(self) -> None:
        told: dict[str, list[tuple[str, ...]]] = {}
        for section in page("docs/policy-packs.md").split("\n### `")[1:]:
            told[section.partition("`")[0]] = [
                (cells[0], *SPAN.findall(cells[1]), cells[2]) for cells in rows(section) if len(cells) == 3
            ][1:]
        carried = {
            name: [(demand.demand, *demand.keys, demand.standing) for demand in policies.load(name).demands]
            for name in packs()
        }
        assert told == {name: demands for name, demands in carried.items() if demands}

    def test_the_worked_pack_is_sound_and_does_what_the_page_says(self, tmp_path: Path) -> None:
        policy, words, *_ = fences(page("docs/policy-packs.md"), "yaml")
        for place, text in (("policy.yaml", policy), ("texts/id/words.yaml", words), ("texts/en/words.yaml", words)):
            (tmp_path / "acme" / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "acme" / place).write_text(text, encoding="utf-8")
        found, problems = policies.inspect(tmp_path / "acme")
        assert problems == []
        assert found is not None
        assert found.calendars["office"].collective_leave == "open"
