"""Written conversations: what the drawn ones never come to. What is typed here never changes either.

They go by a plan that has everything: a look-up of customers, consent, a survey, reviews, a complaint by telephone that
becomes a written one, letters. A new one is added for what no conversation has: a test says what that is.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from complaints.messages import StartComplaint
from complaints.messages.feedback import Alike
from complaints.messages.intake import Intake
from complaints.messages.mailbox import MailboxInput
from complaints.plan import Plan
from complaints.vocabulary import Customer, Surveying
from tests.replay.engine import Story
from tests.replay.scenarios import RECEIVED, plan
from tests.replay.world import World

_HOUR = 3_600.0
_DAY = 24.0  # hours
_OTHER = "TTS-0000000000000"
_LEAD = {"id": "ani", "role": "lead"}
_Said = tuple[float, dict[str, Any]]

_DECIDED: dict[str, Any] = {"act": "decide", "outcome": "upheld", "reasons": "Cacat."}
_DEAR: dict[str, Any] = _DECIDED | {"remedies": [{"solution": "refund", "cost": 900_000_000}]}
_ASKED: dict[str, Any] = {"act": "request_information", "text": "Mohon fotonya."}
_REPLANNED: dict[str, Any] = {"act": "replan", "policy": "id.default", "reason": "Aturan baru.", "actor": _LEAD}
_CONFIRMED: dict[str, Any] = {"message": "satisfaction_confirmed", "satisfied": True}
_TAKE_IN: dict[str, Any] = {
    "reference": _OTHER,
    "complainant": {"email": "sari@example.co.id"},
    "text": "Sama.",
    "actor": _LEAD,
}
_MEASURES = [{"description": "Periksa dua kali.", "owner": "budi", "within": "1 day"}]


def written() -> dict[str, Story]:
    """Every written conversation by its name; the hours count from the receipt."""
    told: dict[str, Story] = {
        "merged": _case(
            (1, {"act": "merge", "into": _OTHER}),
            (2, {"message": "complainant_replied", "text": "Sementara itu."}),
            (5, {"message": "complainant_replied", "text": "Masih rusak."}),
            (6, {"message": "satisfaction_confirmed", "satisfied": False, "text": "Belum."}),
            (7, {"message": "survey_answered", "outcome": 2}),
            (8, {"message": "fact_reported", "fact": "returned", "source": "logistics"}),
            (9, {"act": "unmerge", "reason": "Bukan hal yang sama."}),
            (10, {"message": "complainant_withdrew", "text": "Tidak jadi."}),
            slow={"merge": 2 * _HOUR, "archive": _DAY * _HOUR},
        ),
        "not merged": _case(
            (1, {"act": "merge", "into": _OTHER}),
            (1, {"message": "complainant_replied", "text": "Nomor baru.", "details": {"customer_number": "4712"}}),
            (2, {"act": "refer", "to": "bank", "explanation": "Milik bank."}),
            world=World(merge_problem="it is closed", alike=(_alike(),)),
            together=True,
        ),
        "taken in": _case(
            (0.5, {"act": "verify"}),
            (1, {"act": "take_in", **_TAKE_IN}),
            (2, {"message": "complainant_replied", "text": "Juga rusak.", "via": _OTHER}),
            (3, {"signal": "let_go", "reference": _OTHER, "actor": _LEAD, "reason": "Keliru."}),
            (4, {"act": "record_reply", "text": "Sudah.", "how": "telepon"}),
            (5, {"act": "send_update", "text": "Kami kerjakan."}),
            (6, {"act": "record_withdrawal", "how": "telepon"}),
            slow={"check_customer": 0.7 * _HOUR},
        ),
        "no customer": _case(
            (1, {"message": "complainant_replied", "text": "Ini.", "details": {"customer_number": "4711"}}),
            (2, {"act": "close", "reason": "out_of_scope", "explanation": "Bukan kami."}),
            world=World(customer=Customer.NO),
            details={},
        ),
        "spoken for": _case(
            (1, {"message": "fact_reported", "fact": "contact_proven", "details": {"channel": "email", "by": "link"}}),
            (2, {"act": "amend", "consent": "surat kuasa"}),
            (3, {"message": "fact_reported", "fact": "customer_checked", "details": {"customer": "yes"}}),
            (4, _ASKED),
            (6, {"act": "close", "reason": "incomplete", "explanation": "Tidak lengkap."}),
            slow={"check_customer": 5 * _HOUR},
            complainant={"represented_by": "Tono"},
        ),
        "by telephone": _case(
            (1, {"act": "assess", "severity": "minor"}),
            (2 * _DAY, {"act": "respond", "text": "Kami periksa."}),
            (5 * _DAY, {"act": "extend", "reason": "third_party"}),
            (20 * _DAY, _REPLANNED | {"plan": plan("id.default").packed}),
            (21 * _DAY, {"message": "complainant_withdrew"}),
            channel="phone",
        ),
        "promises": _case(
            (1, {"act": "add_action", "description": "kirim nota", "within": "2 days"}),
            (2, {"act": "change_action", "action": 1, "reason": "tertunda", "within": "3 days"}),
            (3, {"act": "complete_action", "action": 1}),
            (4, {"message": "satisfaction_confirmed", "satisfied": False, "action": 1, "text": "Belum ada."}),
            (5, {"act": "complete_action", "action": 1}),
            (6, {"act": "record_confirmation", "satisfied": True, "action": 1, "how": "telepon"}),
            (7, {"act": "add_action", "description": "telepon lagi", "within": "2 days"}),
            (8, {"act": "cancel_action", "action": 2, "reason": "tidak perlu"}),
            (
                9,
                {"act": "record_root_cause", "category": "process", "cause": "Salah.", "corrective_actions": _MEASURES},
            ),
            (10, {"act": "complete_action", "action": 3}),
            (11, {"act": "complete_action", "action": 4, "effective": True}),
            (12, {"message": "complainant_withdrew"}),
        ),
        "aftercare": _case(
            (1, _DECIDED),
            (2, _CONFIRMED),
            (3, {"act": "record_evaluation", "speed": 3, "actor": _LEAD}),
            (4, {"act": "answer_evaluation", "text": "Terima kasih."}),
            (8 * _DAY, {"message": "survey_answered", "outcome": 4, "handling": 5}),
            (9 * _DAY, {"act": "record_survey", "how": "telepon", "effort": 3}),
            (16 * _DAY, {"message": "complainant_replied", "text": "Rusak lagi."}),
            (17 * _DAY, {"act": "decline_reopening", "reason": "Di luar garansi."}),
            (18 * _DAY, {"message": "complainant_replied", "text": "Ini buktinya."}),
            (19 * _DAY, {"act": "reopen", "reason": "new_facts", "text": "Bukti baru."}),
            (20 * _DAY, {"message": "complainant_withdrew"}),
            world=World(surveying=Surveying.ASKED),
            slow={"archive": 5 * _DAY * _HOUR},
        ),
        "no survey": _case((1, _DECIDED), (2, _CONFIRMED), world=World(surveying=Surveying.QUIET_PERIOD)),
        "no more surveys": _case(
            (1, _DECIDED),
            (2, _CONFIRMED),
            (3, {"message": "survey_answered", "stop": True, "text": "Cukup."}),
            (4, {"message": "survey_answered", "solved": False}),
            (5, {"act": "hold", "reason": "bank"}),
            (6, {"act": "resume"}),
            (7, _DEAR),
            (8, {"act": "decline", "reason": "mahal", "actor": _LEAD}),
            (9, _DEAR),
            (10, {"act": "approve", "actor": _LEAD}),
            (11, {"act": "transfer", "to": "andi", "note": "tolong"}),
        ),
        "nobody at work": _case(
            (1, _ASKED),
            (21 * _DAY, {"message": "complainant_withdrew"}),
            together=True,
            down=(12 * _DAY * _HOUR, 20 * _DAY * _HOUR),
        ),
        "records down": _case(
            (1, _DECIDED),
            (2, _CONFIRMED),
            refused={"carry_out": 3, "record": 1, "record_closure": 1},
            slow={"notify_complainant": 3 * _DAY * _HOUR},
        ),
        "each apart": _case(
            (1, _DECIDED),
            (2, {"message": "satisfaction_confirmed", "satisfied": False, "text": "Belum."}),
            (2.2, {"message": "complainant_replied", "text": "Nomor baru.", "details": {"customer_number": "4712"}}),
            (3, {"act": "record_withdrawal", "how": "telepon"}),
            refused={"carry_out": 3},
            slow={"record": 0.5 * _HOUR},
        ),
        "mail late": _case(
            (1, _ASKED),
            (2 * _DAY, {"message": "complainant_withdrew"}),
            refused={"carry_out": 2},
            slow={"notify_complainant": 1.5 * _DAY * _HOUR},
        ),
        "asked to cancel": _case((1, {"cancel": "mistaken"}), (2, {"message": "complainant_withdrew"})),
        "longer than its calendars": _case(
            (1, {"act": "respond", "text": "Kami periksa."}),
            (3 * _DAY, {"act": "note", "text": "Catatan."}),
            (4 * _DAY, {"message": "complainant_withdrew"}),
            pinned=_ending(plan("everything"), RECEIVED + timedelta(days=122)),
            world=World(calendars=plan("everything").calendars),
        ),
        "grown": _case(
            (1, {"act": "merge", "into": _OTHER}),
            (2, {"act": "respond", "text": "Kami periksa."}),
            (3, _DECIDED),
            (4, _CONFIRMED),
            grown_at=2 * _HOUR,
            slow={"merge": 30 * _HOUR},
            world=World(merge_problem="it is closed"),
        ),
    }
    told["mailbox"] = Story(
        MailboxInput(name="care@tuntas.example"),
        ((4_500.0, "cancel", {"reason": "left"}),),
        slow={"read_mailbox": 600.0},
        grown_at=2_400.0,
    )
    return told


def _case(*said: _Said, pinned: Plan | None = None, **more: Any) -> Story:
    """`said`: after how many hours, and what. What else is given is the story's, or the intake's."""
    person = {"name": "Sari", "email": "sari@example.co.id", "phone": "+628123456789", "language": "id"}
    intake = {
        "channel": "email", "key": "written", "text": "Barang rusak.", "category": "billing", "received_at": RECEIVED,
        "details": {"customer_number": "4711"}, "complainant": person | more.pop("complainant", {}),
    }  # fmt: skip
    intake |= {name: more.pop(name) for name in ("channel", "details") if name in more}
    start = StartComplaint(
        reference="TTS-1234567890123",
        salt="5a17",
        intake=Intake.model_validate(intake),
        plan=pinned or plan("everything"),
    )
    return Story(start, tuple(_events(said)), **more)


def _events(said: tuple[_Said, ...]) -> Iterator[tuple[float, str, dict[str, Any]]]:
    for index, (hours, given) in enumerate(said):
        match given:
            case {"act": act}:
                yield hours * _HOUR, f"update {act}", {"key": f"key-{index}", "actor": {"id": "budi"}, **given}
            case {"message": name, **fields}:
                yield hours * _HOUR, f"signal {name}", {"message_id": f"message-{index}", **fields}
            case {"signal": name, **fields}:
                yield hours * _HOUR, f"signal {name}", {"key": f"key-{index}", **fields}
            case {"cancel": reason}:
                yield hours * _HOUR, "cancel", {"reason": reason}


def _ending(given: Plan, at: datetime) -> Plan:
    """The plan with calendars that end then."""
    calendars = {name: calendar.model_copy(update={"until": at}) for name, calendar in given.calendars.items()}
    return Plan(rules=given.rules, texts=given.texts, texts_version=given.texts_version, calendars=calendars)


def _alike() -> Alike:
    return Alike(reference=_OTHER, similarity=0.7, same_complainant=True)
