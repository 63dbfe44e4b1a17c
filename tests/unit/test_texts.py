from datetime import UTC, datetime
from pathlib import Path

import pytest

from complaints.messages.duties import AgentNotice, Notice, NoticeFacts, NoticePart
from complaints.model import Personal
from complaints.policy import Policy
from complaints.targets import Target
from complaints.vocabulary import HOUSE_LANGUAGES, Cause, Channel, Language, Metric, Occasion, Outcome, Severity
from policies import inspect, load, texts, texts_for
from policies.books import GROUPS, pieces, read_book
from policies.places import PACKS

AT = datetime(2026, 11, 22, 2, 5, tzinfo=UTC)
FULL = NoticeFacts(
    promised_at=AT, answer_by=AT, review_at=AT, words=Personal("Kata {petugas}"), reason="menunggu bengkel",
    change="extension", outcome=Outcome.UPHELD, remedies=("refund", "repair"), steps=("check_purchase",),
    missing=("order_number",), bodies=("BPSK", "LAPS SJK"), actions=("Kirim ulang",), number=2,
    category="defective_product", severity=Severity.MAJOR, metric=Metric.RESOLUTION, due_at=AT, fraction=0.75,
    tier="specialist", cause=Cause.BREACH, actor="andi",
)  # fmt: skip


def notice(occasion: Occasion, facts: NoticeFacts = FULL, language: Language = Language.ID, **changes) -> Notice:
    given = {
        "key": "k", "reference": "TTS-1", "occasion": occasion, "occurrence": 1, "channel": Channel.EMAIL,
        "language": language, "address": Personal("a@b.id"), "name": Personal("Siti"), "at": AT, "pack": "id.default",
        "texts": "id.default", "texts_version": "1", "timezone": "Asia/Jakarta", "facts": facts, **changes,
    }  # fmt: skip
    return Notice.model_validate(given)


def parts(*told: tuple[Occasion, NoticeFacts]) -> tuple[NoticePart, ...]:
    return tuple(
        NoticePart(key=f"TTS-1/{occasion}/1", occasion=occasion, occurrence=1, at=AT, to=("agent:andi",), facts=facts)
        for occasion, facts in told
    )


def agent_notice(occasion: Occasion, facts: NoticeFacts = FULL, **changes) -> AgentNotice:
    return AgentNotice(
        key="k",
        reference="TTS-1",
        occasion=occasion,
        occurrence=1,
        to=("agent:andi",),
        at=AT,
        pack="id.default",
        texts="id.default",
        facts=facts,
        **changes,
    )


def problems(folder: Path) -> dict[str, str]:
    return {problem.field: problem.problem for problem in inspect(folder)[1]}


def overlay(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "policy.yaml").write_text("extends: id.default\n")
    (folder / "texts" / name).parent.mkdir(parents=True)
    (folder / "texts" / name).write_text(text)
    return folder


@pytest.mark.parametrize("language", HOUSE_LANGUAGES)
@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("facts", [FULL, NoticeFacts()], ids=["all facts", "no facts"])
def test_every_occasion_can_be_said(occasion, language, facts):
    one = notice(occasion, facts) if occasion.to_complainant else agent_notice(occasion, facts)
    said = texts("id.default").render(one, language)
    assert "TTS-1" in said.subject
    assert "TTS-1" in said.body
    assert "{petugas}" in said.body or "{" not in said.body
    assert "None" not in said.body
    assert "\n\n\n" not in said.body


@pytest.mark.parametrize("occasion", Occasion)
def test_both_languages_use_the_same_facts(occasion):
    book = read_book("id.default")
    used = []
    for language in HOUSE_LANGUAGES:
        text = book.notices[language][occasion]
        whole = [text.subject, *(t for p in text.body for t in ((p,) if isinstance(p, str) else p))]
        used.append({place for template in whole for _, place in pieces(template)})
    assert used[0] == used[1]


def test_every_word_is_there_in_both_languages():
    for language in HOUSE_LANGUAGES:
        for group, names in GROUPS.items():
            assert set(names) <= set(getattr(read_book("id.default").words[language], group))


