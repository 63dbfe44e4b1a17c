"""Why, in words: the phrases of both languages, the ladder and the closings as people are told them."""

import re
from pathlib import Path
from string import Formatter

import pytest

import simulation
from complaints.messages.reasons import Closing, LadderStep, Reasons
from complaints.vocabulary import HOUSE_LANGUAGES, ClosingReason, Language, Metric, OnDue, Role, Severity
from policies.reasons import Told, why_closed, why_due, why_escalated
from policies.reasons.voice import Voice, phrases
from tests.unit.cases import DAY, HOUR, MONDAY, Player, default_policy, wib, with_clock

FOLDER = Path(simulation.__file__).parents[1] / "policies" / "reasons"


def reasons_of(player: Player) -> Reasons:
    return player.case.reasons(player.now)


def raised(player: Player) -> list[LadderStep]:
    return list(reasons_of(player).escalations.steps)


def closing(player: Player, number: int = -1) -> Closing:
    return reasons_of(player).closings.closings[number]


def rows(told: Told) -> list[str]:
    return [" | ".join(row.cells) for row in told.rows]


class TestPhrases:
    def test_both_languages_say_the_same_things_with_the_same_places(self) -> None:
        def places(text: str) -> set[str]:
            return {place for part in text.split(" | ") for _, place, *_ in Formatter().parse(part) if place}

        forms = {"at", "at_second", "hour", "hour_second", "day"}
        indonesian, english = (phrases(language) for language in (Language.ID, Language.EN))
        assert indonesian.keys() == english.keys()
        assert [k for k in indonesian if k not in forms and places(indonesian[k]) != places(english[k])] == []

    def test_every_phrase_is_said_somewhere(self) -> None:
        code = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
        said = set(re.findall(r'"([a-z_]+)"', code))
        heads = (*re.findall(r'f"([a-z_]+_)\{', code), "pause_", "raised", "not_raised", "lowered")
        forms = {"at_second", "hour_second"}
        tables = {f"{table}_columns" for table in said}
        unsaid = set(phrases(Language.EN)) - said - forms - tables
        assert [phrase for phrase in unsaid if not phrase.startswith(heads)] == []

    @pytest.mark.parametrize("language", HOUSE_LANGUAGES)
    def test_there_is_a_phrase_for_every_role_and_every_end_of_a_clock(self, language: Language) -> None:
        known = phrases(language)
        assert {f"who_{role}" for role in Role} <= set(known)
        assert {"clock_lapsed", *(f"clock_lapsed_{due}" for due in (OnDue.RETURN, OnDue.CONVERT))} <= set(known)

    @pytest.mark.parametrize("language", HOUSE_LANGUAGES)
    def test_whatever_a_case_is_called_for_has_words(self, language: Language) -> None:
        voice = Voice(reasons_of(Player()), language)
        assert all(voice.word("metric", metric) for metric in Metric)
        assert all(voice.word("closing_reason", reason) for reason in ClosingReason)

    def test_a_pack_that_is_gone_or_does_not_speak_the_language_is_said_in_the_words_of_the_house(self) -> None:
        reasons = reasons_of(Player()).model_copy(update={"texts": "no.such.pack"})
        assert "Tenggat" in why_due(reasons, Language.ID, "resolution")[0].sentence


