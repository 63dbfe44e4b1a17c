"""No page of the desk shows a name of the code: every member of every closed set that it speaks of is a text."""

from itertools import product

import pytest

import policies
from complaints.case.closing import _PARTS
from complaints.case.commands import HANDLERS
from complaints.messages.view import EntryView
from complaints.timeline import SYSTEM
from complaints.vocabulary import (
    ActionKind,
    Cause,
    CauseCategory,
    Channel,
    ClockState,
    ClosingReason,
    Kind,
    KnownFact,
    Language,
    Metric,
    Occasion,
    Outcome,
    ReopeningReason,
    Role,
    RootCauseMethod,
    Severity,
    Status,
)
from database.notices import State as LetterState
from policies.reasons import why_closed, why_due, why_escalated
from tests.fixtures.records import NOW as DATE
from tests.unit.cases import DAY, Player, default_policy
from tests.unit.test_reasons import reasons_of
from web.catalogue import LANGUAGES, catalogue
from web.desk.forms import _SKIPPED, _WHAT, MODELS, OF_THE_FORM
from web.desk.offers import ELSEWHERE, FISHBONE, GROUPS
from web.desk.queues import Queue
from web.desk.stream import said
from web.desk.voice import Voice

PACKS = ("id.default", "demo")
# What `v.word(group, name)` and `d.group[name]` are asked for on pages of a case, of queues and of leads.
SPOKEN = {
    "metric": Metric, "cause": Cause, "severity": Severity, "status": Status, "channel": Channel, "outcome": Outcome,
    "closing_reason": ClosingReason, "reopening_reason": ReopeningReason, "clock_states": ClockState,
    "occasions": [one for one in Occasion if one.to_complainant and one is not Occasion.CONTACT_CODE],
    "causes": CauseCategory, "methods": RootCauseMethod, "fishbone": FISHBONE, "action_kinds": ActionKind,
    "languages": LANGUAGES, "acts": HANDLERS, "letters": LetterState, "queues": Queue, "groups": GROUPS,
    "facts": KnownFact, "detail": {name for name, *_ in _PARTS} - {"steps"},
    "actors": (Role.SYSTEM, Role.COMPLAINANT), "problems": {*_WHAT.values(), "file", "other"},
    "next": {"approval", *Status, *Metric},
    "fields": {name for model in MODELS.values() for name in model.model_fields} - {*OF_THE_FORM, *_SKIPPED},
}  # fmt: skip


@pytest.mark.parametrize(("pack", "language"), [*product(PACKS, LANGUAGES)])
def test_every_member_of_a_closed_set_has_a_word(pack, language):
    voice = Voice(Language(language), policies.load(pack))
    own, book = catalogue("desk", language), voice._book
    missing = [
        (group, str(name))
        for group, names in SPOKEN.items()
        for name in names
        if f"{group}.{name}" not in own and str(name) not in getattr(book, group, {})
    ]
    assert missing == []
    assert {act for names in GROUPS.values() for act in names} | set(ELSEWHERE) == set(HANDLERS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_says_no_name_of_the_code(language):
    """Late and still late, up the ladder, disputed, decided and closed: titles, sentences and cells."""
    player = Player(policy=default_policy())
    player.until(player.now + 30 * DAY)
    player.decide()
    player.dispute()
    player.decide()
    player.confirm()
    told = (
        *why_due(reasons_of(player), language), why_escalated(reasons_of(player), language),
        *why_closed(reasons_of(player), language),
    )  # fmt: skip
    texts = [part for one in told for part in (one.title, one.sentence, *(c for row in one.rows for c in row.cells))]
    assert len(texts) > 50
    assert [text for text in texts if "_" in text] == []
    assert any(one.code == "first_response 1" for one in told)  # for a command, and for nobody else


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_entry_tells_is_in_words(language):
    """Every name that an entry may hold, in the sentence of every kind of entry that speaks of it."""
    voice = Voice(Language(language), policies.load("id.default"))
    names = {
        "fact": KnownFact, "metric": Metric, "cause": Cause, "outcome": Outcome, "severity": Severity, "act": HANDLERS,
        "channel": Channel, "occasion": SPOKEN["occasions"], "description": ("supply_contact",),
        "reason": ClosingReason,
        "missing": [["contact"], ["consent"], ["customer_number"]], "category": policies.load("id.default").categories,
    }  # fmt: skip
    raw = []
    for kind in Kind:
        for place, values in names.items():
            for value in values:
                entry = EntryView(sequence=1, at=DATE, kind=kind, actor=SYSTEM, detail={place: value})
                raw += [(kind, place)] if "_" in said(entry, voice) else []
    assert raw == []
