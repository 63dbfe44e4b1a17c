"""The deployment's files: of the form they must have, and saying what the code does."""

import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

from commands.main import app
from commands.web import GRACE
from settings import Settings
from tests.fixtures.compose import REQUIRED, ROOT, VARIABLE, Missing, compose, source

SERVICES: dict[str, Any] = compose()["services"]
JOBS = {name for name, service in SERVICES.items() if service["restart"] == "no"}
STANDING = SERVICES.keys() - JOBS
OURS = {name for name, service in SERVICES.items() if "build" in service}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
CLIENT = {"DATABASE_URL", "PGPASSWORD", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "OTEL_EXPORTER_OTLP_ENDPOINT"}


def seconds(span: str) -> float:
    return float(span.removesuffix("s"))


def keys(path: str) -> list[str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    return [line.partition("=")[0] for line in text.splitlines() if line and not line.startswith("#")]


class TestForm:
    def test_it_is_what_the_compose_specification_describes(self) -> None:
        schema = get_builtin_schema("vendor.compose-spec")
        jsonschema.validate(yaml.safe_load(source()), schema)
        wrong = yaml.safe_load(source())
        wrong["services"]["worker"]["helthcheck"] = wrong["services"]["worker"].pop("healthcheck")
        with pytest.raises(jsonschema.ValidationError, match="helthcheck"):
            jsonschema.validate(wrong, schema)

    def test_every_image_is_pinned(self) -> None:
        for name, service in SERVICES.items():
            assert re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)?$", service["image"]), name
        assert SERVICES["temporal"]["image"].split(":")[1] == SERVICES["temporal-schema"]["image"].split(":")[1]
        assert {SERVICES[name]["image"] for name in OURS} == {f"tuntas:{PROJECT['project']['version']}"}
        assert all(SERVICES[name]["pull_policy"] == "build" for name in OURS)

    def test_what_must_stand_is_watched_and_started_again(self) -> None:
        for name in STANDING:
            assert SERVICES[name]["restart"] == "unless-stopped"
            assert SERVICES[name]["healthcheck"]["test"][0] == "CMD", name
        assert {"max-size", "max-file"} <= set.intersection(*(set(s["logging"]["options"]) for s in SERVICES.values()))

    def test_what_is_waited_for_can_come_about(self) -> None:
        for name, service in SERVICES.items():
            for other, how in service.get("depends_on", {}).items():
                wanted = "service_completed_successfully" if other in JOBS else "service_healthy"
                assert how["condition"] == wanted, f"{name}: {other}"
                assert "profiles" not in SERVICES[other]

    def test_volumes_are_named_and_mounted_files_are_there(self) -> None:
        for service in SERVICES.values():
            for volume in service.get("volumes", ()):
                where = volume.split(":")[0]
                assert (ROOT / where).exists() if where.startswith("./") else where in compose()["volumes"], volume
        assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


class TestSafety:
    @pytest.mark.parametrize("name", REQUIRED)
    def test_nothing_starts_without(self, name: str) -> None:
        with pytest.raises(Missing, match=name):
            compose(REQUIRED | {name: ""})

    def test_no_password_is_written_down(self) -> None:
        for service in yaml.safe_load(source())["services"].values():
            for name, value in service.get("environment", {}).items():
                if "PASSWORD" in name or "PWD" in name:
                    assert re.fullmatch(r"\$\{\w+PASSWORD:\?.+\}", value), name
        assert not re.search(r"^\w*PASSWORD=.", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)

    def test_nothing_listens_beyond_this_machine(self) -> None:
        assert all(port.startswith("127.0.0.1:") for service in SERVICES.values() for port in service.get("ports", ()))
        assert compose()["networks"]["inside"] == {"internal": True}
        for name in ("postgres", "temporal"):
            assert SERVICES[name]["networks"] == ["inside"]

    def test_ours_run_with_no_rights_on_a_file_system_they_cannot_write(self) -> None:
        for name in OURS:
            assert SERVICES[name]["read_only"]
            assert SERVICES[name]["cap_drop"] == ["ALL"]
            assert SERVICES[name]["init"]
        assert all(service["security_opt"] == ["no-new-privileges:true"] for service in SERVICES.values())
        last = DOCKERFILE.rpartition("FROM ")[2]
        assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", last, re.MULTILINE)

    def test_the_superusers_password_is_postgresqls_and_the_job_s_only(self) -> None:
        password = REQUIRED["POSTGRES_PASSWORD"]
        found = {name for name, s in SERVICES.items() if password in s.get("environment", {}).values()}
        assert found == {"postgres", "postgres-roles"}


