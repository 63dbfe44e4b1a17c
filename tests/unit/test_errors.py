"""What a group of tasks is said to have ended of."""

import pytest

from complaints.errors import NotFound, TuntasError, Unreachable, first_of

AWAY = Unreachable("is away", field="server", remedy="start it")


def test_the_first_of_its_kind_stands_for_all_however_deep_it_lies() -> None:
    group = ExceptionGroup("", [ExceptionGroup("", [AWAY]), Unreachable("is away too", field="server", remedy="")])
    assert first_of(group, Unreachable) is AWAY
    assert first_of(group, TuntasError) is AWAY


@pytest.mark.parametrize("other", [ValueError("a defect"), NotFound("is none", field="reference", remedy="")])
def test_a_group_with_others_in_it_stays_whole(other: Exception) -> None:
    group = ExceptionGroup("", [AWAY, other])
    assert first_of(group, Unreachable) is group
