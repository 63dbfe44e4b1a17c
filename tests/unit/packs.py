"""Stories under the policy packs, played through the pure simulation. No test by itself."""

from datetime import datetime
from functools import cache
from typing import Any

import policies
import simulation
from complaints.messages.duties import Notice
from complaints.messages.view import CaseView, ClockView, EntryView, NoticeView
from complaints.policy import Policy
from complaints.vocabulary import Kind, Metric, Occasion
from simulation.engine import Simulated

LAWS = ("au.rg271", "eu.psd2.101", "id.ojk.22_2023", "iso.10002", "uk.fca.disp", "us.cfpb")
DECIDE = {"act": "decide", "outcome": "upheld", "reasons": "Benar."}
ACCEPT = {"message": "satisfaction_confirmed", "satisfied": True}
Event = dict[str, Any]


@cache
def pack(name: str) -> Policy:
    return policies.load(name)


class Story:
    """What came of a complaint under a policy, and shorthands to look at it."""

    def __init__(self, policy: Policy | str, received_at: str, *events: Event, until: str, **complaint: Any) -> None:
        self.policy = pack(policy) if isinstance(policy, str) else policy
        given = {"channel": "email", "text": "Salah potong.", "category": "billing", "received_at": received_at,
                 "complainant": {"email": "sari@example.co.id"}, **complaint}  # fmt: skip
        scenario = simulation.load({"complaint": given, "events": list(events), "until": until})
        self.simulated: Simulated = simulation.simulate(scenario, self.policy)

    @property
    def view(self) -> CaseView:
        return self.simulated.view

    def clock(self, metric: str = "resolution", occurrence: int | None = None) -> ClockView:
        found = [c for c in self.view.clocks if c.metric == Metric(metric) and occurrence in (None, c.occurrence)]
        assert found, f"there is no {metric} clock"
        return found[-1]

    def has(self, metric: str) -> bool:
        return any(clock.metric == Metric(metric) for clock in self.view.clocks)

    def entries(self, kind: str) -> list[EntryView]:
        return [entry for entry in self.view.timeline if entry.kind == Kind(kind)]

    def refusals(self) -> list[tuple[str, str]]:
        return [(entry.detail["field"], entry.detail["reason"]) for entry in self.entries("refused")]

    def notices(self, occasion: str) -> list[NoticeView]:
        return [notice for notice in self.view.notices if notice.occasion == Occasion(occasion)]


def extend(when: str, reason: str, metric: str = "resolution") -> Event:
    """An agent asks for an extension."""
    return {"at": when, "act": "extend", "metric": metric, "reason": reason}


def said(policy: Policy, notice: Notice, language: str) -> str:
    """A notice as it is read."""
    return str(policies.texts(policy).render(notice, policy.languages[0].__class__(language)).body)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
