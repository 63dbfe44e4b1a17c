"""What backend services report: always recorded. A few facts a case understands, and acts on; the others it tells.

None is refused: one that a case understands but whose details are not as they should be is a fact like any other.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from complaints.case import delivery, opening, verifying
from complaints.case.turn import Turn
from complaints.lifecycle import OPEN
from complaints.messages.commands import Actor
from complaints.messages.duties import NoticeFacts
from complaints.messages.feedback import CustomerChecked
from complaints.messages.signals import FactReported
from complaints.vocabulary import Channel, Customer, Kind, KnownFact, Occasion, Proof, Role

E = TypeVar("E", bound=StrEnum)
LOOKUP = "lookup"
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


def reported(turn: Turn, report: FactReported) -> None:
    source = report.source if report.source.isidentifier() else "service"
    understood = (
        _UNDERSTOOD.get(report.fact) if report.via is None else None
    )  # what is true of another case is not of us
    if understood is None or not understood(turn, report, source):
        _enter(turn, report.fact, report.source, report.details, source, via=report.via)
        _tell(turn, report.fact)


def customer_found(turn: Turn, answer: CustomerChecked) -> None:
    """The answer to the look-up that is under way; any other comes too late."""
    if answer.key == turn.state.checking:
        given = {"customer": str(answer.customer), "since": answer.since and answer.since.isoformat()}
        given = {name: value for name, value in given.items() if value is not None}
        _customer(turn, answer.customer, LOOKUP, given, LOOKUP)


def _enter(
    turn: Turn, fact: str, source: str, given: Mapping[str, Any], actor: str, *, via: str | None = None
) -> None:  # fmt: skip
    """Write the fact down, and where the case goes by it. `via` is the merged case it was reported to."""
    turn.enter(
        Kind.FACT_REPORTED,
        Actor(id=actor, role=Role.SERVICE),
        fact=fact,
        source=source,
        given=dict(given) or None,
        merged_from=via,
        status=opening.returns_to(turn),
    )


def _tell(turn: Turn, fact: str) -> None:
    state = turn.state
    turn.tell(Occasion.AGENT_FACT_REPORTED, (state.owner,), NoticeFacts(reason=fact, category=state.category))


def _contact_proven(turn: Turn, report: FactReported, actor: str) -> bool:
    channel, by = _member(Channel, report.details.get("channel")), _member(Proof, report.details.get("by"))
    if channel is None or by is None:
        return False
    verifying.prove(turn, channel, by)
    _enter(turn, report.fact, report.source, report.details, actor)
    opening.reconsider(turn)
    return True


def _customer_checked(turn: Turn, report: FactReported, actor: str) -> bool:
    customer = _member(Customer, report.details.get("customer"))
    if customer is None:
        return False
    _customer(turn, customer, report.source, report.details, actor)
    return True


def _customer(turn: Turn, customer: Customer, source: str, given: Mapping[str, Any], actor: str) -> None:
    """Settle the claim. One that is not true is told, and the number is asked for anew."""
    turn.state.customer, turn.state.checking = customer, None
    _enter(turn, KnownFact.CUSTOMER_CHECKED, source, given, actor)
    if customer is Customer.NO:
        _tell(turn, KnownFact.CUSTOMER_CHECKED)
    opening.reconsider(turn, ask=customer is Customer.NO)


def _notice_bounced(turn: Turn, report: FactReported, actor: str) -> bool:
    """What had been handed over came back: from now on it counts as failed, if it still matters."""
    key = report.details.get("key")
    log = next((n for n in reversed(turn.state.notices) if n.key == key and n.to == "complainant"), None)
    if log is None or log.failed or turn.state.status not in OPEN:
        return False
    _enter(turn, report.fact, report.source, report.details, actor)
    tasks = len(turn.state.actions)
    delivery.fail(turn, log, " ".join(("bounced", *_code(report.details.get("status")))))
    if len(turn.state.actions) == tasks:
        _tell(turn, report.fact)
    return True


def _member(kind: type[E], value: Any) -> E | None:
    """The member of a closed set that a detail names; details are whatever a sender wrote."""
    return kind(value) if isinstance(value, str) and value in set(kind) else None


def _code(status: Any) -> tuple[str, ...]:
    """An enhanced status code (RFC 3463), and nothing else that a mail server may have said."""
    return (status,) if isinstance(status, str) and _STATUS.fullmatch(status) else ()


_UNDERSTOOD: Mapping[str, Callable[[Turn, FactReported, str], bool]] = {
    KnownFact.CONTACT_PROVEN: _contact_proven,
    KnownFact.CUSTOMER_CHECKED: _customer_checked,
    KnownFact.NOTICE_BOUNCED: _notice_bounced,
}
