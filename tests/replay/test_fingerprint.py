import re
from typing import Any

import pytest
from temporalio import workflow

from complaints.case import case as case_module
from complaints.case import changes, opening
from complaints.case.turn import Turn
from complaints.messages import WORKFLOW
from complaints.vocabulary import Occasion
from tests.replay import fingerprint
from tests.replay.code import FOLDER, outline
from tests.replay.fingerprint import accepted, explained, take
from tests.replay.stories import stories
from tests.replay.variants import RecordsLast, RecordsLastUnversioned
from workflows import complaint
from workflows.lanes import Lanes
from workflows.mailbox import MailboxWorkflow


@pytest.fixture
def few(monkeypatch):
    """A few conversations are enough to see a change: four of cases, and that of a mailbox."""
    some = dict([*list(stories().items())[:4], ("mailbox", stories()["mailbox"])])
    monkeypatch.setattr(fingerprint, "stories", lambda: some)


def outline_of(name, *replaced):
    """The outline of a module of workflows/ after an edit."""
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    for old, new in replaced:
        assert old in source, old
        source = source.replace(old, new)
    return outline(name, source)


def test_neither_the_code_that_issues_commands_nor_its_commands_have_changed():
    message = explained(accepted(), take())
    assert not message, f"\n\n{message}\n"


@pytest.mark.usefixtures("few")
def test_the_same_code_has_the_same_fingerprint_each_time():
    assert take() == take()


class TestOfTheCode:
    def test_what_may_be_edited_freely_leaves_no_trace(self):
        edited = outline_of(
            "complaint",
            ('"""Whether it was the last one."""', '"""In other words."""'),
            ("# what became of duties", "# something else"),
            ("ended = self._lanes.kept", "over = self._lanes.kept"),
            ("if not ended:", "if not (\n                over\n            ):"),
            ("return ended", "return over"),
            ("issued", "number_of_commands"),
            ("def _step(self) -> bool:", 'def _step(self) -> "bool":'),
            ('description="The case as it stands"', 'description="As it is"'),
        )
        assert edited == outline_of("complaint")

    @pytest.mark.parametrize(
        ("module", "function", "old", "new"),
        [
            (
                "lanes",
                "Lanes.__init__",
                "(self.records, self._complainant,",
                "(self._complainant, self.records,",
            ),
            ("complaint", "ComplaintWorkflow._step", "issued += self._arm(now)", "self._arm(now)"),
            ("complaint", "ComplaintWorkflow._arm", "due, again =", "workflow.upsert_memo({})\n        due, again ="),
            ("records", "RecordsLane._worth_telling", "case.archived or", "not case.archived or"),
            ("timer", "Timer.arm", "self._task.cancel()", "pass"),
            ("attributes", "updates", "!=", "is not"),
        ],
    )
    def test_what_decides_on_commands_does(self, module, function, old, new):
        before, after = outline_of(module), outline_of(module, (old, new))
        assert [name for name in before if before[name] != after[name]] == [f"{module}.{function}"]
        message = explained({"code": before, "before": {}, "today": {}}, {"code": after, "before": {}, "today": {}})
        assert f"workflows.{module}.{function}\n" in message
        assert re.search(r"^    -.*\n    \+", message, re.MULTILINE)
        assert "--accept" in message

    def test_a_number_that_decides_on_commands_does_too(self):
        assert outline_of("limits", ("NOTICES = 20", "NOTICES = 21")) != outline_of("limits")