class TestClocks:
    def test_a_plain_clock_in_both_languages(self) -> None:
        player = Player(wib(10, 15), policy=with_clock("resolution", "4 business hours", "office"))
        (indonesian,) = why_due(reasons_of(player), Language.ID, "resolution")
        (english,) = why_due(reasons_of(player), Language.EN, "resolution")
        version = default_policy().calendars["office"].version
        assert (indonesian.title, indonesian.code) == ("Keputusan", "resolution 1")
        assert indonesian.sentence == (
            f"Tenggat Senin, 13 Juli 2026 pukul 10.00 WIB: 4 jam kerja menurut kalender office (versi {version}) "
            "sejak Jumat, 10 Juli 2026 pukul 15.00 WIB."
        )
        assert english.sentence == (
            f"Due Monday, 13 July 2026 at 10:00 WIB: 4 business hours in calendar office (version {version}) "
            "from Friday, 10 July 2026 at 15:00 WIB."
        )
        assert rows(english) == [
            "start | Fri, 10 Jul 2026 15:00 |  |  |  | ",
            "target |  |  |  |  | 4 business hours = 4 hours",
            f"calendar |  |  |  |  | office, version {version}, time zone Asia/Jakarta",
            "counted | Fri, 10 Jul 2026 15:00 | 17:00 | 2 hours | 2 hours | ",
            "counted | Mon, 13 Jul 2026 08:00 | 10:00 | 2 hours | 4 hours | ",
            "closed |  |  |  |  | nights, weekends and other closed hours in between are not counted",
            "due | Mon, 13 Jul 2026 10:00 |  |  | 4 hours | = 4 hours",
        ]

    def test_a_holiday_is_named_in_the_language_that_is_spoken(self) -> None:
        player = Player(wib(45, 15), policy=with_clock("resolution", "4 business hours", "office"))  # 14 August
        for language, name in ((Language.ID, "Hari Kemerdekaan Republik Indonesia"), (Language.EN, "Independence Day")):
            (told,) = why_due(reasons_of(player), language, "resolution")
            assert [row.cells[-1] for row in told.rows if row.kind == "holiday"] == [name]

    def test_while_paused_the_words_say_what_is_left_and_why_it_stands_still(self) -> None:
        player = Player(policy=with_clock("resolution", "9 business hours", "office")).until(wib(6, 14))
        player.hold(party="Bank Contoh")
        player.until(wib(8, 9))
        (told,) = why_due(reasons_of(player), Language.EN, "resolution")
        assert "4 hours counted so far, 5 hours left" in told.sentence
        pause = next(row for row in told.rows if row.kind == "pause")
        assert pause.cells[-1] == "waiting for a third party (menunggu bank, Bank Contoh); by agent siti"
        assert told.rows[-1].cells == ("left", "", "", "5 hours", "4 hours", "total + left = 9 hours")

    def test_nothing_counted_is_said_in_minutes(self) -> None:
        player = Player(policy=with_clock("resolution", "9 business hours", "office"))
        player.hold()
        (told,) = why_due(reasons_of(player), Language.ID, "resolution")
        assert "sudah dihitung 0 menit, tersisa 9 jam" in told.sentence

    def test_a_reassessment_says_what_the_target_was_and_who_assessed(self) -> None:
        player = Player()
        player.wait(HOUR).act("assess", severity="minor")
        (told,) = why_due(reasons_of(player), Language.ID, "resolution")
        row = next(row for row in told.rows if row.kind == "reassessment")
        assert row.cells[-1] == (
            "7 hari kerja menjadi 3 hari kerja, dihitung lagi dari awal; keparahan ringan; oleh petugas siti"
        )
        assert "1 kali penilaian ulang" in told.sentence
        assert "(before: 7 working days)" in player.explained("resolution").sentence
        assert {step.kind for step in player.explained("resolution").steps} <= {"open", "closed", "holiday"}

    def test_how_it_ended_is_said(self) -> None:
        player = Player(policy=with_clock("resolution", "4 business hours", "office")).until(wib(6, 15))
        player.decide()
        (told,) = why_due(reasons_of(player), Language.EN, "resolution")
        assert told.sentence.endswith(
            "Missed at Monday, 6 July 2026 at 14:00 WIB, late by 1 hour. Met Monday, 6 July 2026 at 15:00 WIB "
            "by a person."
        )

    def test_a_hold_whose_review_date_came_did_not_run_out_without_an_answer(self) -> None:
        player = Player().until(wib(6, 14))
        player.hold(review_at=wib(7, 14))
        player.until(wib(7, 15))
        (told,) = why_due(reasons_of(player), Language.EN, "hold")
        assert told.sentence.endswith("The review date came Tuesday, 7 July 2026 at 14:00 WIB.")

    def test_seconds_are_shown_where_there_are_any_and_a_day_ends_at_24(self) -> None:
        player = Player(MONDAY.replace(second=7), policy=with_clock("resolution", "90 seconds"))
        (told,) = why_due(reasons_of(player), Language.ID, "resolution")
        assert (
            rows(told)[3] == "dihitung | Sen, 6 Jul 2026 09.00.07 | 09.01.37 | 1 menit 30 detik | 1 menit 30 detik | "
        )
        player = Player(policy=with_clock("resolution", "2 calendar days", "always"))
        (told,) = why_due(reasons_of(player), Language.EN, "resolution")
        assert told.rows[-1].cells[1] == "Thu, 9 Jul 2026 00:00"
        midnight = Player(wib(6), policy=with_clock("resolution", "1 day"))
        (told,) = why_due(reasons_of(midnight), Language.EN, "resolution")
        assert rows(told)[3] == "counted | Mon, 6 Jul 2026 00:00 | 24:00 | 24 hours | 24 hours | "


