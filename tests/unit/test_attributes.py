from datetime import UTC, datetime

from complaints.case import Case
from tests.fixtures.cases import MONDAY, start_complaint
from workflows import attributes as a


def standing(**over):
    case, _ = Case.open(start_complaint(), MONDAY)
    return case.standing().model_copy(update=over)


def test_values_are_cut_to_what_every_store_can_keep():
    values = a.values_of(standing(owner="agent:" + "x" * 400, category="a\x00b\ud800" + "é" * 300))
    assert len(values["ComplaintOwner"]) == 255
    assert values["ComplaintCategory"].startswith("a?b?")
    assert len(values["ComplaintCategory"]) == 255
    assert sum(len(v.encode()) for v in a.keywords(("ü" * 255,) * 20)) < 2_000


def test_only_what_changed_is_told():
    before = a.values_of(standing())
    assert a.updates(before, before) == []
    after = a.values_of(standing(next_due_at=None, tier_level=2))
    assert [u.key.name for u in a.updates(before, after)] == ["ComplaintTier", "ComplaintNextDue"]


def test_what_temporal_has_reads_back_as_the_same_values():
    now = datetime.now(UTC)
    start = start_complaint()
    case, _ = Case.open(start, now + start.clock_shift)
    assert a.values_in(a.initial(start, now)) == a.values_of(case.standing())
