import json
import time
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import commands.policy
from complaints.calendar import BusinessCalendar
from complaints.errors import BadPolicy, NotFound
from complaints.policy import Policy, Rules, TargetRule
from complaints.policy_checks import RULES, check
from complaints.vocabulary import Cause, Channel, ClosingReason, Form, Metric, OnDue, Renewal, Severity, Status
from policies import extend, inspect, load, packs, resolve
from policies.resolving import pinned

JUNE = datetime(2026, 6, 15, 3, tzinfo=UTC)
WORK = {Channel.PHONE, Channel.CHAT, Channel.SOCIAL, Channel.APP}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load("id.default")


def chosen(rules, channel="email", severity="moderate", category="billing") -> TargetRule:
    facts = load_facts(channel, severity, category)
    return next(rule for rule in rules if rule.when.matches(facts))


def load_facts(channel, severity, category):
    return Rules.model_construct().facts(Channel(channel), category, Severity(severity), Form.WRITTEN)


def problems(overrides, source="id.default") -> dict[str, str]:
    found = inspect(source, overrides)[1]
    assert all(problem.remedy for problem in found)
    return {problem.field: problem.problem for problem in found}


def pack(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"policy.yaml": "extends: id.default\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


class TestDefaultPolicy:
    """The numbers of the issue, one by one."""

    def test_every_pack_is_sound(self):
        assert {"demo", "en.default", "id.default"} < set(packs())
        for name in packs():
            assert inspect(name)[1] == [], name

    def test_the_office_works_mornings_and_afternoons_in_jakarta(self, policy):
        office = policy.calendars["office"]
        assert office.timezone == "Asia/Jakarta"
        assert office.hours == dict.fromkeys(
            ("mon", "tue", "wed", "thu", "fri"), (("08:00", "12:00"), ("13:00", "17:00"))
        )

    def test_the_office_closes_on_public_holidays_and_joint_leave(self, policy):
        closed = {day.date: day for day in policy.calendars["office"].closed_dates}
        assert closed[date(2026, 3, 20)].name == {
            "id": "Cuti Bersama Hari Raya Idul Fitri",
            "en": "Eid al-Fitr Joint Holiday",
        }
        assert date(2026, 8, 17) in closed
        assert sum(day.year == 2026 for day in closed) == 25
        assert {day.year for day in closed} == set(range(2014, 2029))

    def test_provisional_dates_are_marked(self, policy):
        closed = {day.date: day.provisional for day in policy.calendars["office"].closed_dates}
        assert closed[date(2027, 3, 10)]
        assert not closed[date(2027, 8, 17)]
        assert closed[date(2028, 4, 14)], "moves, and nothing of 2028 is decreed"
        assert not closed[date(2028, 12, 25)]

    def test_the_round_the_clock_calendar_is_always_open(self, policy):
        calendar = pinned("always", policy.calendars["always"], JUNE, JUNE + timedelta(days=9)).build()
        assert calendar.between(JUNE, JUNE + timedelta(days=7)) == timedelta(days=7)

    @pytest.mark.parametrize(
        ("channel", "severity", "target", "calendar"),
        [
            *(
                (c, s, "24 hours", None)
                for c in ("email", "form", "letter", "counter", "media")
                for s in ("minor", "major")
            ),
            *((c, s, "4 business hours", "office") for c in sorted(WORK) for s in ("minor", "moderate", "major")),
            *((c, "critical", "1 hours", None) for c in Channel),
        ],
    )
    def test_first_response(self, policy, channel, severity, target, calendar):
        rule = chosen(policy.clocks[Metric.FIRST_RESPONSE].targets, channel, severity)
        assert (rule.target, rule.calendar) == (target, calendar)

    @pytest.mark.parametrize(("severity", "days"), [("minor", 3), ("moderate", 7), ("major", 7), ("critical", 2)])
    def test_resolution(self, policy, severity, days):
        clock = policy.clocks[Metric.RESOLUTION]
        rule = chosen(clock.targets, severity=severity)
        assert (rule.target, rule.calendar) == (f"{days} working days", "office")
        assert clock.pauses == {Status.AWAITING_COMPLAINANT, Status.ON_HOLD}

    @pytest.mark.parametrize(
        ("metric", "target", "calendar", "on_due"),
        [
            (Metric.ACKNOWLEDGEMENT, "15 minutes", None, OnDue.BREACH),
            (Metric.NEXT_RESPONSE, "8 business hours", "office", OnDue.BREACH),
            (Metric.PROGRESS_UPDATE, "3 working days", "office", OnDue.SEND),
            (Metric.CLOSURE, "3 working days", "office", OnDue.BREACH),
            (Metric.CONFIRMATION, "3 days", None, OnDue.LAPSE),
            (Metric.INFORMATION, "10 working days", "office", OnDue.LAPSE),
            (Metric.HOLD, "10 working days", "office", OnDue.RETURN),
            (Metric.FOLLOW_UP, "7 days", None, OnDue.SEND),
            (Metric.ACTION, "2 working days", "office", OnDue.BREACH),
        ],
    )
    def test_targets_that_are_the_same_for_all(self, policy, metric, target, calendar, on_due):
        clock = policy.clocks[metric]
        for channel, severity in product(Channel, Severity):
            rule = clock.choose(load_facts(channel, severity, None))
            assert rule is not None
            assert (rule.target, rule.calendar, clock.on_due) == (target, calendar, on_due)

    def test_warnings_reminders_and_what_climbs(self, policy):
        warned = {Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION, Metric.CLOSURE, Metric.ACTION}
        assert {metric: c.warnings for metric, c in policy.clocks.items() if c.warnings} == dict.fromkeys(
            warned, (0.75,)
        )
        assert {metric for metric, c in policy.clocks.items() if c.climbs} == warned | {Metric.ACTION}
        assert policy.clocks[Metric.CONFIRMATION].reminders == ("1 days", "2 days")
        assert policy.clocks[Metric.INFORMATION].reminders == ("3 working days", "7 working days")
        assert policy.clocks[Metric.PROGRESS_UPDATE].pauses == {Status.AWAITING_COMPLAINANT}

    def test_limits(self, policy):
        assert (policy.hold.each, policy.hold.total) == (10, 20)
        assert (policy.disputes, policy.transfers) == (2, 2)
        assert (policy.on_dispute, policy.on_reopen) == (Renewal.RESTART, Renewal.RESTART)
        assert policy.default_severity is Severity.MODERATE
        assert policy.closure.root_cause_from is Severity.MAJOR
        assert policy.outside_bodies == ("BPSK", "LAPS SJK")

    def test_aftercare(self, policy):
        both = {ClosingReason.CONFIRMED, ClosingReason.UNCONFIRMED}
        assert (policy.aftercare.period.target, policy.aftercare.after) == ("14 days", both)
        assert policy.clocks[Metric.FOLLOW_UP].after == both

    def test_the_ladder(self, policy):
        ladder = policy.escalation
        assert [tier.name for tier in policy.tiers] == ["frontline", "specialist", "supervisor", "management"]
        assert [(rule.target, rule.calendar) for rule in ladder.climb] == [
            ("30 minutes", None),
            ("4 business hours", "office"),
        ]
        assert chosen(ladder.climb, severity="critical").target == "30 minutes"
        assert [(rule.target, rule.calendar) for rule in ladder.top_reminder] == [("1 working days", "office")]
        assert (ladder.entry[Severity.CRITICAL].tier, ladder.entry[Severity.CRITICAL].tell) == (
            "specialist",
            ("supervisor",),
        )
        assert set(ladder.entry) == {Severity.CRITICAL}
        assert ladder.reopening is not None
        assert (ladder.reopening.from_count, ladder.reopening.tier) == (2, "supervisor")
        assert set(ladder.causes) == set(Cause)
        assert policy.approver_tier == "supervisor"

    def test_categories_offer_their_solutions(self, policy):
        offered = {key: [s.name for s in category.solutions] for key, category in policy.categories.items()}
        assert list(offered) == [
            "defective_product", "poor_service", "wrong_delivery", "website_error", "billing", "privacy", "other",
        ]  # fmt: skip
        assert offered["defective_product"] == ["replacement", "repair", "refund"]
        assert offered["poor_service"] == ["apology", "compensation", "training"]
        assert offered["wrong_delivery"] == ["redelivery", "refund", "discount"]
        assert offered["website_error"] == ["repair", "replacement", "compensation"]
        for category in policy.categories.values():
            assert category.approval_from
            assert 4 <= len(category.procedure) <= 6

    def test_the_demo_is_the_default_in_seconds(self):
        demo = load("demo")
        for metric, clock in demo.clocks.items():
            assert all(rule.target.endswith("seconds") for rule in clock.targets), metric
        assert demo.undelivered.target.endswith("seconds")
        default = load("id.default").categories
        parcel = default["wrong_delivery"].model_copy(update={"needs": ("order_number",)})
        assert demo.categories == {**default, "wrong_delivery": parcel}
        assert demo.pack == "demo"


BAD = [
    ({"clocks": {"resolution": {"speed": 1}}}, "clocks.resolution.speed", "unknown key"),
    ({"colour": "red"}, "colour", "unknown key"),
    ({"clocks": {"resolutoin": {}}}, "clocks.resolutoin", "Input should be"),
    ({"tiers": [{"name": n, "team": n, "label": {"id": n, "en": n}} for n in ("a", "b", "a")]},
     "tiers.2.name", "cycle"),
    ({"clocks": {"closure": {"targets": [{"target": "3 working days"}]}}},
     "clocks.closure.targets.0.calendar", "none is named"),
    ({"clocks": {"closure": {"targets": [{"target": "3 business hours", "calendar": "night"}]}}},
     "clocks.closure.targets.0.calendar", "no calendar `night`"),
    ({"clocks": {"closure": {"targets": [{"target": "3 hours", "calendar": "office"}]}}},
     "clocks.closure.targets.0.calendar", "would not count"),
    ({"clocks": {"closure": {"targets": [{"target": "soon"}]}}}, "clocks.closure.targets.0.target", "not a target"),
    ({"clocks": {"hold": {"targets": [{"target": "3 hours"}]}}}, "clocks.hold.targets.0.calendar", "working days"),
    ({"calendars": {"office": {"hours": {d: [] for d in ("mon", "tue", "wed", "thu", "fri")}}}},
     "calendars.office.hours", "never open"),
    ({"calendars": {"office": {"hours": {"mon": [["8", "9"]]}}}}, "calendars.office.hours.mon", "interval"),
    ({"calendars": {"office": {"timezone": "Mars/Olympus"}}}, "calendars.office.timezone", "unknown"),
    ({"calendars": {"office": {"closed": [{"date": "2026-01-01", "name": {"id": "a", "en": "b"}}] * 2}}},
     "calendars.office.closed.1", "twice"),
    ({"calendars": {"office": {"closed": [{"date": "2026-01-01", "name": {"id": "a"}}]}}},
     "calendars.office.closed.0.name.en", "missing"),
    ({"tiers": [{"name": "frontline", "team": "a", "label": {"id": "a"}}]}, "tiers.0.label.en", "missing"),
    ({"categories": {"other": {"label": {"en": " "}}}}, "categories.other.label.en", "missing"),
    ({"clocks": {"resolution": {"pauses": ["investigation"]}}},
     "clocks.resolution.pauses", "`investigation` would be without"),
    ({"clocks": {"resolution": {"pauses": ["closed"]}}}, "clocks.resolution.pauses", "nobody is waited for"),
    ({"clocks": {"closure": {"pauses": ["on_hold"]}}}, "clocks.closure.pauses", "never pauses"),
    ({"aftercare": {"after": []}}, "aftercare.after", "`closed` would be without a due instant"),
    ({"aftercare": {"period": {"target": "2 days"}}}, "clocks.follow_up.targets.0.target", "later than aftercare"),
    ({"clocks": {"follow_up": {"after": ["withdrawn"]}}}, "clocks.follow_up.after", "archived before"),
    ({"aftercare": {"survey": {"after": ["withdrawn"]}}}, "aftercare.survey.after", "archived at once"),
    ({"aftercare": {"survey": {"quiet": "10 working days"}}}, "aftercare.survey.quiet", "elapsed time"),
    ({"aftercare": {"survey": {"returned": "ignore"}}}, "aftercare.survey.returned", "reopen"),
    ({"approver_tier": "board"}, "approver_tier", "no tier `board`"),
    ({"escalation": {"entry": {"critical": {"tier": "board"}}}}, "escalation.entry.critical.tier", "no tier `board`"),
    ({"escalation": {"reopening": {"tier": "board"}}}, "escalation.reopening.tier", "no tier `board`"),
    ({"escalation": {"causes": {"breach": {"tell": ["board"]}}}}, "escalation.causes.breach.tell.0", "no tier `board`"),
    ({"escalation": {"entry": {"huge": {"tier": "frontline"}}}}, "escalation.entry.huge", "Input should be"),
    ({"clocks": {"closure": {"targets": [{"when": {"category": ["taxes"]}, "target": "1 hour"}]}}},
     "clocks.closure.targets.0.when.category", "no category `taxes`"),
    ({"clocks": {"closure": {"targets": [{"when": {"severity": ["minor"]}, "target": "1 hour"}]}}},
     "clocks.closure.targets", "no rule applies"),
    ({"clocks": {"closure": {"targets": [{"target": "1 hour"}, {"target": "2 hours"}]}}},
     "clocks.closure.targets.1", "never reached"),
    ({"clocks": {"confirmation": {"reminders": ["2 days", "1 day"]}}}, "clocks.confirmation.reminders.0", "not before"),
    ({"clocks": {"confirmation": {"reminders": ["1 day", "3 days"]}}}, "clocks.confirmation.reminders.1", "the target"),
    ({"clocks": {"information": {"reminders": ["20 days"]}}}, "clocks.information.reminders.0", "the target"),
    ({"clocks": {"closure": {"reminders": ["1 day"]}}}, "clocks.closure.reminders", "does not wait"),
    ({"clocks": {"closure": {"warnings": [0.9, 0.5]}}}, "clocks.closure.warnings", "do not ascend"),
    ({"clocks": {"closure": {"warnings": [1.5]}}}, "clocks.closure.warnings.0", "less than 1"),
    ({"clocks": {"closure": {"on_due": "lapse"}}}, "clocks.closure.on_due", "does not fit"),
    ({"clocks": {"acknowledgement": {"climbs": True}}}, "clocks.acknowledgement.climbs", "never climbs"),
    ({"clocks": {"resolution": {"extension": {"by": "5 working days", "reasons": []}}}},
     "clocks.resolution.extension.reasons", "empty"),
    ({"clocks": {"closure": {"starts": "documents_complete"}}}, "clocks.closure.starts", "own occasion"),
    ({"hold": {"each": 30}}, "hold.each", "longer than"),
    ({"outage": {"after": "2 working days"}}, "outage.after", "not business time"),
    ({"outside_bodies": []}, "outside_bodies", "name none"),
    ({"currency": "rupiah"}, "currency", "no currency"),
    ({"timezone": "Mars/Olympus"}, "timezone", "unknown"),
    ({"texts": "nowhere"}, "texts", "no pack `nowhere`"),
    ({"languages": ["id", "French"]}, "languages.1", "is no language"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("overrides", "field", "problem"), BAD, ids=[f"{field}: {problem}" for _, field, problem in BAD]
)
def test_a_bad_policy_is_refused_with_place_and_remedy(overrides, field, problem):
    assert problem in problems(overrides)[field]
    with pytest.raises(BadPolicy) as caught:
        load("id.default", overrides)
    assert caught.value.exit_code == 2
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("metric", "status"),
    [
        ("resolution", "investigation"),
        ("information", "awaiting_complainant"),
        ("hold", "on_hold"),
        ("confirmation", "resolved"),
        ("closure", "closing"),
        ("acknowledgement", None),
        ("first_response", None),
        ("action", None),
    ],
)
def test_a_clock_that_a_status_depends_on_cannot_be_left_out(policy, metric, status):
    without = policy.model_copy(update={"clocks": {m: c for m, c in policy.clocks.items() if m != metric}})
    found = [problem.problem for problem in check(without)]
    assert any((f"`{status}`" if status else "missing") in problem for problem in found)


@pytest.mark.parametrize("metric", ["next_response", "progress_update", "follow_up"])
def test_some_clocks_may_be_left_out(policy, metric):
    assert check(policy.model_copy(update={"clocks": {m: c for m, c in policy.clocks.items() if m != metric}})) == []


def test_a_cause_without_a_rule_is_refused(policy):
    causes = {cause: rule for cause, rule in policy.escalation.causes.items() if cause is not Cause.DISPUTE}
    escalation = policy.escalation.model_copy(update={"causes": causes})
    assert [p.field for p in check(policy.model_copy(update={"escalation": escalation}))] == [
        "escalation.causes.dispute"
    ]


def test_every_rule_says_what_it_wants():
    assert all(rule.__doc__ for rule in RULES)


class TestLoading:
    def test_overrides_merge_by_key_and_replace_lists(self, policy):
        over = load("id.default", {"clocks": {"closure": {"warnings": [0.5], "targets": [{"target": "5 minutes"}]}}})
        assert over.clocks[Metric.CLOSURE].warnings == (0.5,)
        assert [rule.target for rule in over.clocks[Metric.CLOSURE].targets] == ["5 minutes"]
        assert over.clocks[Metric.CLOSURE].climbs
        assert over.clocks[Metric.RESOLUTION] == policy.clocks[Metric.RESOLUTION]
        assert over.version.startswith("1+"), "an overridden policy does not pass for the pack"
        assert load("id.default", {}).version == "1"

    def test_a_mapping_extends_a_pack(self):
        extended = load({"extends": "id.default", "transfers": 5})
        assert (extended.transfers, extended.disputes, extended.pack) == (5, 2, "id.default")

    def test_a_folder_and_a_file_extend_a_pack(self, tmp_path):
        folder = pack(
            tmp_path / "shop", **{"calendars/office.yaml": "version: two\nhours: {sat: [['08:00', 12:00]]}\n"}
        )
        shop = load(folder)
        assert (shop.pack, shop.calendars["office"].version) == ("shop", "two")
        assert shop.calendars["office"].hours["sat"] == (("08:00", "12:00"),)
        assert len(shop.calendars["office"].closed_dates) > 300
        (tmp_path / "plain.json").write_text(json.dumps({"extends": "id.default", "transfers": 7}))
        assert load(str(tmp_path / "plain.json")).transfers == 7

    def test_a_whole_policy_can_be_one_mapping(self, policy):
        raw = yaml.safe_load(yaml.safe_dump(policy.model_dump(mode="json")))
        assert load(raw) == policy

    def test_a_pack_that_extends_itself_is_refused(self, tmp_path):
        one, two = tmp_path / "one", tmp_path / "two"
        pack(one, **{"policy.yaml": f"extends: {two}\n"})
        pack(two, **{"policy.yaml": f"extends: {one}\n"})
        for source in (one, two):
            with pytest.raises(BadPolicy, match="extends itself"):
                load(source)

    def test_an_unknown_pack_is_not_found(self):
        with pytest.raises(NotFound) as caught:
            load("id.nowhere")
        assert "id.default" in caught.value.remedy
        with pytest.raises(BadPolicy, match="extends"):
            load({"extends": "id.nowhere"})

    @pytest.mark.parametrize(
        ("text", "place", "problem"),
        [
            ("version: [1\n", ":2:1", "did not find"),
            ("transfers: 1\nhold: {each: 1}\ntransfers: 2\n", ":3:1", "`transfers` is given twice"),
            ("? [a]\n: 1\n", ":1:3", "no plain word"),
            ("a: !!python/object:os.system {}\n", ":1:4", "could not determine a constructor"),
            ("- 1\n", "", "no mapping"),
            ("", "", "no mapping"),
            ("as_of: 2026-02-30\n", "", "out of range"),
        ],
    )
    def test_yaml_errors_name_file_and_line(self, tmp_path, text, place, problem):
        file = tmp_path / "bad.yaml"
        file.write_text(text)
        with pytest.raises(BadPolicy) as caught:
            load(file)
        assert problem in caught.value.problem
        assert caught.value.field == f"{file}{place}"

    def test_json_errors_name_file_and_line(self, tmp_path):
        file = tmp_path / "bad.json"
        for text, problem in (('{"a": 1,\n}', "double quotes"), ('{"a": 1, "a": 2}', "given twice")):
            file.write_text(text)
            with pytest.raises(BadPolicy, match=problem):
                load(file)

    def test_a_file_that_is_no_text_is_refused(self, tmp_path):
        file = tmp_path / "bad.yaml"
        file.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(BadPolicy, match="UTF-8"):
            load(file)

    def test_errors_do_not_repeat_values(self):
        with pytest.raises(BadPolicy) as caught:
            load("id.default", {"transfers": "Siti Rahayu"})
        assert "Siti" not in str(caught.value.as_dict())


class TestResolving:
    def test_equal_for_all_cases_of_a_month(self, policy):
        first = resolve(policy, datetime(2026, 6, 1, tzinfo=UTC))
        assert first is resolve(policy, datetime(2026, 6, 30, 23, 59, tzinfo=UTC))
        assert first is not resolve(policy, datetime(2026, 7, 1, tzinfo=UTC))
        assert first is resolve(load("id.default"), JUNE), "equal policies share plans"

    def test_pins_two_years(self, policy):
        plan = resolve(policy, JUNE)
        for calendar in plan.calendars.values():
            assert calendar.until >= JUNE + timedelta(days=731)
            assert calendar.offsets[0][0] <= JUNE - timedelta(days=60)
            assert list(calendar.closed) == sorted(calendar.closed)
            assert set(calendar.holidays) == set(calendar.closed)
        assert plan.rules.clocks == policy.clocks
        assert "2026-08-17" in plan.calendars["office"].closed
        assert "2015-08-17" not in plan.calendars["office"].closed

    @pytest.mark.parametrize("zone", ["Asia/Jakarta", "Europe/London", "America/New_York", "Australia/Lord_Howe"])
    def test_a_pinned_calendar_is_the_calendar_of_its_zone(self, policy, zone):
        source = policy.calendars["office"].model_copy(update={"timezone": zone})
        there = policy.model_copy(update={"calendars": {**policy.calendars, "office": source}})
        mine = resolve(there, JUNE).calendar("office")
        whole = BusinessCalendar(timezone=zone, hours=source.hours, closed=[day.date for day in source.closed_dates])
        assert mine is not None
        for step in range(0, 700, 13):
            at = JUNE + timedelta(days=step, minutes=37 * step)
            assert mine.is_open(at) == whole.is_open(at)
            assert mine.add(at, timedelta(hours=5)) == whole.add(at, timedelta(hours=5))
            assert mine.add_working_days(at, 3) == whole.add_working_days(at, 3)

    def test_a_hundred_thousand_cases_take_little_time(self, policy):
        resolve(policy, JUNE)
        start = time.perf_counter()
        for minute in range(100_000):
            resolve(policy, JUNE + timedelta(seconds=minute))
        assert time.perf_counter() - start < 2

    def test_a_naive_receipt_is_refused(self, policy):
        with pytest.raises(ValueError, match="naive"):
            resolve(policy, datetime(2026, 6, 1))  # noqa: DTZ001 - that is the point

    def test_calendars_can_be_extended(self, policy):
        since = resolve(policy, JUNE).until
        assert since is not None
        found = extend(policy, ("office",), since, since + timedelta(days=300))
        assert list(found) == ["office"]
        assert found["office"].until >= since + timedelta(days=300)
        assert found["office"].offsets[0][0] <= since
        with pytest.raises(BadPolicy, match=r"calendars\.night"):
            extend(policy, ("night",), since, since)


class TestCommand:
    def test_check_says_ok(self):
        result = CliRunner().invoke(commands.policy.app, ["check", "id.default"])
        assert (result.exit_code, result.stdout.split("\n")[0]) == (0, "ok")
        whole = CliRunner().invoke(commands.policy.app, ["check", "demo", "--json"])
        assert json.loads(whole.stdout)["pack"] == "demo"

    def test_check_says_everything_that_is_wrong(self, tmp_path):
        folder = pack(tmp_path / "p", **{"policy.yaml": "extends: id.default\napprover_tier: x\ncurrency: y\n"})
        result = CliRunner().invoke(commands.policy.app, ["check", str(folder)])
        assert isinstance(result.exception, BadPolicy)
        assert {result.exception.field, result.stderr.partition(":")[0]} == {"approver_tier", "currency"}

    def test_show_prints_what_load_can_read(self, policy):
        result = CliRunner().invoke(commands.policy.app, ["show", "id.default", "--whole"])
        assert load(yaml.safe_load(result.stdout)) == policy
