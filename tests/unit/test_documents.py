"""The closure record as a page and as PDF: all an auditor asks for, whatever somebody wrote, in both languages."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pypdf
import pytest
import yaml

import policies
from complaints.case.surveys import SAID_SO
from complaints.messages.commands import Actor
from complaints.messages.duties import ClosureRecord
from complaints.timeline import Entry, link
from complaints.vocabulary import HOUSE_LANGUAGES, ClockState, Kind, Language, MetBy
from database.closures import StoredAnnex, StoredRecord
from documents import Annex, Line, as_html, as_pdf, closure
from documents.closure import KNOWN
from documents.rendering import TEMPLATES
from documents.text import LONGEST, LONGEST_IN_ANNEX, harmless
from documents.texts import DIRECTORY, words
from tests.fixtures.records import a_closure
from tests.unit.cases import HOUR, Player, closed, wib
from web import catalogue, closures
from web.closures import Papers

HOSTILE = (
    "<script>alert(1)</script><img src='http://evil.test/x.png'>{{ 7*7 }}{% raw %} \u202egnp.exe\u2066 \x00\x1b &amp;"
)
POLICY = policies.load("id.default")


def whole() -> Player:
    """A case with everything: steps, remedies, a root cause, an action owed and one done, a dispute, a reopening."""
    player = Player(severity="major", category="defective_product", text="Ketel bocor di alasnya.")
    player.until(wib(6, 10)).respond()
    for step in POLICY.categories["defective_product"].procedure:
        player.act("record_step", step=step.name, note="Sudah diperiksa.")
    player.act("add_action", description="Kirim ketel baru", kind="promise", within="3 working days")
    player.act("add_action", description="Periksa stok", kind="corrective", owner="agent:budi", within="9 working days")
    player.decide(
        findings="Segel keliru.", remedies=[{"solution": "replacement", "detail": "model baru", "cost": 350_000}]
    )
    player.until(wib(7, 9)).dispute("Ketelnya belum datang.")
    player.decide(remedies=[{"solution": "replacement", "cost": 350_000}])
    player.act("complete_action", action=1, note="terkirim")
    player.act(
        "record_root_cause", category="supplier", cause="Segel dari pemasok lain.", corrective_action="Uji segel.",
        whys=[{"why": "Mengapa bocor?", "answer": "Segel keliru.", "evidence": "foto"},
              {"why": "Mengapa keliru?", "answer": "Pemasok diganti."}],
    )  # fmt: skip
    player.act("record_evaluation", by="rina", role="lead", speed=4, solution=5, communication=4)
    player.until(wib(8, 9)).confirm(rating=4)
    assert player.state.closures, player.state.status
    return player


@pytest.fixture(scope="module")
def player() -> Player:
    return whole()


def page(player: Player, language: str, **over: Any) -> str:
    record = player.state.closures[-1].model_dump(mode="json") | over
    return closures.of_case(record, player.state.timeline, Language(language), POLICY).html


class Text(HTMLParser):
    """What a page says, and which elements it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


INDONESIAN = (
    "Ketel bocor di alasnya.", "Segel keliru.", "Benar, tagihannya keliru", "Rp350.000", "Kirim ketel baru",
    "terkirim", "Periksa stok", "budi", "Segel dari pemasok lain.", "Mengapa bocor?", "belum ada bukti",
    "pemasok", "Lima mengapa", "Uji segel.", "ditepati oleh petugas", "Keberatan 1",
    "Pengadu menyatakan masalahnya selesai.", "4 dari 5",
    "id.default", "Ketelnya belum datang.", "belum puas", "masih harus", "Waktu Indonesia Barat", "Kecepatan 4",
)  # fmt: skip
ENGLISH = (
    "Ketel bocor di alasnya.", "Closure record 1", "Decision and reasons", "supplier", "Five whys", "no evidence yet",
    "kept by a person", "Disputes 1", "The complainant said that the problem is solved.", "4 of 5", "Still owed",
    "IDR 350,000", "Speed 4", "days",
)  # fmt: skip


