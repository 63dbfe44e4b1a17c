"""`tuntas reconcile` without any service: what it says of what was found, and how it ends."""

import json
from types import SimpleNamespace

import pytest

from commands import main, reconciling, session
from commands.reconciling import Ahead, Rebuilt, Reconciled, Trouble

REFERENCE = "TTS-0000000000000"
NOTHING = {"rebuilt": (), "ahead": (), "unknown": (), "unfiled": (), "failed": ()}
IN_ORDER = Reconciled(cases=3, in_order=3, **NOTHING)
REBUILT = Rebuilt(reference=REFERENCE, rows={"timeline": 4, "clocks": 0})
AHEAD = Ahead(reference=REFERENCE, sequence=6, entries=3, notices=("decision/1",), set_aside=False)


@pytest.fixture
def found(monkeypatch):
    """What the reconciler finds, and what it was asked for."""
    calls = SimpleNamespace(answer=IN_ORDER, options=None, references=None)

    class Fake:
        def __init__(self, *_, **options):
            calls.options = options

        async def run(self, references, begun, done):
            begun(3)
            done()
            calls.references = references
            return calls.answer

    async def with_client(work, _policy, *, temporal):
        assert temporal
        return await work(SimpleNamespace(client=None, pool=None))

    monkeypatch.setattr(reconciling, "Reconciler", Fake)
    monkeypatch.setattr(session, "_with_tuntas", with_client)
    return calls


def test_in_order(found, capsys):
    assert main.run(["reconcile"]) == 0
    assert "3 cases: 3 in order, 0 rebuilt, 0 need somebody" in capsys.readouterr().out
    assert (found.references, found.options["dry_run"], found.options["set_aside"]) == ([], False, False)
    assert found.options["domain"] == "localhost"


def test_what_was_rebuilt_is_told_by_table(found, capsys):
    found.answer = IN_ORDER.model_copy(update={"in_order": 2, "rebuilt": (REBUILT,)})
    assert main.run(["reconcile", REFERENCE.lower(), "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "1 would be rebuilt" in out
    assert "timeline +4, clocks +0" in out
    assert (found.references, found.options["dry_run"]) == ([REFERENCE], True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ahead": (AHEAD,)}, "3 entries after 6 are not its workflow's"),
        ({"unknown": (REFERENCE,)}, "has no workflow"),
        ({"unfiled": (REFERENCE,)}, "was never recorded"),
        ({"failed": (Trouble(reference=REFERENCE, problem="event 5 cannot be read", remedy="x"),)}, "event 5"),
    ],
)
def test_what_needs_somebody_ends_with_6(found, capsys, more, said):
    found.answer = IN_ORDER.model_copy(update=more)
    assert main.run(["reconcile"]) == 6
    shown = capsys.readouterr()
    assert said in shown.out
    assert REFERENCE in shown.out
    assert "1 of 3 cases need somebody" in shown.err


def test_what_was_set_aside_needs_nobody(found, capsys):
    found.answer = IN_ORDER.model_copy(update={"ahead": (AHEAD.model_copy(update={"set_aside": True}),)})
    assert main.run(["reconcile", "--set-aside", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ahead"][0]["set_aside"] is True


def test_no_reference(found, capsys):
    assert main.run(["reconcile", "TTS-1"]) == 2
    assert found.references is None
