"""Fixed conversations, drawn from seeds, over plans that are kept beside them: what is typed here never changes.

A policy may change at any time, since a case keeps the plan it was opened with: so the plans of these cases stand in
`plans/`, not in `policies/`. New kinds of events are written (`tests.replay.written`), or go to a new range of seeds;
the old conversations stay as they are.
"""

import random
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from complaints.messages import StartComplaint
from complaints.messages.intake import Intake
from complaints.plan import Plan
from tests.replay.engine import Story

PLANS = Path(__file__).parent / "plans"
RECEIVED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 09:00 in Jakarta, an ordinary working day
SEEDS = range(32)
_HOUR = 3_600.0

_DEAR = [{"solution": "refund", "cost": 900_000_000}]  # above every approval limit
_PASSAGES: tuple[tuple[dict[str, Any], ...], ...] = (
    ({"act": "respond", "text": "Kami periksa."},),
    ({"act": "respond", "text": "Kami periksa."},),
    ({"act": "decide", "outcome": "upheld", "reasons": "Cacat.", "remedies": [{"solution": "apology", "cost": 5}]},),
    ({"act": "decide", "outcome": "not_upheld", "reasons": "Tidak terbukti."},),
    (
        {"act": "decide", "outcome": "upheld", "reasons": "Mahal.", "remedies": _DEAR},
        {"act": "decline", "reason": "mahal", "role": "lead"},
        {"act": "decide", "outcome": "upheld", "reasons": "Tetap.", "remedies": _DEAR},
        {"act": "approve", "role": "lead"},
    ),
    ({"act": "hold", "reason": "bank"}, {"act": "resume"}),
    ({"act": "hold", "reason": "bank"},),
    ({"act": "escalate", "reason": "perlu"}, {"act": "de_escalate", "reason": "cukup"}),
    ({"act": "transfer", "to": "andi", "note": "tolong"}, {"act": "assign", "to": "team:specialist"}),
    ({"act": "verify"}, {"act": "assess", "category": "billing", "severity": "major"}),
    ({"act": "note", "text": "Catatan."}, {"act": "record_step", "step": "choose_solution"}),
    ({"act": "record_root_cause", "category": "process", "cause": "salah", "corrective_action": "periksa dua kali"},),
    ({"act": "record_evaluation", "speed": 3}, {"act": "extend", "reason": "third_party"}),
    ({"act": "add_action", "description": "kirim nota", "within": "2 days"}, {"act": "complete_action", "action": 1}),
    ({"act": "amend", "email": "baru@example.co.id"},),
    ({"act": "attach", "sha256": "0" * 64, "name": "foto.jpg"}, {"act": "merge", "into": "TTS-0000000000000"}),
    ({"act": "close", "reason": "duplicate", "explanation": "Sama."},),
    ({"act": "reopen", "reason": "new_facts", "text": "Bukti baru."},),
    ({"act": "request_information", "text": "Mohon fotonya."}, {"message": "complainant_replied", "text": "Ini."}),
    ({"act": "request_information", "text": "Mohon fotonya."},),
    ({"act": "record_confirmation", "satisfied": True, "how": "telepon"},),
    ({"message": "complainant_replied", "text": "Masih rusak.", "details": {"order": "4711"}},),
    ({"message": "satisfaction_confirmed", "satisfied": True, "rating": 5},),
    (
        {"act": "decide", "outcome": "not_upheld", "reasons": "Tidak terbukti."},
        {"message": "satisfaction_confirmed", "satisfied": False, "text": "Belum selesai."},
    ),
    (
        {"act": "decide", "outcome": "upheld", "reasons": "Cacat."},
        {"message": "satisfaction_confirmed", "satisfied": True},
        {"act": "reopen", "reason": "problem_returned", "text": "Rusak lagi."},
    ),
    ({"message": "satisfaction_confirmed", "satisfied": False},),
    ({"message": "complainant_withdrew", "text": "Tidak jadi."},),
    ({"message": "fact_reported", "fact": "returned", "source": "logistics"},),
    ({"message": "complainant_replied", "words": "unreadable: without a text"}, {"message": "carrier_pigeon"}),
)


@cache
def plan(name: str) -> Plan:
    return Plan.model_validate_json((PLANS / f"{name}.json").read_text(encoding="utf-8"))


def drawn() -> dict[str, Story]:
    """Every drawn conversation by its name."""
    return {f"{number:02} {_name(number)}": _drawn(number) for number in SEEDS}


def _name(number: int) -> str:
    return "demo" if number % 3 == 2 else "id.default"


class _Draw:
    """Of `random.Random` only `random()` gives the same numbers in every version of Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def of(self, choices: Any) -> Any:
        return choices[int(self._random.random() * len(choices))]

    def between(self, low: float, high: float) -> float:
        return round(low + self._random.random() * (high - low), 1)


def _drawn(number: int) -> Story:
    draw, short = _Draw(number), _name(number) == "demo"
    second = 1.0 if short else _HOUR / 2  # the demonstration's hours are seconds
    email = {"email": "sari@example.co.id"}
    contact = draw.of((email, email, {"phone": "+628123456789"}, {}))
    intake = Intake.model_validate({
        "channel": draw.of(("email", "form", "phone")), "key": f"seed-{number}", "text": "Barang rusak.",
        "category": draw.of(("billing", "billing", "privacy", "defective_product", None)),
        "severity": draw.of((None, None, "minor", "critical")), "received_at": RECEIVED,
        "complainant": {"name": "Sari", "language": draw.of(("id", "en")), **contact},
    })  # fmt: skip
    at = 0.0
    events: list[tuple[float, str, dict[str, Any]]] = []
    for _ in range(draw.of((0, 3, 5, 7, 9, 12))):
        for said in draw.of(_PASSAGES):
            at += draw.of((0.0, draw.between(0, 2), draw.between(0, 8), draw.between(4, 30))) * second
            events.append((at, *_event(draw, dict(said), len(events))))
    return Story(
        start=StartComplaint(reference=f"TTS-{number:013d}", salt="5a17", intake=intake, plan=plan(_name(number))),
        events=events,
        slow=draw.of(({}, {}, {"notify_complainant": draw.between(1, 30) * second}, {"record": 4 * second})),
        refused=draw.of(({}, {}, {}, {"notify_complainant": 1}, {"record": 1}, {"escalate": 2, "notify_agents": 3})),
        together=draw.of((True, False)),
        grown_at=draw.of((None, None, None, draw.between(2, 20) * second)),
    )  # fmt: skip


def _event(draw: _Draw, said: dict[str, Any], index: int) -> tuple[str, dict[str, Any]]:
    if "message" in said:
        name = said.pop("message")
        return f"signal {name}", {**said, "message_id": f"message-{index}"}
    actor = {"id": draw.of(("siti", "budi")), "role": said.pop("role", "agent")}
    said |= {"key": f"key-{index}", "actor": actor}
    return (f"update {said['act']}" if draw.of((True, True, False)) else "signal agent_acted"), said