@pytest.mark.parametrize(("language", "said"), [("id", INDONESIAN), ("en", ENGLISH)])
def test_it_tells_everything_that_an_auditor_asks_for(player, language, said):
    found = Text(page(player, language))
    for one in said:
        assert one.lower() in found.text.lower(), one
    record = player.state.closures[-1]
    assert f"tuntas audit verify {record.reference} --head {record.chain_head}" in found.text
    assert ("html", {"lang": language}) in found.tags
    heads = [attributes["scope"] for tag, attributes in found.tags if tag == "th"]
    assert set(heads) == {"col", "row"}
    assert [tag for tag, _ in found.tags].count("h1") == 1


def test_every_entry_up_to_the_closing_stands_in_the_annex_in_order_and_none_after_it(player):
    record, timeline = player.state.closures[-1], player.state.timeline
    until = next(e.sequence for e in timeline if e.hash == record.chain_head)
    assert until < len(timeline)
    html = page(player, "id")
    annex = html[html.index('id="annex"') :]
    assert [int(n) for n in re.findall(r'<th scope="row">(\d+)\. ', annex)] == list(range(1, until + 1))


@pytest.mark.parametrize("language", HOUSE_LANGUAGES)
def test_the_languages_have_the_same_words(language):
    for part in ("audit", "closure"):
        ours, theirs = ({*_paths(words(one, part))} for one in (language, Language.ID))
        assert ours == theirs, part
        for path, text in _texts(words(language, part)):
            places = set(re.findall(r"{(\w+)}", text))
            assert places == set(re.findall(r"{(\w+)}", dict(_texts(words(Language.ID, part)))[path])), path


def test_each_language_is_a_folder_of_texts():
    assert {path.parent.name for path in DIRECTORY.glob("*/closure.yaml")} == set(HOUSE_LANGUAGES)
    for path in DIRECTORY.glob("*/*.yaml"):
        assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def _texts(found: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(found, list):
        found = dict(enumerate(found))
    if not hasattr(found, "items"):
        return [(path, str(found))]
    return [text for name, value in found.items() for text in _texts(value, f"{path}.{name}")]


def _paths(found: Any) -> list[str]:
    return [path for path, _ in _texts(found)]


def test_it_knows_all_that_a_record_holds_and_has_words_for_every_end_of_a_clock():
    assert set(ClosureRecord.model_fields) <= KNOWN, "give it a place in documents/closure.py"
    for language in HOUSE_LANGUAGES:
        assert set(ClockState) <= set(words(language, "closure")["results"])
        assert set(MetBy) <= set(words(language, "closure")["met_by"])


def test_what_a_newer_record_holds_is_told_and_what_an_older_one_lacks_is_not_missed(player):
    html = page(player, "en", survey={"effort": 2, "asked_at": "2026-07-20T02:00:00Z"}, goodwill=True, empty=None)
    assert "survey: effort" in html
    assert "Mon 20 Jul 2026" in html
    assert ">goodwill</dt><dd>yes<" in html
    cause = player.state.closures[-1].root_cause | {"category": "moonlight", "weak": ["a guess"]}
    told = page(player, "en", root_cause=cause)
    assert "moonlight" in told
    assert "a guess" in told
    least = {"number": 1, "reference": "TTS-1", "closed_at": "2026-07-08T02:00:00Z", "reason": "withdrawn",
             "severity": "minor", "owner": "team:x", "tier": "frontline", "pack": "gone", "policy_version": "0",
             "chain_head": "0" * 64}  # fmt: skip
    html = closures.of_case(least, player.state.timeline, Language.EN, POLICY).html
    assert "Its content was erased." in html
    assert "Closed without a decision." in html
    assert "is not in the stored timeline" in html


def hostile() -> tuple[ClosureRecord, tuple[Entry, ...]]:
    record = a_closure(problem=HOSTILE, findings=HOSTILE, reasons=HOSTILE, outcome="upheld", approved_by="x'\"<b>",
                       remedies=({"solution": HOSTILE, "detail": HOSTILE, "cost": 5},),
                       steps=({"step": HOSTILE, "note": HOSTILE, "actor": HOSTILE, "at": HOSTILE},),
                       root_cause={"cause": HOSTILE, HOSTILE: HOSTILE, "whys": [{"why": HOSTILE}]},
                       evaluation={HOSTILE: [HOSTILE, {HOSTILE: [HOSTILE]}]}, category="<b>",
                       tier="</style>")  # fmt: skip
    entry = link(
        reference=record.reference, case_salt="s", previous=None, at=record.closed_at, acted_at=record.closed_at,
        kind=Kind.NOTED, actor=Actor(id="budi"), detail={"note": HOSTILE, "reason": HOSTILE}, words=HOSTILE,
    )  # fmt: skip
    return record, (entry,)


@pytest.mark.parametrize("language", ["id", "en"])
def test_hostile_text_is_text(language):
    record, timeline = hostile()
    over = {"reference": 'TTS-"</style><b>', "chain_head": timeline[0].hash}
    html = closures.of_case(record.model_dump(mode="json") | over, timeline, Language(language), POLICY).html
    found = Text(html)
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"script", "img", "b", "a", "link", "iframe", "form"}
    assert "<script>alert(1)</script>" in found.text
    assert "{{ 7*7 }}" in found.text
    assert not set("\u202e\u2066\x00\x1b") & set(html)
    assert html.count("</style>") == 2  # ours: of every page, and of this one
    assert not [attributes for _, attributes in found.tags if {"style", "onload", "onerror"} & attributes.keys()]


