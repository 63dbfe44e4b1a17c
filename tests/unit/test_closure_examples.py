"""The committed closure records are those that the cases make now."""

import json

import pypdf
import pytest

from tests.closure_examples import EXAMPLES, FOLDER, pages


@pytest.mark.parametrize("name", EXAMPLES)
def test_they_are_up_to_date(name):
    for file, content in pages(name):
        remedy = f"{file}: make it anew with `python -m tests.closure_examples`"
        assert (FOLDER / file).read_text(encoding="utf-8") == content, remedy


@pytest.mark.parametrize(("name", "language"), [(name, one) for name, spoken in EXAMPLES.items() for one in spoken])
def test_each_has_its_pdf_which_is_tagged_and_says_the_same(name, language):
    record = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    found = pypdf.PdfReader(FOLDER / f"{name}.{language}.pdf")
    root = found.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"])) == (language, True)
    said = "".join("".join("".join(page.extract_text() for page in found.pages).split()))
    for text in (record["reference"], record["chain_head"], record["problem"], record["reasons"]):
        assert "".join(text.split()) in said


def test_they_show_what_they_are_for():
    records = {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in EXAMPLES}
    assert (records["simple"]["disputes"], records["simple"]["reopenings"]) == (0, 0)
    assert [one["completed_at"] for one in records["simple"]["actions"]] == [None]
    assert records["disputed"]["disputes"] == 2
    assert (records["reopened"]["reopenings"], records["reopened"]["number"]) == (1, 2)
    assert "diarsipkan" in (FOLDER / "reopened.id.html").read_text(encoding="utf-8")