class TestLadder:
    def test_a_breach_raises_and_says_whose_date_was_missed(self) -> None:
        player = Player().until(wib(7, 10))
        (step,) = raised(player)
        assert (step.kind, step.cause, step.metric, step.due_at) == ("raised", "breach", "first_response", wib(7, 9))
        assert (step.from_tier, step.tier, step.at) == ("frontline", "specialist", wib(7, 9))
        assert set(step.told) == {"team:specialist", "team:frontline"}
        told = why_escalated(reasons_of(player), Language.EN)
        assert "\n".join(rows(told)) == (
            "Tue, 7 Jul 2026 09:00 | up from Customer care to Specialists | a deadline was missed: first response, "
            "due Tue, 7 Jul 2026 09:00 | team specialist and team frontline | team frontline to team specialist"
        )
        assert told.sentence == (
            "Raised once: now at tier Specialists, owner team specialist. "
            "Not met: first response; it goes up again at Tuesday, 7 July 2026 at 14:00 WIB."
        )

    def test_a_breach_within_the_climb_interval_raises_nothing_and_says_until_when(self) -> None:
        player = Player()
        player.until(wib(6, 10)).reply()  # to be answered by Tuesday 10:00, an hour after the first response
        player.until(wib(7, 11))
        stays = raised(player)[-1]
        assert (stays.kind, stays.why_not, stays.at) == ("not_raised", "raised_lately", wib(7, 10))
        assert stays.until == wib(7, 14)
        assert (stays.metric, stays.told) == ("next_response", ("team:specialist",))
        assert "this tier has until Tue, 7 Jul 2026 14:00" in rows(why_escalated(reasons_of(player), Language.EN))[-1]

    def test_the_interval_counts_from_when_a_clock_raised_it_which_after_an_outage_is_when_we_were_back(self) -> None:
        player = Player()
        player.until(wib(6, 10)).reply()
        player.until(wib(6, 11)).outage_until(wib(7, 9, 50))  # the first response was due at 9:00
        player.until(wib(7, 11))
        stays = raised(player)[-1]
        assert (stays.at, stays.why_not, stays.until) == (wib(7, 10), "raised_lately", wib(7, 14, 50))

    def test_an_agents_command_does_not_begin_the_interval_anew(self) -> None:
        player = Player()
        player.until(wib(6, 10)).reply()
        player.until(wib(7, 9, 30)).act("escalate", reason="look at it")
        player.until(wib(7, 11))
        stays = raised(player)[-1]
        assert (stays.at, stays.tier, stays.until) == (wib(7, 10), "supervisor", wib(7, 14))

    def test_the_interval_is_that_of_the_severity_at_that_time(self) -> None:
        player = Player()
        player.until(wib(6, 9, 20)).reply()
        player.until(wib(7, 9, 10)).act("assess", severity="critical")
        player.until(wib(7, 9, 22)).act("assess", severity="moderate")
        stays = next(step for step in raised(player) if step.kind == "not_raised")
        assert (stays.at, stays.until) == (wib(7, 9, 20), wib(7, 9, 30))

    def test_at_the_top_there_is_no_higher_tier_and_reminders_share_a_row(self) -> None:
        player = Player().until(wib(20, 10))
        steps = raised(player)
        assert [s.why_not for s in steps if s.kind == "not_raised"] == ["at_top"]  # the decision, a week later
        reminders = [s.number for s in steps if s.kind == "reminded"]
        assert reminders == list(range(1, len(reminders) + 1))
        told = why_escalated(reasons_of(player), Language.EN)
        shared = [row.cells[1] for row in told.rows if row.kind == "reminded"]
        assert shared == ["reminders 1 to 4 at Management", f"reminders 5 to {len(reminders)} at Management"]
        assert "the top tier is reminded again at" in told.sentence

    def test_while_all_breached_clocks_are_paused_nothing_goes_up(self) -> None:
        player = Player(policy=with_clock("resolution", "4 business hours", "office")).until(wib(6, 10))
        player.respond()
        player.until(wib(6, 15)).hold()
        found = reasons_of(player).escalations
        assert (found.next, found.next_at, found.breached) == ("raise", None, ("resolution",))
        assert "meanwhile nothing goes up" in why_escalated(reasons_of(player), Language.EN).sentence

    def test_an_agents_command_and_the_way_down(self) -> None:
        player = Player().until(wib(6, 10))
        player.act("escalate", reason="needs a lead", to="supervisor")
        player.wait(HOUR).act("de_escalate", reason="was a mistake")
        up, down = raised(player)
        assert (up.cause, up.reason, up.by.id) == ("command", "needs a lead", "siti")
        assert (down.kind, down.from_tier, down.tier, down.reason) == (
            "lowered",
            "supervisor",
            "specialist",
            "was a mistake",
        )
        told = rows(why_escalated(reasons_of(player), Language.ID))
        assert "permintaan petugas siti (needs a lead)" in told[0]
        assert told[1].startswith("Sen, 6 Jul 2026 11.00 | turun dari Penyelia ke Tenaga ahli")

    def test_a_dispute_at_the_top_raises_nothing(self) -> None:
        player = Player().until(wib(6, 10))
        player.act("escalate", reason="at once", to="management")
        player.wait(HOUR).decide()
        player.wait(HOUR).dispute()
        stays = raised(player)[-1]
        assert (stays.kind, stays.cause, stays.why_not) == ("not_raised", "dispute", "at_top")

    def test_a_case_that_was_never_raised_says_so(self) -> None:
        told = why_escalated(reasons_of(Player()), Language.ID)
        assert told.sentence == "Belum pernah dinaikkan: tingkat Layanan pelanggan, penanggung jawab tim frontline."
        assert told.rows == ()