@pytest.mark.usefixtures("pango")
def test_hostile_text_becomes_a_pdf_that_loads_nothing(caplog):
    record, timeline = hostile()
    values = record.model_dump(mode="json") | {"chain_head": timeline[0].hash}
    html = closures.of_case(values, timeline, Language.ID, POLICY).html
    assert as_pdf(html).startswith(b"%PDF-1.7")
    assert "evil.test" not in caplog.text


@pytest.mark.usefixtures("pango")
def test_a_page_of_ours_that_names_something_elsewhere_loads_it_not():
    """The second wall: even if something got past the template."""
    made = as_pdf("<html lang=id><title>x</title><img alt=x src='file:///etc/hostname'><p>teks</p>")
    assert b"/Image" not in made


def test_a_text_of_100000_characters_is_cut_with_a_sentence():
    kept, left = harmless("a" * 100_000)
    assert (len(kept), left) == (LONGEST, 100_000 - LONGEST)
    record = a_closure(problem="x" * 100_000, chain_head="0").model_dump(mode="json")
    at = datetime(2026, 7, 6, tzinfo=UTC)
    entry = link(reference="TTS-1", case_salt="s", previous=None, at=at, acted_at=at, kind=Kind.NOTED,
                 actor=Actor(id="budi"), detail={}, words="y" * 100_000)  # fmt: skip
    html = closures.of_case(record, (entry,), Language.EN, POLICY).html
    assert html.count("x" * 1_000) == LONGEST // 1_000
    assert "80,000 further characters" in html
    assert "y" * LONGEST_IN_ANNEX in html
    assert "y" * (LONGEST_IN_ANNEX + 1) not in html


def test_erased_words_show_as_erased(player):
    record = player.state.closures[-1].model_dump(mode="json") | {"problem": None, "reasons": None}
    bare = [e.model_copy(update={"detail": {}, "words": None}) for e in player.state.timeline[:5]]
    papers = Papers(StoredRecord(number=1, record=record), StoredAnnex(tuple(bare), 5, True, frozenset({2})))
    html = closures.render(papers, Language.EN, POLICY).html
    assert html.count("Its content was erased.") == 2
    assert html.count("(its content was erased)") == 1
    assert "{" not in Text(html).text


def test_a_long_timeline_says_what_is_left_out():
    at = datetime(2026, 7, 6, tzinfo=UTC)
    lines = [Line(number, at + timedelta(minutes=number), "budi", "noted") for number in (1, 2, 4_999, 5_000)]
    voice = closures._RecordVoice(Language.EN, POLICY)
    html = as_html(closure(a_closure().model_dump(mode="json"), Annex(lines, 5_000), voice))
    assert "has 5,000 entries" in html
    assert "Shown here are 4 of them, the first and the last; 4,996 entries between are left out." in html


@pytest.fixture(scope="module", params=["id", "en"])
def pdf(request, player, pango) -> tuple[str, pypdf.PdfReader]:
    return request.param, pypdf.PdfReader(io.BytesIO(as_pdf(page(player, request.param))))


def test_the_pdf_is_tagged_and_says_its_language_and_title(pdf):
    language, found = pdf
    root = found.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or bool(root["/MarkInfo"]["/Marked"])
    assert root["/Lang"] == language
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert found.metadata.title.endswith("TTS-TEST")
    assert "pdfuaid" in found.xmp_metadata.stream.get_data().decode()
    assert found.metadata.creation_date.date().isoformat() == "2026-07-08"


