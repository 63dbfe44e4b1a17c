"""BusinessCalendar: each sentence of DESIGN.md section 10, and properties against an oracle that goes by the minute."""

import copy
import pickle
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from complaints.calendar import WEEKDAYS, BusinessCalendar, CalendarError, NoOpenTime, offsets_for

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFICE = {name: [["08:00", "12:00"], ["13:00", "17:00"]] for name in ("mon", "tue", "wed", "thu", "fri")}
ALWAYS = {name: [["00:00", "24:00"]] for name in WEEKDAYS}


def at(text: str, zone: str = "Asia/Jakarta") -> datetime:
    """Return the instant of a wall time; the first of two, where the wall shows it twice."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(*intervals: list[str]) -> dict[str, list[list[str]]]:
    return {name: list(intervals) for name in WEEKDAYS}


@pytest.fixture
def office() -> BusinessCalendar:
    """Monday to Friday in Jakarta, eight hours with a lunch break; Wednesday 2026-03-18 is a holiday."""
    return BusinessCalendar(timezone="Asia/Jakarta", hours=OFFICE, closed=[date(2026, 3, 18)])


class TestOpen:
    @pytest.mark.parametrize(
        ("text", "is_open"),
        [
            ("2026-03-17T07:59:59.999999", False),
            ("2026-03-17T08:00", True),
            ("2026-03-17T11:59:59.999999", True),
            ("2026-03-17T12:00", False),
            ("2026-03-17T13:00", True),
            ("2026-03-17T17:00", False),
            ("2026-03-18T09:00", False),  # closed
            ("2026-03-21T09:00", False),  # Saturday: a missing weekday
        ],
    )
    def test_an_instant_is_open_if_its_wall_time_is_inside_a_half_open_interval(self, office, text, is_open):
        assert office.is_open(at(text)) is is_open

    def test_the_zone_of_the_instant_does_not_matter(self, office):
        instant = at("2026-03-17T08:00")
        assert office.is_open(instant.astimezone(UTC))
        assert office.is_open(instant.astimezone(ZoneInfo("America/New_York")))

    def test_an_interval_past_midnight_belongs_to_the_date_it_opens_on(self):
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours={"fri": [["22:00", "06:00"]]})
        assert calendar.is_open(at("2026-03-21T05:59"))  # Saturday morning is Friday's
        assert not calendar.is_open(at("2026-03-20T05:59"))  # Friday morning would be Thursday's
        assert calendar.is_working_day(date(2026, 3, 20))
        assert not calendar.is_working_day(date(2026, 3, 21))
        assert calendar.add_working_days(at("2026-03-18T09:00"), 1) == at("2026-03-21T06:00")

    def test_closing_a_date_takes_its_past_midnight_hours_and_leaves_those_of_the_date_before(self):
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours=daily(["22:00", "06:00"]), closed=["2026-03-20"])
        assert calendar.is_open(at("2026-03-20T05:00"))
        assert not calendar.is_open(at("2026-03-20T23:00"))
        assert not calendar.is_open(at("2026-03-21T05:00"))

    def test_twenty_four_hundred_ends_a_day(self):
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours={"mon": [["20:00", "24:00"]]})
        assert calendar.is_open(at("2026-03-16T23:59"))
        assert not calendar.is_open(at("2026-03-17T00:00"))
        same = BusinessCalendar(timezone="Asia/Jakarta", hours={"mon": [["20:00", "00:00"]]})
        assert same == calendar

    def test_special_replaces_the_weekday(self):
        calendar = BusinessCalendar(
            timezone="Asia/Jakarta",
            hours=OFFICE,
            special={date(2026, 3, 17): [["10:00", "11:00"]], "2026-03-21": [["09:00", "10:00"]]},
        )
        assert not calendar.is_open(at("2026-03-17T09:00"))
        assert calendar.is_open(at("2026-03-17T10:30"))
        assert calendar.is_open(at("2026-03-21T09:30"))

    def test_closed_beats_special(self):
        day = date(2026, 3, 17)
        calendar = BusinessCalendar(
            timezone="Asia/Jakarta", hours=OFFICE, closed=[day], special={day: [["10:00", "11:00"]]}
        )
        assert not calendar.is_open(at("2026-03-17T10:30"))
        assert not calendar.is_working_day(day)

    def test_an_empty_special_is_closed(self):
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours=OFFICE, special={"2026-03-17": []})
        assert calendar.add(at("2026-03-17T08:00"), timedelta()) == at("2026-03-18T08:00")
        assert calendar == BusinessCalendar(timezone="Asia/Jakarta", hours=OFFICE, closed=["2026-03-17"])


class TestAdd:
    def test_counts_open_time_only(self, office):
        assert office.add(at("2026-03-17T15:00"), 8 * HOUR) == at("2026-03-19T15:00")

    def test_ending_at_a_closing_is_that_closing(self, office):
        closing = office.add(at("2026-03-17T08:00"), 8 * HOUR)
        assert closing == at("2026-03-17T17:00")
        assert not office.is_open(closing)

    def test_nothing_from_a_closed_instant_is_the_next_opening(self, office):
        assert office.add(at("2026-03-17T12:00"), timedelta()) == at("2026-03-17T13:00")
        assert office.add(at("2026-03-17T17:00"), timedelta()) == at("2026-03-19T08:00")

    def test_nothing_from_an_open_instant_is_itself(self, office):
        for text in ("2026-03-17T08:00", "2026-03-17T11:59:59.999999"):
            assert office.add(at(text), timedelta()) == at(text)

    def test_from_a_closed_instant_counts_from_the_next_opening(self, office):
        assert office.add(at("2026-03-17T17:00"), HOUR) == at("2026-03-19T09:00")

    def test_touching_intervals_join(self):
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours={"mon": [["10:00", "12:00"], ["08:00", "10:00"]]})
        assert calendar == BusinessCalendar(timezone="Asia/Jakarta", hours={"mon": [["08:00", "12:00"]]})
        assert calendar.is_open(at("2026-03-16T10:00"))

    def test_days_that_touch_at_midnight_join(self):
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours=ALWAYS)
        start = at("2026-03-16T10:00")
        assert calendar.add(start, 1000 * DAY) == start + 1000 * DAY
        midnight = at("2026-03-17T00:00")
        assert calendar.is_open(midnight)
        assert list(calendar.open_intervals(start, start + 800 * DAY)) == [(start, start + 800 * DAY)]

    def test_microseconds_are_kept(self, office):
        odd = timedelta(microseconds=1_234_567)
        start = at("2026-03-17T16:59:59.999999")
        due = office.add(start, odd)
        assert due == at("2026-03-19T08:00") + odd - timedelta(microseconds=1)
        assert office.between(start, due) == odd

    def test_answers_are_in_utc(self, office):
        start = at("2026-03-17T15:00")
        for answer in (
            office.add(start, HOUR),
            office.add_working_days(start, 1),
            office.end_of_day(date(2026, 3, 17)),
        ):
            assert answer.tzinfo is UTC

    def test_across_many_years(self, office):
        start = at("2020-01-01T00:00")
        budget = office.between(start, at("2030-01-01T00:00"))
        assert office.add(start, budget) == at("2029-12-31T17:00")


class TestBetween:
    def test_counts_open_time_only(self, office):
        assert office.between(at("2026-03-17T15:00"), at("2026-03-19T10:00")) == 4 * HOUR

    def test_is_zero_when_the_end_is_not_after_the_start(self, office):
        start = at("2026-03-17T09:00")
        assert office.between(start, start) == timedelta()
        assert office.between(start, start - HOUR) == timedelta()

    def test_a_calendar_never_open_measures_zero(self):
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours={})
        assert calendar.between(at("2026-01-01T00:00"), at("2028-01-01T00:00")) == timedelta()
        assert not calendar.is_open(at("2026-01-01T00:00"))


class TestWorkingDays:
    @pytest.mark.parametrize("start", ["2026-03-17T07:00", "2026-03-17T09:00", "2026-03-17T23:59"])
    def test_the_day_of_start_is_not_counted(self, office, start):
        assert office.add_working_days(at(start), 1) == at("2026-03-19T17:00")

    def test_a_day_of_start_that_is_no_working_day_is_not_counted_either(self, office):
        assert office.add_working_days(at("2026-03-21T09:00"), 1) == at("2026-03-23T17:00")

    def test_the_day_of_start_is_the_local_one(self, office):
        assert office.add_working_days(utc("2026-03-19T18:00"), 1) == at(
            "2026-03-23T17:00"
        )  # already Friday in Jakarta

    def test_holidays_weekends_and_special_days(self):
        calendar = BusinessCalendar(
            timezone="Asia/Jakarta", hours=OFFICE, closed=["2026-03-18"], special={"2026-03-21": [["09:00", "11:00"]]}
        )
        assert calendar.add_working_days(at("2026-03-17T09:00"), 3) == at("2026-03-21T11:00")
        assert calendar.add_working_days(at("2026-03-17T09:00"), 4) == at("2026-03-23T17:00")

    def test_indonesian_spring_of_2026(self):
        """Ten working days from 17 March 2026: 8 April, the collective leave counted as closed (notes/standards)."""
        closed = [
            "2026-03-18",
            "2026-03-19",
            "2026-03-20",
            "2026-03-21",
            "2026-03-22",
            "2026-03-23",
            "2026-03-24",
            "2026-04-03",
        ]
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours=OFFICE, closed=closed)
        assert calendar.add_working_days(at("2026-03-17T15:00"), 10) == at("2026-04-08T17:00")

    def test_breaks_are_ignored(self, office):
        start = at("2026-03-17T09:00")
        paused = office.with_breaks([(at("2026-03-19T00:00"), at("2026-03-20T00:00"))])
        assert paused.add_working_days(start, 1) == office.add_working_days(start, 1)
        assert paused.is_working_day(date(2026, 3, 19))

    def test_a_day_open_round_the_clock_closes_at_twenty_four_hundred(self):
        calendar = BusinessCalendar(timezone="Europe/London", hours=ALWAYS)
        assert calendar.add_working_days(at("2026-03-28T12:00", "Europe/London"), 1) == utc("2026-03-29T23:00")

    def test_a_date_the_zone_skipped_is_no_working_day(self):
        calendar = BusinessCalendar(timezone="Pacific/Apia", hours=ALWAYS)
        assert not calendar.is_working_day(date(2011, 12, 30))
        assert calendar.add_working_days(utc("2011-12-29T12:00"), 2) == utc("2012-01-01T10:00")  # 31 December, 24:00

    def test_a_date_whose_hours_lie_in_the_gap_is_no_working_day(self):
        calendar = BusinessCalendar(timezone="Europe/London", hours={"sun": [["01:15", "01:45"]]})
        assert not calendar.is_working_day("2026-03-29")
        assert calendar.is_working_day("2026-03-22")


class TestDaylightSaving:
    def test_a_gap_opens_at_its_end(self):
        calendar = BusinessCalendar(timezone="Europe/London", hours=daily(["01:30", "04:00"]))
        opening = calendar.add(at("2026-03-29T00:00", "Europe/London"), timedelta())
        assert opening == utc("2026-03-29T01:00")  # 02:00 by the wall, where the clocks went forward
        assert calendar.add(opening, 2 * HOUR) == at("2026-03-29T04:00", "Europe/London")

    def test_a_gap_inside_an_interval_takes_no_time(self):
        calendar = BusinessCalendar(timezone="Europe/London", hours=daily(["00:00", "06:00"]))
        assert calendar.add(at("2026-03-29T00:00", "Europe/London"), 3 * HOUR) == at(
            "2026-03-29T04:00", "Europe/London"
        )

    def test_an_interval_ending_in_the_gap_closes_where_the_gap_begins(self):
        calendar = BusinessCalendar(timezone="Europe/London", hours=daily(["00:00", "01:30"]))
        assert calendar.add_working_days(utc("2026-03-28T12:00"), 1) == utc("2026-03-29T01:00")

    def test_a_repeated_hour_inside_an_interval_counts_twice(self):
        calendar = BusinessCalendar(timezone="Europe/London", hours=daily(["00:00", "06:00"]))
        assert calendar.add(at("2026-10-25T00:00", "Europe/London"), 3 * HOUR) == utc("2026-10-25T02:00")

    def test_an_interval_ending_in_the_repeated_hour_opens_twice(self):
        calendar = BusinessCalendar(timezone="Europe/London", hours=daily(["00:00", "01:30"]))
        start, end = utc("2026-10-24T22:00"), utc("2026-10-25T04:00")
        assert list(calendar.open_intervals(start, end)) == [
            (utc("2026-10-24T23:00"), utc("2026-10-25T00:30")),
            (utc("2026-10-25T01:00"), utc("2026-10-25T01:30")),
        ]
        assert calendar.add_working_days(utc("2026-10-24T12:00"), 1) == utc("2026-10-25T01:30")

    def test_an_interval_starting_in_the_repeated_hour_opens_twice(self):
        calendar = BusinessCalendar(timezone="Europe/London", hours=daily(["01:30", "03:00"]))
        assert list(calendar.open_intervals(utc("2026-10-24T22:00"), utc("2026-10-25T12:00"))) == [
            (utc("2026-10-25T00:30"), utc("2026-10-25T01:00")),
            (utc("2026-10-25T01:30"), utc("2026-10-25T03:00")),
        ]

    def test_half_an_hour_on_lord_howe(self):
        calendar = BusinessCalendar(timezone="Australia/Lord_Howe", hours=daily(["00:00", "06:00"]))
        assert calendar.between(utc("2026-04-04T12:00"), utc("2026-04-05T12:00")) == 6.5 * HOUR
        assert calendar.between(utc("2026-10-03T12:00"), utc("2026-10-04T12:00")) == 5.5 * HOUR


class TestBreaks:
    def test_a_break_moves_the_due_instant_by_its_open_time(self, office):
        start = at("2026-03-17T09:00")
        paused = office.with_breaks([(at("2026-03-17T11:00"), at("2026-03-17T14:00"))])
        assert paused.add(start, 3 * HOUR) == at("2026-03-17T15:00")
        assert paused.between(start, at("2026-03-17T15:00")) == 3 * HOUR

    def test_a_break_is_half_open(self, office):
        paused = office.with_breaks([(at("2026-03-17T09:00"), at("2026-03-17T10:00"))])
        assert not paused.is_open(at("2026-03-17T09:00"))
        assert paused.is_open(at("2026-03-17T10:00"))

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ("2026-03-17T08:00", "2026-03-17T09:00"),  # before the start
            ("2026-03-17T12:00", "2026-03-17T13:00"),  # outside business hours
            ("2026-03-17T14:00", "2026-03-17T16:00"),  # from the due instant on
            ("2026-03-17T10:00", "2026-03-17T10:00"),  # of no length
        ],
    )
    def test_a_break_elsewhere_moves_nothing(self, office, start, end):
        paused = office.with_breaks([(at(start), at(end))])
        assert paused.add(at("2026-03-17T09:00"), 4 * HOUR) == at("2026-03-17T14:00")

    def test_a_break_may_push_the_due_instant_into_another_break(self, office):
        paused = office.with_breaks(
            [(at("2026-03-17T16:00"), at("2026-03-19T09:00")), (at("2026-03-17T10:00"), at("2026-03-17T11:00"))]
        )
        assert paused.add(at("2026-03-17T09:00"), 6 * HOUR) == at("2026-03-19T10:00")

    def test_nothing_within_a_break_is_the_next_opening_after_it(self, office):
        paused = office.with_breaks([(at("2026-03-17T09:00"), at("2026-03-17T12:30"))])
        assert paused.add(at("2026-03-17T09:30"), timedelta()) == at("2026-03-17T13:00")

    def test_ending_where_a_break_begins_is_there(self, office):
        paused = office.with_breaks([(at("2026-03-17T10:00"), at("2026-03-17T11:00"))])
        assert paused.add(at("2026-03-17T09:00"), HOUR) == at("2026-03-17T10:00")

    def test_breaks_add_up_and_overlapping_ones_count_once(self, office):
        one = (at("2026-03-17T09:00"), at("2026-03-17T11:00"))
        two = (at("2026-03-17T10:00"), at("2026-03-17T11:30"))
        assert office.with_breaks([one]).with_breaks([two]) == office.with_breaks([two, one])
        assert office.with_breaks([one, two]).between(at("2026-03-17T08:00"), at("2026-03-17T12:00")) == 1.5 * HOUR
        assert office.between(at("2026-03-17T08:00"), at("2026-03-17T12:00")) == 4 * HOUR  # the original is untouched

    def test_open_intervals_leave_breaks_out(self, office):
        paused = office.with_breaks([(at("2026-03-17T09:00"), at("2026-03-17T10:00"))])
        assert list(paused.open_intervals(at("2026-03-17T08:30"), at("2026-03-17T12:30"))) == [
            (at("2026-03-17T08:30"), at("2026-03-17T09:00")),
            (at("2026-03-17T10:00"), at("2026-03-17T12:00")),
        ]

    def test_a_pause_of_more_than_a_year_does_not_exhaust_the_calendar(self, office):
        paused = office.with_breaks([(at("2026-03-17T09:00"), at("2028-03-15T09:00"))])
        assert paused.add(at("2026-03-17T08:00"), 2 * HOUR) == at("2028-03-15T10:00")


class TestNoOpenTime:
    def test_a_calendar_never_open_raises(self):
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours={})
        for ask in (
            lambda: calendar.add(at("2026-01-01T00:00"), timedelta()),
            lambda: calendar.add_working_days(at("2026-01-01T00:00"), 1),
        ):
            with pytest.raises(NoOpenTime, match="no open time within 366 days"):
                ask()

    @pytest.mark.parametrize(("days", "raises"), [(366, False), (367, True)])
    def test_the_next_open_time_may_be_a_year_away_and_no_more(self, days, raises):
        for first in (date(2025, 1, 1), date(2026, 5, 5), date(2027, 11, 30)):
            special = {first: [["00:00", "24:00"]], first + days * DAY: [["00:00", "24:00"]]}
            calendar = BusinessCalendar(timezone="UTC", hours={}, special=special)
            start = datetime(first.year, first.month, first.day, tzinfo=UTC)
            assert calendar.add(start, DAY) == start + DAY
            wanted = [(lambda s=start, c=calendar: c.add_working_days(s, 1), start + (days + 1) * DAY)]
            # The day closes where the next begins, so by the clock it is one day less.
            needed = start if days == 366 else start - HOUR
            late = BusinessCalendar(timezone="UTC", hours={}, special={first + days * DAY: [["00:00", "24:00"]]})
            wanted.append((lambda s=needed, c=late: c.add(s, HOUR), start + days * DAY + HOUR))
            for ask, answer in wanted:
                if raises:
                    with pytest.raises(NoOpenTime):
                        ask()
                else:
                    assert ask() == answer

    def test_time_that_is_not_needed_is_not_missed(self):
        calendar = BusinessCalendar(timezone="UTC", hours={}, special={"2026-05-05": [["08:00", "10:00"]]})
        assert calendar.add(utc("2026-05-05T08:00"), 2 * HOUR) == utc("2026-05-05T10:00")
        with pytest.raises(NoOpenTime):
            calendar.add(utc("2026-05-05T08:00"), 2 * HOUR + timedelta(microseconds=1))

    def test_a_duration_beyond_the_year_9999_is_refused(self):
        calendar = BusinessCalendar(offsets=[[utc("2026-01-01"), 0]], hours={"mon": [["00:00", "00:01"]]})
        with pytest.raises(ValueError, match="shorter duration"):
            calendar.add(utc("9990-01-01"), 10_000 * HOUR)


class TestRefusals:
    def test_naive_instants(self, office):
        naive, aware = datetime.fromisoformat("2026-03-17T09:00"), at("2026-03-17T09:00")
        for ask in (
            lambda: office.add(naive, HOUR),
            lambda: office.between(naive, aware),
            lambda: office.between(aware, naive),
            lambda: office.add_working_days(naive, 1),
            lambda: office.is_open(naive),
            lambda: office.with_breaks([(naive, aware)]),
            lambda: office.with_breaks([(aware, naive)]),
            lambda: office.local(naive),
            lambda: office.open_intervals(naive, aware),
            lambda: offsets_for("UTC", naive, aware),
        ):
            with pytest.raises(ValueError, match=r"not an aware datetime; give a datetime with a tzinfo"):
                ask()

    def test_negative_durations(self, office):
        with pytest.raises(ValueError, match=r"^duration: .* is negative; give zero or more"):
            office.add(at("2026-03-17T09:00"), -timedelta(microseconds=1))

    @pytest.mark.parametrize("n", [0, -1, 1.5])
    def test_fewer_than_one_working_day(self, office, n):
        with pytest.raises(ValueError, match=r"^n: .*; give a whole number from 1"):
            office.add_working_days(at("2026-03-17T09:00"), n)

    def test_a_break_that_ends_before_it_starts(self, office):
        with pytest.raises(ValueError, match=r"^breaks: "):
            office.with_breaks([(at("2026-03-17T09:00"), at("2026-03-17T08:00"))])

    @pytest.mark.parametrize(
        ("hours", "field"),
        [
            ({"monday": [["08:00", "17:00"]]}, "hours"),
            ({"mon": [["8:00", "17:00"]]}, "hours.mon"),
            ({"mon": [["08:00", "24:01"]]}, "hours.mon"),
            ({"mon": [["08:60", "17:00"]]}, "hours.mon"),
            ({"mon": [["24:00", "17:00"]]}, "hours.mon"),
            ({"mon": [["08:00", "08:00"]]}, "hours.mon"),
            ({"mon": [["00:00", "00:00"]]}, "hours.mon"),
            ({"mon": [["08:00"]]}, "hours.mon"),
            ({"mon": [["08:00 17:00"]]}, "hours.mon"),
            ({"mon": ["08:00", "17:00"]}, "hours.mon"),
            ({"mon": [8, 17]}, "hours.mon"),
            ({"mon": "08:00-17:00"}, "hours.mon"),
            ({"mon": None}, "hours.mon"),
            ({"mon": [["08:00", "12:00"], ["11:59", "17:00"]]}, "hours.mon"),
            ({"mon": [["08:00", "17:00"], ["09:00", "10:00"]]}, "hours.mon"),
            ({"mon": [["22:00", "06:00"], ["23:00", "24:00"]]}, "hours.mon"),
            ({"mon": [["22:00", "06:00"]], "tue": [["05:59", "12:00"]]}, "hours.mon"),
            ({"sun": [["22:00", "06:00"]], "mon": [["05:59", "12:00"]]}, "hours.sun"),
        ],
    )
    def test_hours_that_cannot_be_meant(self, hours, field):
        with pytest.raises(CalendarError) as refused:
            BusinessCalendar(timezone="Asia/Jakarta", hours=hours)
        assert refused.value.field == field
        assert refused.value.problem in str(refused.value)
        assert str(refused.value).endswith(refused.value.remedy)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({}, "timezone"),
            ({"timezone": "UTC", "offsets": [[utc("2026-01-01"), 0]]}, "timezone"),
            ({"timezone": "Asia/Atlantis"}, "timezone"),
            ({"timezone": "../etc"}, "timezone"),
            ({"timezone": ""}, "timezone"),
            ({"offsets": []}, "offsets"),
            ({"offsets": [["2026-01-01T00:00:00", 0]]}, "offsets"),
            ({"offsets": [["yesterday", 0]]}, "offsets"),
            ({"offsets": [[utc("2026-01-01"), 86_400]]}, "offsets"),
            ({"offsets": [[utc("2026-01-01"), 0.5]]}, "offsets"),
            ({"offsets": [[utc("2026-01-02"), 0], [utc("2026-01-01"), 3600]]}, "offsets"),
            ({"timezone": "UTC", "closed": ["01/02/2026"]}, "closed"),
            ({"timezone": "UTC", "closed": [utc("2026-01-01")]}, "closed"),
            ({"timezone": "UTC", "closed": [20260101]}, "closed"),
            ({"timezone": "UTC", "special": {"tomorrow": []}}, "special"),
            ({"timezone": "UTC", "special": {"2026-01-01": [["10:00", "9:00"]]}}, "special.2026-01-01"),
            (
                {"timezone": "UTC", "special": {"2026-01-01": [["08:00", "12:00"], ["11:00", "13:00"]]}},
                "special.2026-01-01",
            ),
            ({"timezone": "UTC", "special": {"2026-01-01": [], date(2026, 1, 1): [["08:00", "12:00"]]}}, "special"),
            ({"timezone": "UTC", "until": "soon"}, "until"),
        ],
    )
    def test_other_arguments_that_cannot_be_meant(self, given, field):
        with pytest.raises(CalendarError) as refused:
            BusinessCalendar(hours=OFFICE, **given)
        assert refused.value.field == field
        assert refused.value.remedy

    def test_dates_that_differ_from_the_week_may_overlap_it(self):
        """A special date beside a night shift is one thing to plan and another to refuse a calendar for: they unite."""
        calendar = BusinessCalendar(
            timezone="Asia/Jakarta", hours={"mon": [["22:00", "06:00"]]}, special={"2026-03-17": [["05:00", "12:00"]]}
        )
        assert calendar.between(at("2026-03-16T00:00"), at("2026-03-18T00:00")) == 14 * HOUR


class TestValue:
    def test_equal_by_content(self):
        closed = [date(2026, 3, 18), date(2026, 1, 1)]
        one = BusinessCalendar(timezone="Asia/Jakarta", hours=OFFICE, closed=closed)
        other = BusinessCalendar(
            timezone="Asia/Jakarta",
            hours={**{name: tuple(map(tuple, reversed(raw))) for name, raw in OFFICE.items()}, "sun": []},
            closed=["2026-01-01", "2026-03-18"],
            special={},
        )
        assert one == other
        assert hash(one) == hash(other)
        assert len({one, other, one.with_breaks([])}) == 1

    def test_any_difference_makes_another_value(self, office):
        break_ = (at("2026-03-17T09:00"), at("2026-03-17T10:00"))
        pinned = [[utc("2026-01-01"), 25_200]]
        values = {
            office,
            office.with_breaks([break_]),
            BusinessCalendar(timezone="Asia/Jakarta", hours=OFFICE),
            BusinessCalendar(timezone="Asia/Makassar", hours=OFFICE),
            BusinessCalendar(timezone="Asia/Jakarta", hours=OFFICE, special={"2026-03-18": [["08:00", "09:00"]]}),
            BusinessCalendar(offsets=pinned, hours=OFFICE),
            BusinessCalendar(offsets=pinned, hours=OFFICE, until="2028-01-01T00:00:00Z"),
        }
        assert len(values) == 7
        assert office != "office"

    def test_it_cannot_be_changed(self, office):
        for name in ("timezone", "until", "_breaks", "_value"):
            with pytest.raises((AttributeError, TypeError)):
                setattr(office, name, None)

    def test_what_it_was_made_from_may_change_afterwards(self):
        hours = {"mon": [["08:00", "17:00"]]}
        calendar = BusinessCalendar(timezone="Asia/Jakarta", hours=hours)
        hours["mon"].clear()
        assert calendar.is_open(at("2026-03-16T09:00"))

    def test_copies_and_pickles_are_equal(self, office):
        paused = office.with_breaks([(at("2026-03-17T09:00"), at("2026-03-17T10:00"))])
        for twin in (copy.copy(paused), copy.deepcopy(paused), pickle.loads(pickle.dumps(paused))):  # noqa: S301
            assert twin == paused
            assert twin.add(at("2026-03-17T08:00"), 2 * HOUR) == at("2026-03-17T11:00")


class TestPinned:
    def test_offsets_list_what_is_in_force_and_each_change(self):
        assert offsets_for("Europe/London", utc("2026-01-01"), utc("2027-01-01")) == [
            (utc("2026-01-01"), 0),
            (utc("2026-03-29T01:00"), 3600),
            (utc("2026-10-25T01:00"), 0),
        ]

    def test_a_change_at_either_end_is_listed_once(self):
        change = utc("2026-03-29T01:00")
        assert offsets_for("Europe/London", change, change + DAY) == [(change, 3600)]
        assert offsets_for("Europe/London", change - DAY, change) == [(change - DAY, 0), (change, 3600)]
        second = timedelta(seconds=1)
        assert offsets_for("Europe/London", change - DAY, change - second) == [(change - DAY, 0)]
        assert offsets_for("Europe/London", change, change) == [(change, 3600)]

    def test_until_before_from_is_refused(self):
        with pytest.raises(CalendarError, match=r"^until: "):
            offsets_for("Europe/London", utc("2026-01-02"), utc("2026-01-01"))

    @pytest.mark.parametrize(
        "zone",
        ["Africa/Casablanca", "Africa/Tripoli", "America/Sao_Paulo", "Asia/Pyongyang", "Pacific/Apia", "Asia/Gaza"],
    )
    def test_no_change_of_a_restless_zone_is_missed(self, zone):
        start, tz = utc("2005-01-01"), ZoneInfo(zone)
        found = offsets_for(zone, start, start + 4000 * DAY)
        for hours in range(0, 4000 * 24, 5):
            moment = start + hours * HOUR
            offset = found[bisect_right(found, moment, key=lambda entry: entry[0]) - 1][1]
            assert offset == moment.astimezone(tz).utcoffset().total_seconds()

    def test_pinned_calendars_need_no_zone_data(self, monkeypatch):
        def refuse(name: str) -> None:
            raise AssertionError(name)

        monkeypatch.setattr("complaints.hours.ZoneInfo", refuse)
        calendar = BusinessCalendar(offsets=[["2026-01-01T00:00:00Z", 25_200]], hours=OFFICE)
        start = utc("2026-03-17T01:00")
        assert calendar.add(start, 8 * HOUR) == utc("2026-03-17T10:00")
        assert calendar.add_working_days(start, 1) == utc("2026-03-18T10:00")
        assert calendar.end_of_day(date(2026, 3, 17)) == utc("2026-03-17T17:00")

    def test_it_takes_what_json_and_offsets_for_give(self):
        found = offsets_for("Europe/London", utc("2026-01-01"), utc("2028-01-01"))
        texts = [[instant.isoformat(), seconds] for instant, seconds in found]
        assert BusinessCalendar(offsets=found, hours=OFFICE) == BusinessCalendar(offsets=texts, hours=OFFICE)

    def test_the_first_and_last_offset_reach_on(self):
        calendar = BusinessCalendar(offsets=[[utc("2026-03-01"), 3600], [utc("2026-06-01"), 7200]], hours=OFFICE)
        assert calendar.local(utc("2020-01-01T00:00")) == datetime.fromisoformat("2020-01-01T01:00")
        assert calendar.local(utc("2040-01-01T00:00")) == datetime.fromisoformat("2040-01-01T02:00")
        assert calendar.add(utc("2020-01-01T00:00"), timedelta()) == utc("2020-01-01T07:00")

    def test_until_travels_with_the_value(self):
        calendar = BusinessCalendar(offsets=[[utc("2026-01-01"), 0]], hours=OFFICE, until="2028-01-01T00:00:00Z")
        assert calendar.with_breaks([]).until == utc("2028-01-01")
        assert BusinessCalendar(timezone="UTC", hours=OFFICE).until is None


class TestDates:
    def test_local_time_and_date(self, office):
        assert office.local(utc("2026-03-16T18:30")) == datetime.fromisoformat("2026-03-17T01:30")
        assert office.local_date(utc("2026-03-16T18:30")) == date(2026, 3, 17)

    @pytest.mark.parametrize(
        ("zone", "day", "end"),
        [
            ("Asia/Jakarta", "2026-03-17", "2026-03-17T17:00"),
            ("Europe/London", "2026-03-29", "2026-03-29T23:00"),
            ("America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00"),  # midnight is in the gap
            ("America/Sao_Paulo", "2018-02-17", "2018-02-18T03:00"),  # 23:00 to 24:00 comes twice
            ("America/Havana", "2026-10-31", "2026-11-01T04:00"),  # the first hour after midnight comes twice
            ("America/Goose_Bay", "2010-11-06", "2010-11-07T04:00"),  # at 00:01 the wall went back to 23:01
            ("Pacific/Apia", "2011-12-29", "2011-12-30T10:00"),
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),  # skipped by the zone
        ],
    )
    def test_the_end_of_a_day_is_twenty_four_hundred_local(self, zone, day, end):
        assert BusinessCalendar(timezone=zone, hours={}).end_of_day(date.fromisoformat(day)) == utc(end)

    def test_closed_dates_are_the_named_ones(self):
        calendar = BusinessCalendar(
            timezone="UTC",
            hours=OFFICE,
            closed=["2026-01-01", "2026-05-01", "2026-12-25"],
            special={"2026-03-03": [], "2026-03-04": [["08:00", "09:00"]]},
        )
        assert calendar.closed_dates(date(2026, 1, 1), date(2026, 5, 1)) == [
            date(2026, 1, 1),
            date(2026, 3, 3),
            date(2026, 5, 1),
        ]


# The oracle: minute by minute, by the definition's own words, with zoneinfo and none of the code under test.

ZONES = {
    "Asia/Jakarta": ["2026-03-17T00:00"],
    "Asia/Kathmandu": ["2026-12-31T18:15"],
    "Europe/London": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00"],
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],
    "Pacific/Apia": ["2011-12-30T10:00", "2012-03-31T14:00"],
    "America/Sao_Paulo": ["2018-11-04T03:00", "2018-02-18T02:00"],
    "America/Goose_Bay": ["2010-11-07T03:01"],
    "Africa/Casablanca": ["2026-02-15T02:00"],
}
SPAN = 6 * 24 * 60  # minutes


@cache
def walls(zone, origin):
    """Return the (date, minute of the day) that the wall shows in each minute of six days."""
    shown = [(origin + k * MINUTE).astimezone(ZoneInfo(zone)) for k in range(SPAN)]
    return [(wall.date(), wall.hour * 60 + wall.minute) for wall in shown]


class Oracle:
    """Whether each minute of six days is open, by its wall time; all test instants are whole minutes."""

    def __init__(self, spec, zone, origin, breaks):
        self.spec, self.zone, self.origin = spec, ZoneInfo(zone), origin
        self.walls = walls(zone, origin)
        dates = {day for today, _ in self.walls for day in (today, today - DAY)}
        self.intervals = {day: list(self.intervals_of(day)) for day in dates}
        self.open = [self.belongs(day, at) or self.belongs(day - DAY, at + 1440) for day, at in self.walls]
        for start, end in breaks:
            for k in range((start - origin) // MINUTE, (end - origin) // MINUTE):
                self.open[k] = False

    def belongs(self, day, minute):
        """Return whether a minute, counted from the midnight of `day`, is in an interval that opens on `day`."""
        return any(start <= minute < end for start, end in self.intervals[day])

    def intervals_of(self, day):
        if day in self.spec["closed"]:
            return
        for start, end in self.spec["special"].get(day, self.spec["hours"].get(WEEKDAYS[day.weekday()], [])):
            a, b = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
            yield a, b if b > a else b + 1440

    def add(self, start, count):
        """Return the minute by which `count` open minutes have passed, or None past the six days."""
        index, left = (start - self.origin) // MINUTE, count
        while index < SPAN and (left or not self.open[index]):
            left -= self.open[index] if left else 0
            index += 1
            if count and not left:
                return self.origin + index * MINUTE
        return self.origin + index * MINUTE if index < SPAN else None

    def between(self, start, end):
        return sum(self.open[(start - self.origin) // MINUTE : max(0, (end - self.origin) // MINUTE)]) * MINUTE

    def closing(self, day):
        """Return the end of the last minute whose wall time is in an interval of `day`; None if there is none."""
        mine = [
            k
            for k, (today, minute) in enumerate(self.walls)
            if (today == day and self.belongs(day, minute)) or (today == day + DAY and self.belongs(day, minute + 1440))
        ]
        return self.origin + (mine[-1] + 1) * MINUTE if mine else None


def clock(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


minutes = st.one_of(st.integers(0, 1439), st.sampled_from([0, 30, 60, 90, 105, 120, 150, 180, 1380, 1410]))


@st.composite
def day_hours(draw, *, spill):
    """Draw intervals of one date that neither overlap nor, unless allowed to, reach past midnight."""
    if draw(st.integers(0, 7)) == 0:
        return [["00:00", "24:00"]]
    cuts = sorted(draw(st.sets(minutes, min_size=0, max_size=6)))
    pairs = [[clock(a), clock(b)] for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    if len(cuts) % 2:  # the last cut opens an interval: to midnight, or past it, but never into another
        ends = st.integers(1, min(cuts[0] if len(cuts) > 1 else 600, 600) or 1) if spill else st.just(1440)
        ends = ends.filter(lambda end: end != cuts[-1])
        pairs.append([clock(cuts[-1]), clock(draw(st.one_of(st.just(1440), ends)))])
    return draw(st.permutations(pairs))


@st.composite
def worlds(draw, *, most_breaks=3):
    """Draw a calendar near a change of its zone, the oracle that judges it, and three instants inside its six days."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    change = utc(draw(st.sampled_from(ZONES[zone])))
    origin = change - 2 * DAY
    if draw(st.booleans()):
        hours = dict.fromkeys(WEEKDAYS, draw(day_hours(spill=True)))
    else:
        hours = {name: draw(day_hours(spill=False)) for name in draw(st.sets(st.sampled_from(WEEKDAYS), min_size=3))}
    dates = st.integers(-1, 5).map(lambda k: (origin + k * DAY).date())
    spec = {
        "hours": hours,
        "closed": draw(st.lists(dates, max_size=1)),
        "special": draw(st.dictionaries(dates, day_hours(spill=True), max_size=2)),
    }
    near = st.one_of(st.integers(0, SPAN - 1), st.integers(2 * 1440 - 240, 2 * 1440 + 240)).map(
        lambda k: origin + k * MINUTE
    )
    breaks = [tuple(sorted(pair)) for pair in draw(st.lists(st.tuples(near, near), max_size=most_breaks))]
    try:
        calendar = BusinessCalendar(timezone=zone, **spec)
    except CalendarError as refused:
        assume("overlap" not in refused.problem)
        raise
    pinned = BusinessCalendar(offsets=offsets_for(zone, origin - 9 * DAY, origin + 400 * DAY), **spec)
    both = [calendar.with_breaks(breaks), pinned.with_breaks(breaks)]
    return both, Oracle(spec, zone, origin, breaks), sorted(draw(st.tuples(near, near, near)))