class TestClosing:
    def test_a_confirmation_and_by_whom_it_was_given(self) -> None:
        player = Player().until(wib(6, 10))
        player.decide()
        player.wait(HOUR).act("record_confirmation", satisfied=True, how="telepon")
        found = closing(player)
        assert (found.reason, found.by.id, found.silence) == ("confirmed", "siti", False)
        (told,) = why_closed(reasons_of(player), Language.EN)
        assert told.sentence == (
            "Closed Monday, 6 July 2026 at 11:00 WIB: confirmed as solved. "
            "The complainant said that it is settled; told by agent siti (telepon)."
        )

    def test_silence_names_the_question_every_reminder_and_what_ran_out(self) -> None:
        player = Player().until(wib(6, 10))
        player.decide()
        player.until(wib(9, 11))
        found = closing(player)
        assert (found.silence, found.reminders, found.closed_at) == (True, 2, wib(9, 10))
        assert [(s.kind, s.at) for s in found.steps][:7] == [
            ("decided", wib(6, 10)), ("handed_over", wib(6, 10)), ("reminded", wib(7, 10)), ("handed_over", wib(7, 10)),
            ("reminded", wib(8, 10)), ("handed_over", wib(8, 10)), ("lapsed", wib(9, 10)),
        ]  # fmt: skip
        (told,) = why_closed(reasons_of(player), Language.ID)
        assert "Tidak ada jawaban sampai Kamis, 9 Juli 2026 pukul 10.00 WIB, setelah 2 pengingat." in told.sentence

    def test_parts_of_the_record_that_were_missing_and_when_they_came(self) -> None:
        player = Player(severity="major").until(wib(6, 10))
        player.decide()
        player.wait(HOUR).confirm()
        found = closing(player)
        assert (found.closed_at, found.missing) == (None, ("root_cause",))
        (told,) = why_closed(reasons_of(player), Language.EN)
        assert told.sentence.startswith("Not closed yet: confirmed as solved, but the record still needs root cause.")
        player.wait(HOUR).act("record_root_cause", category="process", cause="typing error")
        found = closing(player)
        given = [s for s in found.steps if s.kind == "part_given"]
        assert [(s.at, s.parts, s.by.id) for s in given] == [(wib(6, 12), ("root_cause",), "siti")]
        (told,) = why_closed(reasons_of(player), Language.EN)
        assert "The closure record was complete at Monday, 6 July 2026 at 12:00 WIB." in told.sentence

    def test_a_deadlock_counts_its_disputes(self) -> None:
        player = Player(policy=default_policy().model_copy(update={"disputes": 1})).until(wib(6, 10))
        player.decide()
        player.wait(HOUR).dispute()
        player.wait(HOUR).decide()
        player.wait(HOUR).dispute()
        found = closing(player)
        assert (found.reason, found.disputes) == ("deadlock", 2)
        assert [s.kind for s in found.steps if s.kind in ("decided", "disputed")] == ["decided", "disputed"] * 2
        (told,) = why_closed(reasons_of(player), Language.EN)
        assert "2 disputes in all" in told.sentence

    def test_an_agents_word_is_given_with_its_explanation(self) -> None:
        player = Player().until(wib(6, 10))
        player.act("close", reason="duplicate", explanation="Sudah ditangani di pengaduan lain")
        (told,) = why_closed(reasons_of(player), Language.ID)
        assert "Ditutup atas keputusan petugas siti." in told.sentence
        assert told.rows[0].cells[-1] == "Sudah ditangani di pengaduan lain"

    def test_information_that_never_came(self) -> None:
        policy = default_policy()
        billing = policy.categories["billing"].model_copy(update={"needs": ("order_number",)})
        policy = policy.model_copy(update={"categories": {**policy.categories, "billing": billing}})
        player = Player(policy=policy).until(wib(31))
        found = closing(player)
        assert (found.reason, found.silence, found.reminders) == ("incomplete", True, 2)
        (told,) = why_closed(reasons_of(player), Language.EN)
        assert told.rows[0].cells[1:] == ("information asked for", "the system", "order number")

    def test_a_dispute_while_the_record_is_completed_undoes_the_closing(self) -> None:
        player = Player(severity="major").until(wib(6, 10))
        player.decide()
        player.until(wib(9, 11)).dispute()
        assert reasons_of(player).closings.closings == ()
        player.act("record_root_cause", category="process", cause="typing error")
        player.decide()
        player.wait(HOUR).confirm()
        assert [c.reason for c in reasons_of(player).closings.closings] == ["confirmed"]

    def test_only_what_came_after_closing_began_completed_the_record(self) -> None:
        rules = default_policy().closure.model_copy(update={"corrective_action_from": Severity.MODERATE})
        player = Player(policy=default_policy().model_copy(update={"closure": rules})).until(wib(6, 10))
        cause = {"category": "process", "cause": "typing error"}
        player.decide()
        player.act("record_root_cause", **cause, corrective_action="check twice")
        player.act("record_root_cause", **cause)  # which replaces the one before
        player.wait(HOUR).confirm()
        player.wait(HOUR).act("record_root_cause", **cause, corrective_action="check thrice")
        given = [(step.at, step.parts) for step in closing(player).steps if step.kind == "part_given"]
        assert given == [(wib(6, 12), ("corrective_action",))]

    def test_a_withdrawal(self) -> None:
        player = Player().until(wib(6, 10))
        player.decide()
        player.withdraw()
        assert [step.kind for step in closing(player).steps] == ["withdrawn", "began", "closed"]
        (told,) = why_closed(reasons_of(player), Language.ID)
        assert "Pengaduan dicabut, disampaikan oleh pengadu." in told.sentence

    def test_each_closing_has_its_own_account_and_an_open_case_says_why_it_is_open(self) -> None:
        player = Player().until(wib(6, 10))
        player.decide()
        player.wait(HOUR).confirm()
        player.wait(DAY).act("reopen", reason="new_facts", text="Bukti baru")
        told = why_closed(reasons_of(player), Language.EN)
        assert [one.title for one in told] == ["Closing 1: confirmed as solved", "Why it is not closed"]
        assert told[-1].sentence == "Not closed: investigation."
        player.wait(HOUR).decide()
        player.wait(HOUR).withdraw()
        assert [c.reason for c in reasons_of(player).closings.closings] == ["confirmed", "withdrawn"]

    def test_an_answer_that_comes_while_the_record_is_completed_takes_the_place_of_silence(self) -> None:
        player = Player(severity="major").until(wib(6, 10))
        player.decide()
        player.until(wib(9, 11)).confirm()
        player.act("record_root_cause", category="process", cause="typing error")
        found = closing(player)
        assert (found.reason, found.silence) == ("confirmed", False)
        assert found.by.role == "complainant"