def test_the_pdf_has_headings_bookmarks_and_headers_for_its_cells(pdf):
    _, found = pdf
    tags: list[Any] = []
    _walk(found.trailer["/Root"]["/StructTreeRoot"], tags)
    kinds = {str(one["/S"]) for one in tags}
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/TR", "/Caption", "/P", "/BlockQuote"} <= kinds
    assert not kinds & {"/Link", "/Figure"}
    cells = [one for one in tags if one["/S"] == "/TD"]
    assert cells
    assert all(one["/A"]["/Headers"] for one in cells)
    titles = [one["/Title"] for one in _flat(found.outline)]
    assert len(titles) > 10
    assert "TTS-TEST" in titles[0]


def test_the_pdf_says_what_the_page_says_with_its_pages_counted(pdf, player):
    language, found = pdf
    texts = [one.extract_text() for one in found.pages]
    pages = {"id": "Halaman {} dari {}", "en": "Page {} of {}"}[language]
    for number, text in enumerate(texts, 1):
        assert pages.format(number, len(texts)) in text
        assert "TTS-TEST" in text
    said = "".join("".join(texts).split())
    for one in ("Ketel bocor di alasnya.", "Segel dari pemasok lain.", player.state.closures[-1].chain_head):
        assert "".join(one.split()) in said


def test_the_base_sheet_knows_each_element_of_a_page(player):
    """What it does not name would be text within a line on paper, the head too."""
    sheet = (TEMPLATES / "base.css").read_text(encoding="utf-8")
    displayed = " ".join(re.findall(r"^([^{}/]*)\{ display:", sheet, re.MULTILINE))
    inline = {"code"}
    found = {tag for html in (page(player, "id"), page(player, "en")) for tag, _ in Text(html).tags}
    assert {"table", "dl", "blockquote", "code"} <= found
    assert found - inline <= set(re.findall(r"\w+", displayed))


def test_on_paper_an_id_stands_only_where_no_element_is_within(player):
    """An element with an id shares its styles with none, and so does whatever is within: a fifth of the time."""
    html = page(player, "id")
    assert html.count(" id=") > 10
    assert len(re.findall(r"<h2 id=\"\w+\">[^<]+</h2>", html)) == html.count(" id=")


@pytest.mark.usefixtures("pango")
def test_the_sheet_of_every_page_is_read_once(player, monkeypatch):
    import weasyprint

    as_pdf(page(player, "id"))
    read: list[str] = []
    parse = weasyprint.CSS.__init__

    def noted(self, *args, **given):
        read.append(str(given.get("string")))
        parse(self, *args, **given)

    monkeypatch.setattr(weasyprint.CSS, "__init__", noted)
    as_pdf(page(player, "id"))
    assert [one.startswith("@page { @bottom-left") for one in read] == [True]


@pytest.mark.usefixtures("pango")
def test_the_same_record_is_the_same_pdf(player):
    assert as_pdf(page(player, "id")) == as_pdf(page(player, "id"))


def _walk(node: Any, found: list[Any]) -> None:
    node = node.get_object()
    if "/S" in node:
        found.append(node)
    children = node.get("/K", [])
    children = children.get_object() if hasattr(children, "get_object") else children
    for child in children if isinstance(children, list) else [children]:
        inner = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(inner, dict) and "/S" in inner:
            _walk(inner, found)


def _flat(outline: Any) -> list[Any]:
    return [one for entry in outline for one in (_flat(entry) if isinstance(entry, list) else [entry])]


def test_the_record_is_json_as_it_is_stored(player):
    record = player.state.closures[-1].model_dump(mode="json")
    assert json.loads(json.dumps(record)) == record


@pytest.mark.parametrize("language", HOUSE_LANGUAGES)
def test_a_case_that_its_survey_opened_again_says_so_in_the_language_of_the_page(language: Language) -> None:
    player = closed().until(wib(14, 9))
    player.survey(solved=False, text="Bocor lagi")
    player.wait(HOUR).decide()
    player.wait(HOUR).confirm()
    told = catalogue.words(language, "desk")["explanations"][SAID_SO]
    html = page(player, language)
    assert html.count(told) == 2  # in the record and in the timeline
    assert SAID_SO not in html
