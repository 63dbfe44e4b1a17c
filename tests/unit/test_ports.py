"""Ports that are chosen before anything listens there: nobody who starts in the same moment gets them too."""

import json
import subprocess
import sys

import pytest

from commands.stack import StackError, ports
from commands.stack.ports import choose_ports, release

# Elsewhere a port is only looked at: the kernel has no names that end with their process.
claimed = pytest.mark.skipif(sys.platform != "linux", reason="claims are names of Linux's abstract namespace")

ELSEWHERE = """
import json, pathlib, sys
from commands.stack import ports
ports.FIRST, ports.COUNT = int(sys.argv[2]), 2
print(json.dumps(ports.choose_ports(pathlib.Path(sys.argv[1]), {"web": None})))
"""


@pytest.fixture
def two(monkeypatch, tmp_path):
    """There are two ports, one after the other, and nobody has them; the number of the first."""
    first, second = 0, 0
    for number in range(100):
        place = tmp_path / f"looking-{number}"
        place.mkdir()
        first, second = sorted(choose_ports(place, {"one": None, "other": None}).values())
        release((first, second))
        if second == first + 1:
            break
    monkeypatch.setattr(ports, "FIRST", first)
    monkeypatch.setattr(ports, "COUNT", 2)
    yield first
    release((first, first + 1))


@pytest.fixture
def home(tmp_path):
    def made(name):
        (tmp_path / name).mkdir(exist_ok=True)
        return tmp_path / name

    return made


@claimed
def test_no_two_homes_choose_the_same(two, home):
    chosen = [choose_ports(home(name), {"web": None})["web"] for name in ("a", "b")]
    assert sorted(chosen) == [two, two + 1]
    with pytest.raises(StackError, match="no port between"):
        choose_ports(home("c"), {"web": None})
    release(chosen[:1])
    assert choose_ports(home("c"), {"web": None})["web"] == chosen[0]


@claimed
def test_another_process_chooses_another(two, home):
    ours = choose_ports(home("a"), {"web": None})["web"]
    said = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(home("b")), str(two)], capture_output=True, check=True, text=True
    )
    assert {ours, json.loads(said.stdout)["web"]} == {two, two + 1}


def test_a_home_keeps_its_own_before_and_after_it_lets_go(two, home):
    first = choose_ports(home("a"), {"web": None})
    assert choose_ports(home("a"), {"web": None}) == first
    release(first.values())
    assert choose_ports(home("a"), {"web": None}) == first


def test_a_choice_that_fails_claims_nothing(two, home):
    with pytest.raises(StackError):
        choose_ports(home("a"), dict.fromkeys(("web", "ui", "smtp")))
    assert set(choose_ports(home("b"), {"web": None, "ui": None}).values()) == {two, two + 1}
