"""The command line of the measurements."""

import sys

import pytest

from bench.__main__ import LINES, main


def test_help_names_every_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in LINES)