@pytest.mark.usefixtures("few")
class TestOfTheCommands:
    def test_another_order_of_the_lanes_breaks_open_cases(self):
        message = explained(take(), take(RecordsLastUnversioned))
        assert "A CASE THAT IS OPEN NOW WOULD BREAK" in message
        assert re.search(r"- 0d00:00:00 start ->.*carry_out \(record", message)
        assert re.search(r"\+ 0d00:00:00 start ->.*notify_complainant.*record \(", message)
        assert 'workflow.patched("what-changes")' in message
        assert "python -m tests.replay.fingerprint --accept" in message

    def test_behind_a_patch_it_does_not(self):
        message = explained(take(), take(RecordsLast))
        assert "WOULD BREAK" not in message
        assert "open ones keep theirs" in message
        assert "patch records-last; notify_complainant (" in message

    def test_a_further_activity_breaks_open_cases(self, monkeypatch):
        before = take()
        dispatch = Lanes.dispatch

        def twice(self: Lanes, *given: Any) -> int:
            workflow.upsert_memo({"more": True})
            return dispatch(self, *given)

        monkeypatch.setattr(Lanes, "dispatch", twice)
        assert "WOULD BREAK" in explained(before, take())

    def test_a_further_command_of_a_mailbox_breaks_those_that_are_watched(self, monkeypatch):
        before = take()
        card = MailboxWorkflow._card

        def told(self: MailboxWorkflow) -> str:
            workflow.upsert_memo({"more": True})
            return card(self)

        monkeypatch.setattr(MailboxWorkflow, "_card", told)
        message = explained(before, take())
        assert "WOULD BREAK" in message
        assert re.search(r"conversation mailbox, task 2\n.*\n    - .*\n    \+ .*modify workflow properties", message)
        assert 'workflow.patched("what-changes")' in message

    def test_a_rule_that_changes_breaks_open_cases_though_no_workflow_code_did(self, monkeypatch):
        before = take()
        monkeypatch.setattr(opening, "verify", _verify_and_note)
        after = take()
        assert after["code"] == before["code"]
        assert "WOULD BREAK" in explained(before, after)

    def test_an_entry_that_reads_otherwise_breaks_open_cases_though_no_command_did(self, monkeypatch):
        before = take()
        enter = Turn.enter
        monkeypatch.setattr(Turn, "enter", lambda *a, **k: enter(*a, **k | {"more": "words"}))
        assert "records are refused" in explained(before, take())

    def test_a_rule_that_changes_under_a_name_does_not(self, monkeypatch):
        before = take()
        for module in (changes, case_module, complaint):
            monkeypatch.setattr(module, "CHANGES", ("agents-are-told-twice",))
        monkeypatch.setattr(opening, "verify", _verify_and_note_since)
        after = take()
        assert after["before"] == before["before"]
        assert all("patch agents-are-told-twice" in lines[0] for lines in after["today"].values())
        assert "open ones keep theirs" in explained(before, after)


_verify = opening.verify


def _verify_and_note(turn, *given):
    _verify(turn, *given)
    turn.tell(Occasion.AGENT_ASSIGNED, ("agent:rina",))


def _verify_and_note_since(turn, *given):
    if "agents-are-told-twice" in turn.state.changes:
        _verify_and_note(turn, *given)
    else:
        _verify(turn, *given)


class TestAccepting:
    @pytest.fixture(autouse=True)
    def _kept_apart(self, monkeypatch, tmp_path, few):
        monkeypatch.setattr(fingerprint, "FILE", tmp_path / "fingerprint.json")
        fingerprint.write(take())

    def changed(self, monkeypatch, workflow_class):
        new = take(workflow_class)
        monkeypatch.setattr(fingerprint, "take", lambda: new)
        return new

    def test_nothing_changed(self, capsys):
        assert fingerprint.main([]) == 0
        assert "nothing has changed" in capsys.readouterr().out

    def test_a_change_behind_a_patch_is_accepted(self, monkeypatch):
        new = self.changed(monkeypatch, RecordsLast)
        assert fingerprint.main([]) == 1
        assert fingerprint.main(["--accept"]) == 0
        assert accepted() == new

    def test_one_that_open_cases_notice_only_if_there_are_none(self, monkeypatch):
        old, new = accepted(), self.changed(monkeypatch, RecordsLastUnversioned)
        assert fingerprint.main(["--accept"]) == 1
        assert accepted() == old
        assert fingerprint.main(["--accept", "--no-open-cases"]) == 0
        assert accepted() == new

    def test_conversations_that_are_new_break_nothing_and_those_that_are_missing_do(self, capsys):
        all_of_them = accepted()
        fewer = all_of_them | {"before": {n: c for n, c in all_of_them["before"].items() if n != "mailbox"}}
        fingerprint.write(fewer)
        assert fingerprint.main([]) == 1
        assert "not there before: mailbox" in capsys.readouterr().out
        assert fingerprint.main(["--accept"]) == 0
        assert accepted() == all_of_them
        assert "WOULD BREAK" in explained(all_of_them, fewer)


def test_the_variants_are_the_workflow():
    assert workflow._Definition.must_from_class(RecordsLast).name == WORKFLOW