class TestRendering:
    def test_a_date_is_told_in_the_complainants_language(self):
        indonesian = texts("id.default").render(notice(Occasion.ACKNOWLEDGEMENT))
        english = texts("id.default").render(notice(Occasion.ACKNOWLEDGEMENT, language=Language.EN))
        assert "Minggu, 22 November 2026 pukul 09.05 WIB" in indonesian.body
        assert "Sunday, 22 November 2026 at 09:05 WIB" in english.body
        assert indonesian.body.startswith("Yth. Bapak/Ibu Siti,\n\n")
        assert english.body.startswith("Dear Siti,\n\n")

    def test_a_date_is_told_in_the_notices_time_zone(self):
        there = notice(Occasion.ACKNOWLEDGEMENT, timezone="America/New_York", language=Language.EN)
        assert "Saturday, 21 November 2026 at 21:05 EST" in texts("id.default").render(there).body

    def test_a_paragraph_without_its_fact_is_left_out(self):
        said = texts("id.default").render(notice(Occasion.ACKNOWLEDGEMENT, NoticeFacts(), name=None))
        assert "Keputusan kami" not in said.body
        assert said.body.startswith("Yth. Bapak/Ibu,\n\n")

    def test_the_decision_asks_whether_the_problem_is_solved(self):
        said = texts("id.default").render(notice(Occasion.DECISION))
        assert "Apakah masalah Anda sudah selesai?" in said.body
        assert "YA" in said.body
        assert "TIDAK" in said.body
        assert "Pengembalian dana dan Perbaikan" in said.body
        english = texts("id.default").render(notice(Occasion.DECISION, NoticeFacts(answer_by=AT)), Language.EN)
        assert (
            "If we don't hear from you by Sunday, 22 November 2026 at 09:05 WIB, we will close this complaint as not "
            "confirmed. You can still reopen it." in english.body
        )

    def test_the_final_decision_names_the_outside_bodies(self):
        said = texts("id.default").render(notice(Occasion.FINAL_DECISION), Language.EN)
        assert "BPSK (Consumer Dispute Settlement Agency) or LAPS SJK (" in said.body

    def test_names_come_from_the_policy(self):
        said = texts("id.default").render(agent_notice(Occasion.AGENT_ASSIGNED), Language.ID)
        assert "Sebab: tenggat terlewat. Tingkat: Tenaga ahli." in said.body
        assert "Kategori: Produk cacat. Keparahan: berat." in said.body
        assert "75\N{NO-BREAK SPACE}%" in texts("id.default").render(agent_notice(Occasion.AGENT_WARNING)).body or (
            "75%" in texts("id.default").render(agent_notice(Occasion.AGENT_WARNING)).body
        )

    @pytest.mark.parametrize(
        "words", ["{reference}", "{0.__class__}", "{{x}}", "{", "}", "%s {words}", "سلام {name} 👍"]
    )
    def test_what_people_wrote_is_never_a_template(self, words):
        for one in (NoticeFacts(words=Personal(words)), NoticeFacts(reason=words)):
            for occasion in (Occasion.AGENT_DISPUTED, Occasion.AGENT_TASK):
                said = texts("id.default").render(agent_notice(occasion, one), Language.ID)
                given = one.words if occasion is Occasion.AGENT_DISPUTED else one.reason
                assert given is None or given in said.body
        named = texts("id.default").render(notice(Occasion.DECISION, NoticeFacts(), name=Personal(words)))
        assert named.body.startswith(f"Yth. Bapak/Ibu {words},")

    def test_what_is_rendered_is_personal(self):
        said = texts("id.default").render(notice(Occasion.RESPONSE))
        assert "Siti" not in repr(said)
        assert isinstance(said.body, Personal)

    def test_a_language_the_policy_does_not_speak_gets_its_first(self):
        only = load("id.default", {"version": "x"}).model_copy(update={"languages": (Language.EN,)})
        assert texts(only).render(notice(Occasion.DECISION)).body.startswith("Dear Siti")

    def test_words_durations_and_money(self):
        said = texts(load("id.default"))
        assert said.word("status", "on_hold", Language.ID) == "menunggu pihak ketiga"
        assert said.word("status", "lost_in_space", Language.EN) == "lost in space"
        assert said.duration(Target("3 working days"), Language.ID) == "3 hari kerja"
        assert said.duration(Target("1 business hour"), Language.EN) == "1 business hour"
        assert said.duration(Target("2 business hours"), Language.EN) == "2 business hours"
        assert said.money(1_500_000, Language.ID) == "Rp1.500.000"
        assert said.money(1_500_000, Language.EN).replace("\N{NO-BREAK SPACE}", " ") == "IDR 1,500,000"
        assert said.when(AT, Language.ID) == "Minggu, 22 November 2026 pukul 09.05 WIB"

    def test_a_case_of_an_inline_policy_is_told_in_its_texts_packs_words(self):
        assert "Tenaga ahli" in texts_for(notice(Occasion.DECISION, pack="inline")).render(
            notice(Occasion.DISPUTE_RECEIVED)
        ).body  # fmt: skip


