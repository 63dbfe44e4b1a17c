"""The options of every verb come from the command's model: what the model may hold can be given, nothing else."""

import pytest
import typer

from commands import acting, main, verbs
from complaints.messages.commands import read_command

REFERENCE = "TTS-0000000000000"
GIVEN = {
    "assess": ["--severity", "major", "--category", "billing"],
    "assign": ["--to", "agent:siti"],
    "transfer": ["--to", "team:specialist", "--note", "see entry 3"],
    "respond": ["--text", "x"],
    "send_update": ["--text", "x"],
    "request_information": ["--text", "x"],
    "hold": ["--reason", "x", "--review-at", "2026-11-30T09:00:00+07:00"],
    "escalate": ["--reason", "x"],
    "de_escalate": ["--reason", "x", "--to", "frontline"],
    "note": ["--text", "x"],
    "record_step": ["--step", "look"],
    "attach": ["--sha256", "0" * 64, "--name", "photo.jpg", "--size", "12"],
    "decide": ["--outcome", "partly", "--reasons", "x", "--remedy", "refund:150000:to the card", "--remedy", "apology"],
    "decline": ["--reason", "x"],
    "record_root_cause": ["--category", "people", "--cause", "x", "--why", "Why? | no stock | report 3", "--effective",
                          "--evidence", "report 4", "--corrective", "Check twice | ani | 3 days",
                          "--preventive", "Train | team:frontline"],
    "record_evaluation": ["--speed", "5", "--coaching", "x", "--closing", "1"],
    "answer_evaluation": ["--text", "x"],
    "extend": ["--reason", "x"],
    "add_action": ["--description", "x", "--within", "3 working days"],
    "complete_action": ["--action", "1"],
    "change_action": ["--action", "1", "--owner", "ani", "--reason", "cuti"],
    "cancel_action": ["--action", "1", "--reason", "tidak perlu"],
    "record_reply": ["--text", "x", "--how", "by phone", "--detail", "order=4711"],
    "record_confirmation": ["--no-satisfied", "--how", "by phone", "--rating", "2"],
    "record_survey": ["--how", "by phone", "--outcome", "4", "--no-solved"],
    "record_withdrawal": ["--how", "by phone"],
    "close": ["--reason", "duplicate", "--explanation", "x"],
    "reopen": ["--reason", "new_facts", "--text", "x", "--fact", "12", "--fact", "mail-9"],
    "decline_reopening": ["--reason", "x"],
    "refer": ["--to", "BPSK", "--explanation", "x"],
    "merge": ["--into", "TTS-1"],
    "unmerge": ["--reason", "x"],
}  # fmt: skip
ACTS = [model.model_fields["act"].default for model in verbs.models()]


@pytest.fixture
def sent(monkeypatch):
    commands = []

    def carry_out(reference, raw, key, *, as_json, brought=()):
        del as_json
        files = {"evidence": [file.evidence for file in brought]} if brought else {}
        commands.append((reference, read_command({**raw, **files, "key": key or "made"})))

    monkeypatch.setattr(verbs, "carry_out", carry_out)
    assert acting.carry_out is not carry_out
    return commands


@pytest.mark.parametrize("act", ACTS)
def test_every_command_has_a_verb_that_makes_it(act, sent):
    verb = act.replace("_", "-")
    assert main.run([verb, REFERENCE, *GIVEN.get(act, []), "--as", "siti", "--role", "lead", "--key", "own"]) == 0
    ((reference, command),) = sent
    assert (reference, command.act, command.key) == (REFERENCE, act, "own")
    assert (command.actor.id, command.actor.role) == ("siti", "lead")


def test_lists_are_written_in_one_option_each(sent):
    main.run(["decide", REFERENCE, *GIVEN["decide"]])
    main.run(["record-root-cause", REFERENCE, *GIVEN["record_root_cause"]])
    decided, found = (command for _, command in sent)
    assert [(one.solution, one.cost, one.detail) for one in decided.remedies] == [
        ("refund", 150_000, "to the card"), ("apology", 0, None),
    ]  # fmt: skip
    assert (found.whys[0].why, found.whys[0].evidence, found.effective) == ("Why?", "report 3", True)
    assert found.evidence == "report 4"
    measures = (*found.corrective_actions, *found.preventive_actions)
    assert [(one.description, one.owner, one.within) for one in measures] == [
        ("Check twice", "ani", "3 days"), ("Train", "team:frontline", None),
    ]  # fmt: skip


def test_what_is_new_is_named_one_by_one(sent):
    main.run(["reopen", REFERENCE, *GIVEN["reopen"]])
    ((_, command),) = sent
    assert [str(fact) for fact in command.facts] == ["12", "mail-9"]


def test_values_are_read_by_the_model(sent):
    main.run(["record-reply", REFERENCE, *GIVEN["record_reply"], "--detail", "name=Sari"])
    main.run(["record-confirmation", REFERENCE, *GIVEN["record_confirmation"]])
    replied, confirmed = (command for _, command in sent)
    assert replied.details == {"order": 4711, "name": "Sari"}
    assert (confirmed.satisfied, confirmed.rating) == (False, 2)


@pytest.mark.parametrize("model", verbs.models(), ids=ACTS)
def test_every_field_has_an_option(model, capsys):
    act = model.model_fields["act"].default
    assert main.run([act.replace("_", "-"), "--help"]) == 0
    shown = capsys.readouterr().out
    names = {"remedies": "remedy", "whys": "why", "details": "detail", "facts": "fact", "actor": "as",
             "corrective_actions": "corrective", "preventive_actions": "preventive"}  # fmt: skip
    for name in model.model_fields:
        if name != "act":
            assert f"--{names.get(name, name).replace('_', '-')}" in shown, name


def test_verbs_do_not_hide_other_commands():
    names = [command.name or command.callback.__name__ for command in main.app.registered_commands]
    assert len(names) == len(set(names))
    assert isinstance(main.app, typer.Typer)


def test_files_are_checked_before_they_are_brought(sent, tmp_path, capsys):
    good, bad = tmp_path / "../nota Siti.txt", tmp_path / "page.html"
    good.write_text("nota"), bad.write_text("<script>alert(1)</script>")
    told = ["record-reply", REFERENCE, "--text", "x", "--how", "at the counter", "--as", "siti"]
    assert main.run([*told, "--evidence", str(good), "--evidence", str(good)]) == 0
    ((_, command),) = sent
    assert [(file.name, file.media_type, file.size) for file in command.evidence] == [
        ("nota Siti.txt", "text/plain", 4)
    ] * 2
    assert main.run([*told, "--evidence", str(bad)]) == 2
    assert main.run([*told, "--evidence", str(tmp_path / "none")]) == 2
    assert "--evidence" in capsys.readouterr().err
    assert len(sent) == 1
