"""`tuntas reconcile` without any service: what it says of what was found, and how it ends."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from channels.case_links import CaseLinks
from channels.signing import Signer
from commands import main, outgoing, reconciling, session
from commands.reconciling import Ahead, Rebuilt, Reconciled, Trouble
from commands.stack import StackInfo

REFERENCE = "TTS-0000000000000"
NOTHING = {"rebuilt": (), "ahead": (), "unknown": (), "unfiled": (), "failed": ()}
IN_ORDER = Reconciled(cases=3, in_order=3, **NOTHING)
REBUILT = Rebuilt(reference=REFERENCE, rows={"timeline": 4, "clocks": 0})
AHEAD = Ahead(reference=REFERENCE, sequence=6, entries=3, notices=("decision/1",), set_aside=False)


DATABASE = "postgresql://tuntas@db/tuntas"
SECRET = "a secret of our own, long enough"  # noqa: S105 (of this test)
SERVICE = {
    "TUNTAS_SMTP_URL": "smtp://mail.example:25", "TUNTAS_MAIL_FROM": "Care <care@care.example>",
    "TUNTAS_SECRET": SECRET, "TUNTAS_WEB_URL": "https://care.example/",
}  # fmt: skip


@pytest.fixture
def found(monkeypatch, tmp_path):
    """What the reconciler finds, and what it was asked for. Nothing is set, and no local stack runs."""
    monkeypatch.setenv("TUNTAS_HOME", str(tmp_path))
    for name in SERVICE:
        monkeypatch.delenv(name, raising=False)
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
        return await work(SimpleNamespace(client=None, pool=SimpleNamespace(conninfo=DATABASE)))

    monkeypatch.setattr(reconciling, "Reconciler", Fake)
    monkeypatch.setattr(session, "_with_tuntas", with_client)
    return calls


def test_in_order(found, capsys):
    assert main.run(["reconcile"]) == 0
    assert "3 cases: 3 in order, 0 rebuilt, 0 need somebody" in capsys.readouterr().out
    assert (found.references, found.options["dry_run"], found.options["set_aside"]) == ([], False, False)


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


class TestMessages:
    """They are written as the workers write them, or it is said that they may not be."""

    NOW = datetime(2026, 11, 30, tzinfo=UTC)

    def made(self, found):
        links = found.options["links"]
        return found.options["domain"], links and links.follow(REFERENCE, 1, self.NOW, "id")

    def link(self, address, secret=SECRET):
        return CaseLinks(Signer(secret), address).follow(REFERENCE, 1, self.NOW, "id")

    def test_with_the_settings_of_the_workers(self, found, monkeypatch, capsys):
        for name, value in SERVICE.items():
            monkeypatch.setenv(name, value)
        assert main.run(["reconcile"]) == 0
        assert self.made(found) == ("care.example", self.link("https://care.example"))
        assert capsys.readouterr().err == ""

    def test_what_is_not_set_is_said(self, found, monkeypatch, capsys):
        monkeypatch.setenv("TUNTAS_WEB_URL", SERVICE["TUNTAS_WEB_URL"])
        assert main.run(["reconcile", "--json"]) == 0
        assert self.made(found) == ("tuntas", None)  # as those of workers that have none
        assert "TUNTAS_SMTP_URL, TUNTAS_SECRET: not set here" in capsys.readouterr().err

    @pytest.mark.parametrize("own", [True, False])
    def test_with_those_of_the_local_stack_if_it_is_its_own_database(self, found, monkeypatch, tmp_path, own):
        (tmp_path / "secret").write_text("drawn for this home alone")
        stack = StackInfo(
            temporal_address="x", namespace="default", smtp="127.0.0.1:25", web_url="http://127.0.0.1:8080",
            database_url=DATABASE if own else "postgresql://tuntas@/tuntas?host=elsewhere",
        )  # fmt: skip
        monkeypatch.setattr(outgoing, "read_info", lambda: stack)
        assert main.run(["reconcile"]) == 0
        link = self.link("http://127.0.0.1:8080", "drawn for this home alone")
        assert self.made(found) == (("localhost", link) if own else ("tuntas", None))


def test_no_reference(found, capsys):
    assert main.run(["reconcile", "TTS-1"]) == 2
    assert found.references is None