class TestCombined:
    """After an outage one notice stands for several: it says what each would have said, in their order."""

    @pytest.mark.parametrize("language", HOUSE_LANGUAGES)
    @pytest.mark.parametrize("said_of", [FULL, NoticeFacts()], ids=["all facts", "no facts"])
    def test_every_occasion_can_be_a_part(self, language, said_of):
        for occasion in Occasion:
            alone = notice(occasion, said_of) if occasion.to_complainant else agent_notice(occasion, said_of)
            both = parts((occasion, said_of), (occasion, said_of))
            combined = Occasion.CAUGHT_UP if occasion.to_complainant else Occasion.AGENT_CAUGHT_UP
            whole = alone.model_copy(update={"occasion": combined, "parts": both, "facts": NoticeFacts()})
            own = texts("id.default").render(alone, language).body.split("\n\n")[1:-1]
            body = texts("id.default").render(whole, language).body
            for paragraph in own:
                lines = paragraph if occasion.to_complainant else paragraph.replace("\n", "\n  ")
                assert body.count(lines) >= 2, occasion

    def test_the_complainant_reads_one_after_the_other(self):
        told = ((Occasion.ACKNOWLEDGEMENT, NoticeFacts()), (Occasion.ASSESSMENT, NoticeFacts(promised_at=AT)))
        combined = notice(Occasion.CAUGHT_UP, NoticeFacts(), parts=parts(*told))
        alone = [texts("id.default").render(notice(*one)).body.split("\n\n")[1:-1] for one in told]
        said = texts("id.default").render(combined)
        assert said.subject == "Kabar yang tertunda atas pengaduan Anda (TTS-1)"
        intro, *rest = said.body.removeprefix("Yth. Bapak/Ibu Siti,\n\n").split("\n\n")[:-1]
        assert "Beberapa pesan kami" in intro
        assert rest == [*alone[0], *alone[1]]

    def test_agents_read_a_list(self):
        facts = NoticeFacts(metric=Metric.RESOLUTION, due_at=AT, tier="specialist", fraction=0.75, cause=Cause.BREACH)
        told = parts((Occasion.AGENT_WARNING, facts), (Occasion.AGENT_ESCALATED, facts), (Occasion.AGENT_BREACH, facts))
        said = texts("id.default").render(
            agent_notice(Occasion.AGENT_CAUGHT_UP, NoticeFacts(), parts=told), Language.EN
        )
        assert said.subject == "[TTS-1] What happened meanwhile"
        assert said.body == (
            "Hello,\n\nComplaint TTS-1 was not attended to for a while. What happened meanwhile, in order:\n\n"
            "- 75% of the time for decision on complaint TTS-1 is used up.\n"
            "  Deadline: Sunday, 22 November 2026 at 09:05 WIB.\n"
            "- Complaint TTS-1 was raised to Specialists.\n"
            "  Cause: a deadline was missed.\n"
            "  Missed deadline: decision, Sunday, 22 November 2026 at 09:05 WIB.\n"
            "- The deadline for decision on complaint TTS-1 was missed.\n"
            "  It was due: Sunday, 22 November 2026 at 09:05 WIB.\n"
            "  Tier: Specialists.\n\n"
            "Tuntas\n"
        )


