"""`tuntas simulate` on both engines, as a process of its own: what it prints, how it ends, what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from commands.main import run
from commands.stack.errors import StackError
from tests.fixtures.waiting import until

ROOT = Path(__file__).parents[2]
STORY = """
complaint:
  {channel: email, text: Tagihan saya salah., category: billing, received_at: "2026-06-15T09:00:00+07:00",
   complainant: {email: sari@example.co.id}}
events:
- {at: +1h, act: close, reason: confirmed, explanation: Selesai.}
- {at: +2h, act: respond, text: Kami periksa.}
until: +2d
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    return path


def begun(story: Path, *options: str) -> subprocess.Popen[str]:
    """The command, with a place of its own for what is temporary."""
    temporary = story.parent / "temporary"
    temporary.mkdir()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a shell
    return subprocess.Popen(
        [sys.executable, "-m", "commands.main", "simulate", str(story), "--engine", "temporal", *options],
        cwd=ROOT, env={**os.environ, "TMPDIR": str(temporary)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def gone(process: psutil.Process) -> bool:
    return until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


def test_both_engines_print_the_same_document(story, capsys):
    process = begun(story, "--json", "--strict")
    printed, said = process.communicate(timeout=120)
    assert process.returncode == 4
    assert json.loads(said)["field"] == "events"
    assert run(["simulate", str(story), "--json", "--strict"]) == 4
    assert json.loads(printed) == json.loads(capsys.readouterr().out)
    assert list((story.parent / "temporary").iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_simulation_leaves_nothing_behind(story, how):
    process = begun(story)
    servers = until(lambda: psutil.Process(process.pid).children() or process.poll() is not None)
    assert process.poll() is None
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert all(gone(server) for server in servers)
    assert list((story.parent / "temporary").iterdir()) == []


def test_without_the_development_server_it_says_what_to_install(story, capsys, monkeypatch):
    def missing() -> str:
        raise StackError("it is not installed", "install it")

    monkeypatch.setattr("commands.stack.temporal_server.find_program", missing)
    assert run(["simulate", str(story), "--engine", "temporal", "--json"]) == 5
    assert json.loads(capsys.readouterr().err)["remedy"] == "install it"
    assert run(["simulate", str(story), "--json"]) == 0
