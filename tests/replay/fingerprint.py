"""The fingerprint of the workflow: its code that issues commands, and the commands it issues in fixed conversations.

    python -m tests.replay.fingerprint             what has changed since the fingerprint was taken
    python -m tests.replay.fingerprint --accept    take it anew, unless cases that are open now would notice
    python -m tests.replay.fingerprint --accept --no-open-cases
                                                   … although they would: there are none

`before` is what a case does that was opened before any patch in the code; `today`, where it differs, what one does that
is opened with this code. How a workflow is changed: docs/changing-a-workflow.md.
"""

import json
import logging
import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

from complaints.messages import MAILBOX_WORKFLOW, WORKFLOW
from tests.replay.code import Outline, outline_of_workflows
from tests.replay.engine import commands_of
from tests.replay.stories import stories
from workflows.complaint import ComplaintWorkflow
from workflows.mailbox import MailboxWorkflow

FILE = Path(__file__).with_suffix(".json")
Fingerprint = dict[str, Outline]
_SHOWN = 3  # conversations in a message
_AROUND = 2  # tasks before the first that differs

_CODE = """\
Code of workflows/ that issues commands has changed. Every open case replays it from its first event, and must meet the
commands that stand in its history, in their order."""
_BEFORE = """\
A CASE THAT IS OPEN NOW WOULD BREAK. Replayed with this code, a conversation that began before the change goes another
way: its history no longer fits (the task fails until the code is mended), or its timeline gets entries other than those
that are recorded (records are refused)."""
_STEPS = """\
What to do (docs/changing-a-workflow.md):
  1. Put the change behind a patch: `if workflow.patched("what-changes"):` new, `else:` old, in workflows/; for a rule
     of complaints/, a name in complaints/case/changes.py and `if "what-changes" in state.changes:`.
  2. Run this again until `before` is as it was.
  3. python -m tests.replay.fingerprint --accept
  4. Save histories of the new branch (tests/replay/save.py) beside those of the old one, and name the patch in the
     changelog with its date: deprecated when no case without it is open, removed when no case with it is."""
_SAFE = """\
No conversation issues other commands than before. If that is as it should be, accept it:
  python -m tests.replay.fingerprint --accept"""
_TODAY = """\
Cases that are opened with this code go another way than those of the accepted code; open ones keep theirs. If that is
what the patch is for, accept it:
  python -m tests.replay.fingerprint --accept"""


_ADDED = """\
Conversations that were not there before: {}. No case can break by them. Accept them:
  python -m tests.replay.fingerprint --accept"""


def take(workflow_class: type[Any] = ComplaintWorkflow, mailbox_class: type[Any] = MailboxWorkflow) -> Fingerprint:
    """The fingerprint of the code as it is, or with one of the workflows as it might be."""
    classes = {WORKFLOW: workflow_class, MAILBOX_WORKFLOW: mailbox_class}
    before, today = {}, {}
    for name, story in stories().items():
        workflow_class = classes[story.names[0]]
        before[name] = commands_of(story, workflow_class, before_patches=True)
        lines = commands_of(story, workflow_class, before_patches=False)
        if lines != before[name]:
            today[name] = lines
    return {"code": outline_of_workflows(), "before": before, "today": today}


def accepted() -> Fingerprint:
    found: Fingerprint = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def explained(old: Fingerprint, new: Fingerprint) -> str:
    """What changed and what to do, in words; empty if nothing has."""
    parts: list[str] = []
    if old["code"] != new["code"]:
        parts += [_CODE, *_functions(old["code"], new["code"])]
    if changed(old["before"], new["before"]):
        return "\n\n".join([*parts, _BEFORE, *_conversations(old["before"], new["before"]), _STEPS])
    was, is_now = _of_today(old), _of_today(new)
    if changed(was, is_now):
        return "\n\n".join([*parts, _TODAY, *_conversations(was, is_now)])
    if added := sorted(is_now.keys() - was.keys()):
        return "\n\n".join([*parts, _ADDED.format(", ".join(added))])
    return "\n\n".join([*parts, _SAFE]) if parts else ""


def changed(old: Outline, new: Outline) -> list[str]:
    """The names of what was there and is otherwise now, or is there no longer."""
    return [name for name in sorted(old) if old[name] != new.get(name)]


def _of_today(fingerprint: Fingerprint) -> Outline:
    return fingerprint["before"] | fingerprint["today"]


def _functions(old: Outline, new: Outline) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            diff = unified_diff(old.get(name, []), new.get(name, []), "accepted", "now", lineterm="", n=1)
            yield "\n".join([f"workflows.{name}", *(f"    {line}" for line in diff)])


def _conversations(old: Outline, new: Outline) -> Iterator[str]:
    differing = changed(old, new)
    for name in differing[:_SHOWN]:
        was, is_now = old[name], new.get(name, [])
        at = next((i for i, (a, b) in enumerate(zip(was, is_now, strict=False)) if a != b), min(len(was), len(is_now)))
        lines = [f"      {line}" for line in was[max(at - _AROUND, 0) : at]]
        lines += [f"    - {line}" for line in was[at : at + 1]] + [f"    + {line}" for line in is_now[at : at + 1]]
        yield "\n".join([f"conversation {name}, task {at + 1}", *lines])
    if len(differing) > _SHOWN:
        yield f"… and {len(differing) - _SHOWN} more of {len(new)} conversations"


def write(fingerprint: Fingerprint) -> None:
    FILE.write_text(json.dumps(fingerprint, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    unknown = set(arguments) - {"--accept", "--no-open-cases"}
    if unknown:
        print(__doc__)
        return 2
    new = take()
    old: Fingerprint = accepted() if FILE.exists() else {"code": {}, "before": {}, "today": {}}
    message = explained(old, new)
    print(message or "nothing has changed")
    breaks = changed(old["before"], new["before"]) and "--no-open-cases" not in arguments
    if not message or "--accept" not in arguments or breaks:
        return int(bool(message))
    write(new)
    print(f"\naccepted: {FILE.name}")
    return 0


if __name__ == "__main__":
    logging.disable()  # activities that fail in a conversation are no news
    sys.exit(main(sys.argv[1:]))