class TestCommands:
    @pytest.mark.parametrize("name", sorted(OURS))
    def test_each_is_one_of_the_program(self, name: str) -> None:
        service = SERVICES[name]
        given = service.get("command")
        if given:
            assert understood(given)
        else:
            assert service["profiles"] == ["tools"]
        if name in STANDING:
            program, *arguments = service["healthcheck"]["test"][1:]
            assert program in PROJECT["project"]["scripts"]
            assert understood(arguments)

    @pytest.mark.parametrize("wrong", [["wander"], ["worker", "--chek"], ["namespace", "ensure", "--retain", "1d"]])
    def test_one_that_is_not_would_be_found(self, wrong: list[str]) -> None:
        with pytest.raises(typer.TyperException):
            understood(wrong)

    def test_the_web_application_is_ready_where_it_listens_and_has_time_to_answer(self) -> None:
        web = SERVICES["web"]
        port = web["command"][-1]
        assert web["healthcheck"]["test"] == ["CMD", "tuntas", "web", "--check", "--port", port]
        assert web["ports"] == [f"127.0.0.1:8081:{port}"]
        assert seconds(web["stop_grace_period"]) > GRACE
        same = ("TUNTAS_SECRET", "TUNTAS_WEB_URL")
        assert [web["environment"][name] for name in same] == [SERVICES["worker"]["environment"][name] for name in same]

    def test_the_image_runs_the_program_itself_so_that_it_gets_the_signals(self) -> None:
        assert 'ENTRYPOINT ["tuntas"]' in DOCKERFILE
        default = re.search(r'^CMD \["(\w+)"\]$', DOCKERFILE, re.MULTILINE)
        assert default
        assert understood([default[1]])
        assert all("entrypoint" not in SERVICES[name] for name in OURS)

    def test_what_the_documentation_has_compose_do_can_be_done(self) -> None:
        pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        text = "\n".join(page.read_text(encoding="utf-8") for page in pages).replace("`", "\n")
        lines = re.findall(r"^ *docker compose ((?:exec|run|stop|up) [^<>#\n]+)", text, re.MULTILINE)
        assert len(lines) >= 15
        for verb, *words in map(str.split, lines):
            named = [word for word in words if not word.startswith("-")]
            if verb in ("exec", "run"):
                arguments = words[words.index(named[0]) + 1 :]
                assert named[0] != "tuntas" or arguments == ["…"] or understood(arguments)
                named = named[:1]
            assert set(named) <= SERVICES.keys(), (verb, words)

    def test_a_worker_has_time_to_finish(self) -> None:
        worker = SERVICES["worker"]
        patience = float(worker["environment"]["TUNTAS_GRACEFUL_SHUTDOWN_SECONDS"])
        assert patience >= Settings.model_fields["graceful_shutdown_seconds"].default
        assert seconds(worker["stop_grace_period"]) >= patience + 20


def understood(arguments: list[str]) -> bool:
    """Parse a command line down to the last command, without running it."""
    command: Any = typer.main.get_command(app)
    context = command.make_context("tuntas", list(arguments))
    while hasattr(command, "resolve_command"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)
    return True


OF_THE_WEB = (
    "TUNTAS_TRUSTED_PROXIES",
    "TUNTAS_ORGANISATION",
    "TUNTAS_UI_URL",
    "TUNTAS_LOCAL_ACCOUNTS",
    "TUNTAS_SESSION_",
    "TUNTAS_OIDC_",
)


