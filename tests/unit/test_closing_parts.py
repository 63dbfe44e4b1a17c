"""The owner of a case that cannot close yet is told what is missing by name, and until when."""

import pytest

from complaints.vocabulary import Language, Status
from policies.texts import texts_for
from tests.unit.cases import resolved, wib


@pytest.mark.parametrize(("language", "words", "when"), [("id", "akar masalah", "Lengkapi paling lambat"),
                                                         ("en", "root cause", "by")])  # fmt: skip
def test_the_owner_is_told_which_parts_are_missing_and_until_when(language, words, when):
    player = resolved(severity="major").until(wib(6, 11))
    player.confirm()
    assert player.status is Status.CLOSING
    (notice,) = player.notices("agent_closure_parts_missing")
    assert notice.to == (player.state.owner,)
    assert notice.facts.due_at == player.clock("closure").due_at
    body = texts_for(notice).render(notice, Language(language)).body
    assert f"- {words}" in body
    assert when in body
    assert "2026" in body  # the date, as the language writes it