examples = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@examples
@given(worlds())
def test_open_minutes_are_those_of_the_oracle(world):
    calendars, oracle, (start, middle, end) = world
    for calendar in calendars:
        for moment in (start, middle, end):
            assert calendar.is_open(moment) is oracle.open[(moment - oracle.origin) // MINUTE]
        spans = list(calendar.open_intervals(oracle.origin, oracle.origin + SPAN * MINUTE))
        listed = [False] * SPAN
        for a, b in spans:
            listed[(a - oracle.origin) // MINUTE : (b - oracle.origin) // MINUTE] = [True] * ((b - a) // MINUTE)
        assert listed == oracle.open
        assert all(b < c for (_, b), (c, _) in pairwise(spans))


@examples
@given(worlds(), st.integers(0, 2000))
def test_add_and_between_are_those_of_the_oracle(world, count):
    calendars, oracle, (start, middle, end) = world
    expected = oracle.add(start, count)
    for calendar in calendars:
        assert calendar.between(start, end) == oracle.between(start, end)
        assert calendar.between(middle, end) == oracle.between(middle, end)
        assert calendar.between(end, start) == (timedelta() if end >= start else None)
        if expected is not None:
            assert calendar.add(start, count * MINUTE) == expected


@examples
@given(worlds(most_breaks=0))
def test_working_days_and_their_closings_are_those_of_the_oracle(world):
    (calendar, pinned), oracle, (start, *_) = world
    first = (oracle.origin + DAY).astimezone(oracle.zone).date()
    closings = {day: oracle.closing(day) for day in (first + k * DAY for k in range(3))}  # well inside the six days
    start = min(start, oracle.origin + 3 * DAY)
    today = start.astimezone(oracle.zone).date()
    assert calendar.local_date(start) == pinned.local_date(start) == today
    for day, closing in closings.items():
        assert calendar.is_working_day(day) is pinned.is_working_day(day) is (closing is not None)
    if today + DAY in closings and closings[today + DAY]:
        assert calendar.add_working_days(start, 1) == pinned.add_working_days(start, 1) == closings[today + DAY]


@examples
@given(worlds(), st.timedeltas(timedelta(microseconds=1), 40 * DAY), st.timedeltas(timedelta(), DAY))
def test_add_and_between_undo_each_other_to_the_microsecond(world, duration, shift):
    (calendar, pinned), _, (start, *_) = world
    start += shift
    try:
        due = calendar.add(start, duration)
    except NoOpenTime:
        with pytest.raises(NoOpenTime):
            pinned.add(start, duration)
        return
    assert calendar.between(start, due) == duration
    assert calendar.between(start, due - timedelta(microseconds=1)) == duration - timedelta(microseconds=1)
    if due < start + 300 * DAY:  # the pin covers 400
        assert pinned.add(start, duration) == due
        assert pinned.between(start, due) == duration
    assert calendar.between(start, due) + calendar.between(due, due + DAY) == calendar.between(start, due + DAY)
    assert calendar.add(calendar.add(start, duration / 2), duration - duration / 2) == due


@examples
@given(worlds(), st.timedeltas(timedelta(), 5 * DAY))
def test_the_next_opening_is_open_and_nothing_before_it_is(world, shift):
    (calendar, _), _, (start, *_) = world
    start += shift
    try:
        opening = calendar.add(start, timedelta())
    except NoOpenTime:
        assert calendar.between(start, start + 360 * DAY) == timedelta()
        return
    assert calendar.is_open(opening)
    assert calendar.between(start, opening) == timedelta()
    assert (opening == start) is calendar.is_open(start)