class TestVariables:
    def test_each_is_in_the_example_and_in_the_documentation(self) -> None:
        used = {name for name, _, _ in VARIABLE.findall(source())} | {"COMPOSE_PROFILES"}
        listed = keys(".env.example")
        assert sorted(used) == sorted(listed)
        section = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("\n## Deployment\n")[1]
        section = section.split("\n## ")[0]
        assert [name for name in listed if f"`{name}`" not in section] == []
        defaults = {name: rest or "none" for name, how, rest in VARIABLE.findall(source()) if how == "-"}
        table = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", section, re.MULTILINE)
        assert {name for name, _ in table} == {name for name in listed if not name.startswith("TUNTAS_")}
        for name, said in table:
            assert said.strip("`") == defaults.get(name, "required" if name in REQUIRED else "none"), name

    def test_what_is_not_set_is_the_programs_own_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        environment = SERVICES["worker"]["environment"]
        empty = {name for name, value in environment.items() if name.startswith("TUNTAS_") and value == ""}
        assert len(empty) >= 8
        for name in empty:
            monkeypatch.setenv(name, "")
        read = Settings()
        for name in empty:
            field = name.removeprefix("TUNTAS_").lower()
            assert getattr(read, field) == Settings.model_fields[field].default, name

    def test_every_setting_reaches_whom_it_is_for_and_nothing_else_does(self) -> None:
        settings = {"DATABASE_URL" if n == "database_url" else f"TUNTAS_{n.upper()}" for n in Settings.model_fields}
        web = {name for name in settings if name.startswith(OF_THE_WEB)}
        elsewhere = {"TUNTAS_HOME", "TUNTAS_POLICY"} | web  # of the stack, who files, and the web
        assert SERVICES["worker"]["environment"].keys() == (settings - elsewhere) | CLIENT
        assert SERVICES["web"]["environment"].keys() >= web
        for name in OURS:
            assert SERVICES[name]["environment"].keys() <= settings | CLIENT

    def test_the_tools_know_what_the_workers_know_of_mail_and_links(self) -> None:
        of_messages = ("TUNTAS_SMTP_URL", "TUNTAS_MAIL_FROM", "TUNTAS_IMAP_URL", "TUNTAS_SECRET", "TUNTAS_WEB_URL")
        worker, tools = (SERVICES[name]["environment"] for name in ("worker", "tuntas"))
        assert [tools[name] for name in of_messages] == [worker[name] for name in of_messages]
        assert SERVICES["tuntas"]["networks"] == SERVICES["worker"]["networks"]  # to reach what these name

    def test_postgresql_has_room_for_all_connections(self) -> None:
        temporal = SERVICES["temporal"]["environment"]
        needed = 4 * (int(temporal["SQL_MAX_CONNS"]) + int(temporal["SQL_VIS_MAX_CONNS"]))
        workers = int(SERVICES["worker"]["deploy"]["replicas"])
        needed += workers * (Settings.model_fields["database_connections"].default + 2)
        needed += 10 + 2  # the web application
        allowed = next(word for word in SERVICES["postgres"]["command"] if word.startswith("max_connections="))
        assert int(allowed.partition("=")[2]) >= needed * 1.2

    def test_a_crash_within_postgresql_ends_its_container_which_is_started_afresh(self) -> None:
        assert "restart_after_crash=off" in SERVICES["postgres"]["command"]
        assert SERVICES["postgres"]["restart"] == "unless-stopped"


class TestImage:
    def test_its_context_is_what_the_wheel_is_made_of(self) -> None:
        let_in = {line[1:] for line in keys(".dockerignore") if line.startswith("!")}
        wheel = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])
        locks = set(re.findall(r"requirements[\w-]*\.lock", DOCKERFILE))
        assert let_in == wheel | locks | {"pyproject.toml", "README.md", "LICENSE"}
        assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == {name for name in wheel if "." not in name}

    def test_its_label_is_the_version(self) -> None:
        assert f'image.version="{PROJECT["project"]["version"]}"' in DOCKERFILE

    def test_the_base_is_the_python_that_the_project_supports(self) -> None:
        base = re.search(r"^ARG PYTHON=python:(\d+\.\d+)\.\d+-slim-\w+$", DOCKERFILE, re.MULTILINE)
        assert base
        assert PROJECT["project"]["requires-python"] == f">={base[1]}"

    @pytest.mark.parametrize("name", ["requirements.lock", "requirements-build.lock"])
    def test_what_it_installs_is_what_the_tests_ran_with(self, name: str) -> None:
        mine, dev = pins(name), pins("requirements-dev.lock")
        assert mine
        assert mine.items() <= dev.items()
        assert "--hash=sha256:" in (ROOT / name).read_text(encoding="utf-8")

    def test_it_has_what_the_service_needs_and_not_the_local_stack(self) -> None:
        extras = PROJECT["project"]["optional-dependencies"]
        wanted = {package(line) for line in [*PROJECT["project"]["dependencies"], *extras["telemetry"]]}
        found = pins("requirements.lock").keys()
        assert wanted <= found
        assert not {package(line) for line in extras["local"]} & found
        assert {package(line) for line in PROJECT["build-system"]["requires"]} <= pins("requirements-build.lock").keys()


