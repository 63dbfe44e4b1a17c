"""Which commands a page offers to its reader: in groups, each open to them or with the reason why not."""

from collections.abc import Mapping, Sequence

from complaints.assignment import Agent
from complaints.messages.commands import Actor
from complaints.messages.duties import ActionRow
from complaints.messages.workbench import Workbench
from complaints.model import Frozen
from complaints.vocabulary import (
    AGENT_CLOSING_REASONS,
    ActionKind,
    CauseCategory,
    Channel,
    FishboneClass,
    Outcome,
    ReopeningReason,
    RootCauseMethod,
    Severity,
)
from web.auth.rights import action_of, may
from web.auth.user import User
from web.catalogue import LANGUAGES
from web.desk.casefile import CaseFile
from web.desk.forms import Field, Option, fields_of
from web.desk.voice import Voice

GROUPS: Mapping[str, tuple[str, ...]] = {
    "work": ("verify", "assess", "note", "attach", "record_reply"),
    "owed": ("add_action", "complete_action", "change_action", "cancel_action"),
    "waiting": ("hold", "resume", "extend"),
    "owner": ("assign", "transfer", "escalate", "de_escalate"),
    "approval": ("approve", "decline"),
    "learning": ("record_root_cause", "record_evaluation"),
    "behalf": ("record_confirmation", "record_survey", "record_withdrawal", "amend"),
    "ending": ("close", "refer", "reopen", "decline_reopening", "merge", "unmerge", "replan"),
}
ELSEWHERE = ("respond", "send_update", "request_information", "decide", "record_step", "answer_evaluation")
"""Those with a place of their own on the page."""
FISHBONE = tuple(FishboneClass)
_SCORES = ("1", "2", "3", "4", "5")


class Offered(Frozen):
    """A command as a page shows it. `why_not` is a sentence; None: it may be sent."""

    act: str
    why_not: str | None
    fields: tuple[Field, ...]


def offered(file: CaseFile, user: User, voice: Voice, agents: Sequence[Agent]) -> dict[str, Offered]:
    """Return every command of the closed union, by name."""
    choices = _choices(file, user, voice, agents)
    return {
        act: Offered(act=act, why_not=_why_not(act, file, user, voice, why), fields=fields_of(act, choices))
        for act, why in file.offers.items()
    }


def owners(file: CaseFile, user: User, voice: Voice, agents: Sequence[Agent]) -> tuple[Option, ...]:
    """Return who may owe something: the reader, every handler, every team."""
    return _of_people(file, user, voice, agents)["owner"]


def _why_not(act: str, file: CaseFile, user: User, voice: Voice, why: str | None) -> str | None:
    right = action_of(act)
    if not may(user, right, file.team, case_owner=file.owner):
        return voice.say("why_not.role")
    if why is None and act == "approve" and _own(file.bench, user.actor):
        why = "own_proposal"
    if why is None and act == "record_evaluation" and file.bench is not None and user.id in file.bench.handled_by:
        why = "handled"
    if why is None:
        return None
    return voice.say(f"why_not.{why}", status=voice.word("status", file.status))


def _own(bench: Workbench | None, actor: Actor) -> bool:
    return bench is not None and bench.proposal is not None and bench.proposal.actor.id == actor.id


def _choices(file: CaseFile, user: User, voice: Voice, agents: Sequence[Agent]) -> dict[str, tuple[Option, ...]]:
    """Return what may be chosen in this case, by field, or by command and field."""
    return {**_fixed(voice), **_of_people(file, user, voice, agents), **(_of_case(file.bench, voice, file))}


def _fixed(voice: Voice) -> dict[str, tuple[Option, ...]]:
    def words(group: str, names: Sequence[str]) -> tuple[Option, ...]:
        return tuple(Option(value=str(name), label=voice.word(group, name)) for name in names)

    scores = tuple(Option(value=score, label=score) for score in _SCORES)
    return {
        "severity": words("severity", tuple(Severity)),
        "outcome": words("outcome", tuple(Outcome)),
        "language": words("languages", LANGUAGES),
        "preferred_channel": words("channel", tuple(Channel)),
        "method": words("methods", tuple(RootCauseMethod)),
        "record_root_cause.category": words("causes", tuple(CauseCategory)),
        "fishbone_class": words("fishbone", FISHBONE),
        "kind": words("action_kinds", tuple(kind for kind in ActionKind if not kind.given)),
        "close.reason": words("closing_reason", AGENT_CLOSING_REASONS),
        "reopen.reason": words("reopening_reason", tuple(ReopeningReason)),
        **dict.fromkeys(("speed", "solution", "communication", "rating"), scores),
        **dict.fromkeys((f"record_survey.{name}" for name in ("outcome", "handling", "effort")), scores),
    }


def _of_people(file: CaseFile, user: User, voice: Voice, agents: Sequence[Agent]) -> dict[str, tuple[Option, ...]]:
    tiers = file.bench.tiers if file.bench else voice.policy.tiers
    teams = tuple(Option(value=f"team:{tier.team}", label=voice.owner(f"team:{tier.team}")) for tier in tiers)
    present = sorted(
        agents, key=lambda agent: (not agent.present, agent.team != file.team, str(agent.name or agent.id))
    )
    handlers = tuple(Option(value=agent.owner, label=_handler(agent, voice)) for agent in present)
    me = (Option(value=user.owner, label=voice.say("me", name=user.name)),)
    others = tuple(option for option in (*handlers, *teams) if option.value not in (user.owner, file.owner))
    anybody = tuple(option for option in (*handlers, *teams) if option.value != user.owner)
    return {"to": others, "owner": (*me, *anybody)}


def _handler(agent: Agent, voice: Voice) -> str:
    away = "" if agent.present else f" ({voice.d['away']})"
    team = f" · {voice.team(agent.team)}" if agent.team else ""
    return f"{agent.name or agent.id}{team}{away}"


def _of_case(bench: Workbench | None, voice: Voice, file: CaseFile) -> dict[str, tuple[Option, ...]]:
    if bench is None:
        return {}
    names = [tier.name for tier in bench.tiers]
    here = names.index(bench.view.tier)
    found = {
        "category": tuple(Option(value=c.name, label=c.in_language(voice.language)) for c in bench.categories),
        "escalate.to": _tiers(bench, voice, names[here + 1 :]),
        "de_escalate.to": _tiers(bench, voice, names[:here][::-1]),
        "extend.metric": tuple(
            Option(value=str(one.metric), label=f"{voice.word('metric', one.metric)} (+{voice.target(str(one.by))})")
            for one in bench.extendable
        ),
        "extend.reason": tuple(
            Option(value=reason, label=voice.reason(reason)) for one in bench.extendable for reason in one.reasons
        ),
        "action": tuple(
            Option(value=str(a.number), label=f"{a.number}. {_action(a, voice)}") for a in file.actions if a.open
        ),
    }
    found["record_confirmation.action"] = tuple(
        Option(value=str(a.number), label=f"{a.number}. {a.description}")
        for a in file.actions
        if a.kind is ActionKind.PROMISE and a.cancelled_at is None
    )
    if file.rules is not None:
        found["step"] = tuple(Option(value=s.name, label=s.in_language(voice.language)) for s in file.rules.procedure)
    return found


def _action(row: ActionRow, voice: Voice) -> str:
    return f"{voice.reason(row.description)} ({voice.word('action_kinds', row.kind)})"


def _tiers(bench: Workbench, voice: Voice, names: Sequence[str]) -> tuple[Option, ...]:
    return tuple(Option(value=name, label=voice.label(bench.tiers, name)) for name in names)
