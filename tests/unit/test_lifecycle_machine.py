"""The lifecycle as a state machine: whatever people, time and the mail do to a case, these sentences stay true.

From DESIGN section 3, and what sections 4, 5 and 7 promise of every case:

 1. From receipt to closing an open case always has an owner and a next due instant; so has a closed one.
 2. Its status changes only along the committed table of transitions.
 3. The timeline has no gap, its hash chain is valid, and nothing in it ever changes.
 4. Nothing closes without a closure record, one for each closing, with every required part.
 5. Nothing closes for silence unless the question and every reminder were handed over.
 6. Tiers fall only by an agent's command.
 7. A case is raised at most once per instant, and at most one tier by an outage.
 8. Each warning and each breach happens exactly once; nothing of a paused clock fires.
 9. What was met late is breached, whoever looked; what is due and unmet is breached.
10. A message that comes again changes nothing.
11. A refusal changes nothing but for its entry (and the tier, at the limit of transfers).
12. Transfers stay within the policy's limit; a dispute of a final decision closes as deadlock; the first four closing
    reasons come from the complainant or a lapsed clock.
13. A case that went through JSON (continue-as-new) behaves like one that did not, and the same messages at the same
    instants give the same chain: the case is deterministic.
14. After everything due has been done, the next due instant lies ahead.
15. The view always validates, and every clock explains its due instant.
16. Every entry, changed clock and action reaches the read model exactly in order.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import policies
from complaints.errors import Refused
from complaints.lifecycle import ENTERED_FROM, TRANSITIONS, WORKING
from complaints.messages.commands import Actor
from complaints.messages.feedback import OwnerFound
from complaints.messages.intake import Complainant
from complaints.messages.merging import LetGo, TakeIn
from complaints.messages.signals import ComplainantReplied, FactReported
from complaints.messages.view import CaseView
from complaints.policy import Extension, Policy
from complaints.targets import Target
from complaints.timeline import GENESIS, chain_hash, detail_digest
from complaints.vocabulary import AGENT_CLOSING_REASONS, ClockState, Kind, OnDue, Severity, Status
from tests.unit.cases import MONDAY, Player, and_clock, with_clock, without_clock
from tests.unit.test_explain import explained_fully
from tests.unit.test_lifecycle import without_refusal

STEPS = {
    (row.source, target) for row in TRANSITIONS for target in (WORKING if row.to == ENTERED_FROM else (Status(row.to),))
}
LATEST = MONDAY + timedelta(days=500)  # well before the pinned calendars end


def policy() -> Policy:
    """The default policy, with a category that needs something, an extension, a reopening tier and a part for major."""
    base = with_clock(
        "resolution", extension=Extension(by=Target("3 working days"), reasons=("third_party",), at_most=2)
    )
    privacy = base.categories["privacy"].model_copy(update={"needs": ("proof",), "severity": Severity.MAJOR})
    return base.model_copy(update={"categories": {**base.categories, "privacy": privacy}})


POLICY = policy()


def others() -> list[str]:
    """Plans that a case may be re-planned to: longer and shorter targets, another office, fewer promises, and home."""
    longer = and_clock(POLICY, "resolution", "12 working days", "office", warnings=(0.5, 0.9))
    shorter = and_clock(POLICY, "first_response", "2 hours").model_copy(update={"version": "3"})
    shorter = and_clock(shorter, "resolution", "30 hours", pauses=frozenset())
    hours = dict.fromkeys(("mon", "tue", "wed", "thu"), (("10:00", "12:00"),))
    office = POLICY.calendars["office"].model_copy(update={"hours": hours, "version": "short"})
    elsewhere = POLICY.model_copy(update={"calendars": {**POLICY.calendars, "office": office}, "disputes": 1})
    fewer = without_clock(POLICY, "next_response", "progress_update", "follow_up")
    return [policies.resolve(one, MONDAY).packed for one in (longer, shorter, elsewhere, fewer, POLICY)]


KEYS = st.integers(0, 10**6)
AGENTS = st.sampled_from(["siti", "ani", "rina"])
COMMANDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "verify": st.just({}),
    "assess": st.fixed_dictionaries(
        {"severity": st.sampled_from(list(Severity)), "category": st.sampled_from(["billing", "privacy", "other"])}
    ),
    "assign": st.fixed_dictionaries({"to": st.sampled_from(["siti", "ani", "team:specialist"])}),
    "transfer": st.fixed_dictionaries(
        {"to": st.sampled_from(["siti", "ani", "team:supervisor"]), "note": st.just("n")}
    ),
    "respond": st.just({"text": "Kami cek"}),
    "send_update": st.just({"text": "Masih dikerjakan"}),
    "request_information": st.just({"text": "Mohon fotonya"}),
    "hold": st.fixed_dictionaries({"reason": st.just("bank")}),
    "resume": st.just({}),
    "escalate": st.just({"reason": "perlu"}),
    "de_escalate": st.just({"reason": "cukup"}),
    "note": st.just({"text": "catatan"}),
    "record_step": st.just({"step": "choose_solution"}),
    "decide": st.fixed_dictionaries(
        {
            "outcome": st.sampled_from(["upheld", "not_upheld"]),
            "reasons": st.just("begitu"),
            "remedies": st.sampled_from([[], [{"solution": "apology", "cost": 9_000_000}]]),
        }
    ),
    "approve": st.just({}),
    "decline": st.just({"reason": "mahal"}),
    "decline_reopening": st.just({"reason": "tidak ada fakta baru"}),
    "record_root_cause": st.just({"category": "process", "cause": "salah input"}),
    "record_evaluation": st.just({"speed": 3}),
    "answer_evaluation": st.just({"text": "begitu"}),
    "extend": st.just({"reason": "third_party"}),
    "add_action": st.fixed_dictionaries({"description": st.just("nota"), "within": st.sampled_from(["2 days", None])}),
    "complete_action": st.fixed_dictionaries({"action": st.integers(1, 3)}),
    "change_action": st.fixed_dictionaries(
        {
            "action": st.integers(1, 3),
            "reason": st.just("pindah"),
            "owner": st.just("ani"),
            "within": st.sampled_from(["1 days", None]),
        }
    ),
    "cancel_action": st.fixed_dictionaries({"action": st.integers(1, 3), "reason": st.just("tidak perlu")}),
    "record_reply": st.just({"text": "katanya", "how": "telepon"}),
    "record_confirmation": st.fixed_dictionaries(
        {"satisfied": st.booleans(), "how": st.just("telepon"), "action": st.sampled_from([None, None, 1, 2])}
    ),
    "amend": st.just({"email": "baru@example.co.id"}),
    "close": st.fixed_dictionaries(
        {"reason": st.sampled_from(["duplicate", "out_of_scope", "confirmed"]), "explanation": st.just("begitu")}
    ),
    "reopen": st.just({"reason": "new_facts", "text": "bukti baru"}),
    "merge": st.just({"into": "TTS-0000000000000"}),
    "unmerge": st.just({"reason": "ternyata beda"}),
    "replan": st.fixed_dictionaries(
        {"policy": st.just("x"), "reason": st.just("aturan"), "plan": st.sampled_from(others())}
    ),
}
CALLS = st.sampled_from(list(COMMANDS)).flatmap(lambda name: st.tuples(st.just(name), COMMANDS[name]))
COMMON = st.sampled_from(
    [
        "decide",
        "respond",
        "request_information",
        "record_root_cause",
        "hold",
        "resume",
        "reopen",
        "transfer",
        "assess",
        "replan",
    ]
)


class Lifecycle(RuleBasedStateMachine):
    """`player` is the case; `twin` gets the same messages at the same instants, and now and then goes through JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.checked = 0  # entries looked at so far
        self.status = Status.VERIFICATION  # a received case is in verification at once
        self.tier = 0
        self.hashes: list[str] = []
        self.again: Any = None
        self.recorded = 0

    @initialize(
        category=st.sampled_from(["billing", "billing", "privacy", None]),
        severity=st.sampled_from([None, *Severity]),
        channel=st.sampled_from(["email", "phone"]),
        address=st.sampled_from([{"email": "b@example.id"}, {"phone": "+628123456789"}, {}]),
        down=st.booleans(),
        late=st.sampled_from([0, 0, 3, 400]),
    )
    def receive(self, late: int, **intake: Any) -> None:
        address = intake.pop("address")
        made = [
            Player(policy=POLICY, now=MONDAY + timedelta(hours=late), complainant=address, **intake) for _ in range(2)
        ]
        self.player, self.twin = made

    def both(self, do: Any) -> Any:
        do(self.twin)
        return do(self.player)

    # people

    @rule(call=CALLS, by=AGENTS, lead=st.booleans())
    def act(self, call: tuple[str, dict[str, Any]], by: str, lead: bool) -> None:
        name, given = call
        payload = {key: value for key, value in given.items() if value is not None}
        before, tier = without_refusal(self.player), self.player.state.ladder.tier
        role = "lead" if lead else "agent"
        refused = self.both(lambda p: p.act(name, by=by, role=role, **payload)).refused
        assert refused is None or isinstance(refused, Refused)
        if refused is not None and self.player.state.ladder.tier == tier and name != "transfer":
            assert without_refusal(self.player) == before  # 11

    @rule(name=COMMON, data=st.data())
    def act_usefully(self, name: str, data: st.DataObject) -> None:
        self.act((name, data.draw(COMMANDS[name])), "siti", lead=True)

    def _is(self, *statuses: str) -> bool:
        return self.player.status in statuses

    @precondition(lambda self: self._is("verification", "assessment", "investigation"))
    @rule(outcome=st.sampled_from(["upheld", "not_upheld"]))
    def work(self, outcome: str) -> None:
        """The next step of the common path, so that cases get to their end."""
        command = {
            Status.VERIFICATION: ("verify", {}),
            Status.ASSESSMENT: ("assess", {"category": "billing"}),
            Status.INVESTIGATION: ("decide", {"outcome": outcome, "reasons": "begitu"}),
        }[self.player.status]
        self.act(command, "siti", lead=True)

    @precondition(lambda self: self._is("resolved", "closing"))
    @rule(satisfied=st.sampled_from([False, False, True]), number=KEYS)
    def answer(self, satisfied: bool, number: int) -> None:
        self.confirm(satisfied=satisfied, decision=None, number=number)

    @precondition(lambda self: self._is("resolved", "awaiting_complainant", "closed"))
    @rule()
    def say_nothing(self) -> None:
        self.both(lambda p: p.wait(timedelta(days=16)))

    @precondition(lambda self: self._is("resolved", "awaiting_complainant") and self.ahead())
    @rule(held=st.booleans(), lost=st.booleans())
    def say_nothing_while_reminders_are_late(self, held: bool, lost: bool) -> None:
        """The question is handed over; its reminders are held back for weeks, or lost."""
        self.both(lambda p: p.channel_up())
        self.player.down = self.twin.down = held
        self.both(lambda p: p.wait(timedelta(days=25)))
        self.both(lambda p: p.lose_held() if lost else p.channel_up())

    @precondition(lambda self: self._is("verification", "assessment", "investigation"))
    @rule()
    def send_round(self) -> None:
        """From one to the next to the next: past the limit it goes up instead."""
        for to in ("siti", "ani", "rina", "siti"):
            self.act(("transfer", {"to": to, "note": "bukan saya"}), "siti", lead=False)

    @rule(proof=st.booleans(), number=KEYS)
    def reply(self, proof: bool, number: int) -> None:
        self.both(lambda p: p.reply("ini", id=f"r{number}", **({"proof": "KTP"} if proof else {})))

    @rule(satisfied=st.booleans(), decision=st.sampled_from([None, None, None, 1, 9]), number=KEYS)
    def confirm(self, satisfied: bool, decision: int | None, number: int) -> None:
        state = self.player.state
        final = state.status is Status.RESOLVED and state.decisions[-1].final and decision is None
        repeated = f"message:s{number}" in state.seen
        self.both(lambda p: p.confirm(satisfied=satisfied, id=f"s{number}", decision=decision))
        if final and not satisfied and not repeated:
            assert self.player.state.closing_reason == "deadlock"  # 12

    @rule(satisfied=st.booleans(), action=st.integers(1, 4), number=KEYS)
    def say_of_a_promise(self, satisfied: bool, action: int, number: int) -> None:
        """Kept or not, asked or not: the answer to a promise never moves the case itself but back from a question."""
        status = self.player.status
        self.both(lambda p: p.confirm(satisfied=satisfied, id=f"p{number}", action=action))
        assert self.player.status == status or status in (Status.AWAITING_COMPLAINANT, Status.CLOSED)

    @rule(seldom=st.integers(0, 99))
    def withdraw(self, seldom: int) -> None:
        if seldom == 57:
            self.both(lambda p: p.withdraw())

    @rule()
    def outside(self) -> None:
        self.both(lambda p: p.report("delivered"))
        self.both(lambda p: p.garble())

    @rule(back=st.integers(1, 3))
    def bounce(self, back: int) -> None:
        """One of the last notices to the complainant comes back; from then on nothing waits for its answer."""
        told = [notice for notice in self.player.state.notices if notice.to == "complainant"][-back:]
        key = told[0].key
        self.both(lambda p: p.report("notice_bounced", details={"key": key, "status": "5.1.1"}))
        state = self.player.state
        if self._is("resolved") and state.decisions[-1].notice == key:
            assert not self.player.running("confirmation")  # 5
        if self._is("awaiting_complainant") and state.question.notice == key:
            assert not self.player.running("information")  # 5

    @rule(fact=st.sampled_from([("contact_proven", {"channel": "email", "by": "link"}), ("customer_checked", {})]))
    def prove(self, fact: tuple[str, dict[str, str]]) -> None:
        self.both(lambda p: p.report(fact[0], details=fact[1]))

    @rule(number=KEYS)
    def twice(self, number: int) -> None:
        self.both(lambda p: p.reply("sekali", id=f"t{number}"))
        before = self.player.state.model_dump_json()
        self.both(lambda p: p.reply("dua kali", id=f"t{number}"))
        assert self.player.state.model_dump_json() == before  # 10

    @rule()
    def found(self) -> None:
        if self.player.escalations:
            for p in (self.twin, self.player):
                p.carry_out(p.case.learn(OwnerFound(key=p.escalations[-1].key, owner="agent:ani"), p.now))

    # other cases

    @rule(agrees=st.sampled_from([True, False, None]))
    def others_answer(self, agrees: bool | None) -> None:
        for p in (self.twin, self.player):
            p.agrees = agrees
            while p.asked and agrees is not None:
                p.carry_out(p.answer(agreed=agrees))

    @rule(number=KEYS, mine=st.booleans())
    def takes_in(self, number: int, mine: bool) -> None:
        who = Complainant(email="budi@example.co.id" if mine else "lain@example.co.id")
        ask = TakeIn(key=f"x{number}", actor=Actor(id="ani"), reference=f"TTS-{number}", complainant=who, text="sama")
        was = self.player.status
        refused = [p.say(ask).refused for p in (self.twin, self.player)][1]
        assert refused is None or was in ("closing", "closed", "archived") or self.player.state.merging is not None
        self.both(lambda p: p.say(FactReported(message_id=f"f{number}", fact="delivered", via=f"TTS-{number}")))
        self.both(lambda p: p.say(ComplainantReplied(message_id=f"v{number}", text="susulan", via=f"TTS-{number}")))

    @rule(number=KEYS)
    def lets_go(self, number: int) -> None:
        self.both(lambda p: p.say(LetGo(key=f"g{number}", actor=Actor(id="ani"), reference=f"TTS-{number}")))

    # time

    def ahead(self) -> bool:
        return self.player.now < LATEST

    @precondition(ahead)
    @rule(minutes=st.sampled_from([1, 30, 60, 240, 600, 1440, 4320]))
    def wait(self, minutes: int) -> None:
        self.both(lambda p: p.wait(timedelta(minutes=minutes)))

    @precondition(ahead)
    @rule(inclusive=st.booleans())
    def to_the_next_due_instant(self, inclusive: bool) -> None:
        due = self.player.case.next_due()
        if due is not None and due < LATEST:
            self.both(lambda p: p.until(due) if inclusive else p.before(due))
            if not inclusive:
                metrics = ("first_response", "next_response")
                answered = [c for c in self.player.state.clocks if c.open and c.metric in metrics and c.due_at == due]
                answered = [c for c in answered if not c.breached]
                self.act(("respond", {"text": "tepat waktu"}), "siti", lead=False)
                assert not any(clock.breached for clock in answered), due  # 9: at the due instant is in time

    @precondition(ahead)
    @rule(hours=st.integers(1, 300))
    def outage(self, hours: int) -> None:
        raised = len(self.player.entries("escalated"))
        end = self.player.now + timedelta(hours=hours)
        due = self.player.case.next_due()
        self.both(lambda p: p.outage_until(end))
        late = [e for e in self.player.entries("escalated")[raised:] if e.acted_at - e.at > timedelta(minutes=5)]
        assert len(late) <= 1, due  # 7

    # the mail

    @rule(down=st.booleans())
    def channel(self, down: bool) -> None:
        if down:
            self.player.down = self.twin.down = True
        else:
            self.both(lambda p: p.channel_up())

    @rule()
    def lose(self) -> None:
        self.both(lambda p: p.lose_held())

    @rule()
    def continue_as_new(self) -> None:
        self.twin.restore()

    @rule()
    def record(self) -> None:
        batch = self.player.case.unrecorded(self.player.now)
        twin = self.twin.case.unrecorded(self.twin.now)
        assert batch == twin
        if batch is None:
            assert self.recorded == len(self.player.state.timeline)
            return
        assert [e.sequence for e in batch.entries] == list(range(self.recorded + 1, batch.through + 1))  # 16
        self.recorded = batch.through
        for p in (self.player, self.twin):
            p.case.recorded(batch.through)

    # the sentences

    @invariant()
    def nobody_is_ignored(self) -> None:
        case, state = self.player.case, self.player.state
        assert state.owner.startswith(("agent:", "team:"))
        due = case.next_due()
        if state.status is Status.ARCHIVED:
            assert due is None
            return
        assert due is not None, state.status  # 1
        assert due > self.player.now  # 14

    @invariant()
    def every_new_entry_is_in_order(self) -> None:
        state = self.player.state
        assert [e.hash for e in state.timeline[: self.checked]] == self.hashes  # 3
        fell = False
        for entry in state.timeline[self.checked :]:
            self._chained(entry)
            fell = fell or entry.kind is Kind.DE_ESCALATED
            if (status := entry.detail.get("status")) is not None and status != self.status:
                assert (self.status, Status(status)) in STEPS, (self.status, status, entry.kind)  # 2
                self.status = Status(status)
        assert state.status is self.status
        assert state.ladder.tier >= self.tier or fell  # 6
        self.tier, self.checked = state.ladder.tier, len(state.timeline)

    def _chained(self, entry: Any) -> None:
        state = self.player.state
        assert entry.sequence == len(self.hashes) + 1
        assert entry.previous == (self.hashes[-1] if self.hashes else GENESIS)
        assert entry.digest == detail_digest(entry.salt, entry.detail, entry.words)
        assert entry.at <= entry.acted_at <= self.player.now
        self.hashes.append(
            chain_hash(
                reference=state.reference, sequence=entry.sequence, at=entry.at, kind=entry.kind, actor=entry.actor,
                digest=entry.digest, previous=entry.previous,
            )
        )  # fmt: skip
        assert entry.hash == self.hashes[-1]

    @invariant()
    def nothing_closes_without_its_record(self) -> None:
        state = self.player.state
        done = state.status in (Status.CLOSED, Status.ARCHIVED)
        assert len(state.closures) == state.reopenings + done  # 4
        if done:
            assert self.player.case.missing_parts() == ()
            assert state.closures[-1].reason == state.closing_reason

    @invariant()
    def silence_counts_only_if_heard(self) -> None:
        state = self.player.state
        handed = {n.key for n in state.notices if n.handed_over_at is not None} | {"superseded"}
        for clock in state.clocks:
            if clock.state is ClockState.LAPSED:
                assert all(r.key in handed for r in clock.reminders)  # 5
        if state.closing_reason == "unconfirmed":
            assert state.silence
            assert state.decisions[-1].notice in handed
        assert state.closing_reason not in (None, *AGENT_CLOSING_REASONS) or not state.silence  # 12

    @invariant()
    def everything_happens_once(self) -> None:
        entries = self.player.entries("warned", "breached")
        marks = [(e.kind, e.detail["metric"], e.detail["occurrence"], e.detail.get("fraction")) for e in entries]
        assert len(set(marks)) == len(marks)  # 8
        raised = [e.at for e in self.player.entries("escalated")]
        assert len(set(raised)) == len(raised)  # 7
        clocks = {(c.metric, c.occurrence): c for c in self.player.state.clocks}
        for entry in entries:
            clock = clocks[entry.detail["metric"], entry.detail["occurrence"]]
            if entry.detail.get("cause") is None:
                assert not any(a < entry.at < b for a, b in clock.spans(self.player.now))  # 8

    @invariant()
    def late_is_late(self) -> None:
        for clock in self.player.state.clocks:
            if clock.on_due is not OnDue.BREACH or clock.due_at is None:
                continue
            if (clock.ended_at or self.player.now) > clock.due_at:
                assert clock.breached, clock.key  # 9

    @invariant()
    def limits_hold(self) -> None:
        assert self.player.state.transfers <= POLICY.transfers  # 12

    @invariant()
    def both_are_the_same(self) -> None:
        one, two = self.player.state, self.twin.state
        assert one.timeline[-1].hash == two.timeline[-1].hash  # 13
        assert self.player.case.next_due() == self.twin.case.next_due()
        assert [d.key for d in self.player.duties if hasattr(d, "key")] == [
            d.key for d in self.twin.duties if hasattr(d, "key")
        ]

    @invariant()
    def it_can_be_seen(self) -> None:
        view = self.player.case.view(self.player.now)
        assert CaseView.model_validate_json(view.model_dump_json()) is not None  # 15
        assert all(a.sequence + 1 == b.sequence for a, b in pairwise(view.timeline))

    def teardown(self) -> None:
        if not hasattr(self, "player"):
            return
        explained_fully(self.player)  # 15
        self.player.restore()
        assert self.player.state.model_dump_json() == self.twin.state.model_dump_json()  # 13


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(
    max_examples=80, stateful_step_count=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