def package(requirement: str) -> str:
    return re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {package(found[1]): found[2] for found in re.finditer(r"^([\w.-]+)(?:\[.*?\])?==(\S+)", text, re.MULTILINE)}


class TestPrometheus:
    def test_it_finds_the_workers_the_server_and_its_rules(self) -> None:
        folder = ROOT / "deploy" / "prometheus"
        config = yaml.safe_load((folder / "prometheus.yml").read_text(encoding="utf-8"))
        assert all((folder / name).exists() for name in config["rule_files"])
        jobs = {job["job_name"]: job for job in config["scrape_configs"]}
        found = jobs["tuntas"]["dns_sd_configs"][0]
        assert SERVICES["worker"]["environment"]["TUNTAS_METRICS_ADDRESS"] == f"0.0.0.0:{found['port']}"
        assert found["names"] == ["worker"]
        port = SERVICES["temporal"]["environment"]["PROMETHEUS_ENDPOINT"].partition(":")[2]
        assert jobs["temporal"]["static_configs"] == [{"targets": [f"temporal:{port}"]}]

    def test_every_alert_says_what_is_the_matter_and_how_pressing_it_is(self) -> None:
        alerts = read_alerts()
        assert len({alert["alert"] for alert in alerts}) == len(alerts)
        for alert in alerts:
            assert alert["labels"]["severity"] in ("page", "ticket")
            assert alert["for"]
            assert alert["annotations"].keys() == {"summary", "description"}
        jobs = {name for alert in alerts for name in re.findall(r'job="(\w+)"', alert["expr"])}
        assert jobs == {"tuntas", "temporal"}

    def test_every_rule_asks_for_metrics_and_labels_that_there_are(self) -> None:
        text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        described = re.findall(r"^\| `(tuntas_\w+)` \| \w+ \| (.*?) \|", text, re.MULTILINE)
        labels = {name: set(re.findall(r"\w+", given)) for name, given in described}
        section = text[text.index("Worth an alarm") :]
        rules = [rule for rule in re.findall(r"^\| [^|]+ \| `(.*?)`", section, re.MULTILINE) if "tuntas_" in rule]
        assert rules
        for rule in (*rules, *(alert["expr"] for alert in read_alerts())):
            names = {name.removesuffix("_bucket") for name in re.findall(r"tuntas_\w+", rule)}
            assert names <= labels.keys(), rule
            known = {"le"}.union(*(labels[name] for name in names))
            wanted = re.findall(r"by \((.*?)\)", rule) + re.findall(r"(\w+)[!=]=?~?\"", rule)
            assert not names or {word for some in wanted for word in re.findall(r"\w+", some)} <= known, rule

    def test_what_fails_is_told_by_lane_whether_for_good_or_again_and_again(self) -> None:
        (rule,) = [alert for alert in read_alerts() if "tuntas_duties_failing" in alert["expr"]]
        assert rule["expr"] == "sum by (lane, outcome) (tuntas_duties_failing) > 0"


def read_alerts(path: Path = ROOT / "deploy" / "prometheus" / "alerts.yml") -> list[dict[str, Any]]:
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_the_servers_own_settings_are_of_the_form_it_reads() -> None:
    found = yaml.safe_load((ROOT / "deploy" / "temporal" / "dynamicconfig.yaml").read_text(encoding="utf-8"))
    assert found
    for name, values in found.items():
        assert re.fullmatch(r"[a-z]+\.\w+", name)
        assert [value.keys() for value in values] == [{"value"}]
    assert "system.forceSearchAttributesCacheRefreshOnRead" not in found
    server = SERVICES["temporal"]
    assert server["environment"]["DYNAMIC_CONFIG_FILE_PATH"] == server["volumes"][0].split(":")[1]
    assert server["environment"]["NUM_HISTORY_SHARDS"] == "512"