class TestChecks:
    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ("['{reference} {password}']", "no place `password`"),
            ("['{reference.__class__}']", "plain {name}"),
            ("['{reference!r}']", "plain {name}"),
            ("['{number:>99999999}']", "plain {name}"),
            ("['{reference']", "expected '}'"),
            ("['{}']", "plain {name}"),
            ("['']", "the text is empty"),
        ],
    )
    def test_a_bad_template_is_refused(self, tmp_path, body, problem):
        file = f"decision:\n  subject: 'S {{reference}}'\n  body: {body}\n"
        found = problems(overlay(tmp_path / "p", "id/notices.yaml", file))
        assert problem in found["texts.id.notices.decision.body.0"]

    def test_a_subject_names_the_case(self, tmp_path):
        folder = overlay(tmp_path / "p", "id/notices.yaml", "decision: {subject: Halo, body: [Halo]}\n")
        assert problems(folder) == {"texts.id.notices.decision.subject": "does not name the case"}

    def test_an_unknown_occasion_is_refused(self, tmp_path):
        folder = overlay(tmp_path / "p", "id/notices.yaml", "birthday: {subject: '{reference}', body: [Halo]}\n")
        assert list(problems(folder)) == ["texts.id.notices.birthday"]

    def test_a_text_missing_in_one_language_is_refused(self, tmp_path):
        folder = _standalone(tmp_path, "en/notices.yaml", "closed_deadlock:", "closed_deadlock_:")
        assert problems(folder)["texts.en.notices.closed_deadlock_"]
        folder = _standalone(tmp_path / "b", "en/words.yaml", "  on_hold: waiting for a third party\n", "")
        assert problems(folder) == {"texts.en.words.status.on_hold": "the word is missing"}
        folder = _standalone(tmp_path / "c", "en/words.yaml", 'date: "EEEE', '#date: "EEEE')
        assert problems(folder) == {"texts.en.words.date": "the text is missing"}

    def test_a_missing_occasion_is_refused(self, tmp_path):
        folder = _standalone(tmp_path, "en/notices.yaml", "", "")
        file = folder / "texts/en/notices.yaml"
        kept, _, rest = file.read_text().partition("agent_caught_up:")
        file.write_text(kept + rest[rest.index("agent_duplicates_found:") :])
        assert problems(folder) == {"texts.en.notices.agent_caught_up": "the text in `en` is missing"}

    def test_a_missing_language_is_refused(self, tmp_path):
        folder = _standalone(tmp_path, "en/words.yaml", "", "")
        for file in (folder / "texts/en").iterdir():
            file.unlink()
        (folder / "texts/en").rmdir()
        assert set(problems(folder)) == {"texts.en.notices", "texts.en.words"}

    def test_own_texts_lie_on_those_of_the_pack_beneath(self, tmp_path):
        folder = overlay(tmp_path / "p", "id/words.yaml", "signature: Toko Kami\n")
        policy: Policy = load(folder)
        assert texts(policy).render(notice(Occasion.DECISION)).body.endswith("\n\nToko Kami\n")
        assert policy.texts_version != load("id.default").texts_version
        assert texts_for(notice(Occasion.DECISION, pack="p", texts=policy.texts)).render(notice(Occasion.DECISION))


def _standalone(folder: Path, name: str, old: str, new: str) -> Path:
    """A copy of the default pack that extends nothing, with one change in a text file."""
    for source in (PACKS / "id.default").rglob("*.yaml"):
        target = folder / "pack" / source.relative_to(PACKS / "id.default")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text()
        target.write_text(text.replace(old, new, 1) if str(target).endswith(name) and old else text)
    return folder / "pack"
