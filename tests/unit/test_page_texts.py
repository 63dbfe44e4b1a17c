"""One catalogue for all pages: every text in every language, with the same places; none that no page names."""

import re
from pathlib import Path

import pytest

from web.catalogue import DIRECTORY, catalogue, flat, languages, words

WEB = DIRECTORY.parent
PARTS = sorted({path.stem for path in DIRECTORY.glob("*/*.yaml")})
SOURCES = [path for suffix in ("py", "html", "j2") for path in WEB.rglob(f"*.{suffix}")]
SAID = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
_NAME = r"([a-z_]+(?:\.[a-z_]+)*)"
# What is named by itself: `d.case.words`, `"why_not.role"`.
NAMED = {*re.findall(rf"\b[dt]\.{_NAME}", SAID), *re.findall(rf"[\"']{_NAME}[\"']", SAID)}
# A group is named as a whole where one of its words is chosen while the page is made.
WHOLE = {
    found
    for pattern in (
        rf"\b[dt]\.{_NAME}(?=\[|\.(?:items|values|keys|get)\()",
        rf"\b[dt]\.{_NAME}(?![\w.(])", rf"\b[dt]\[[\"']{_NAME}[\"']\]",
        rf"\bwords?\([\"']{_NAME}[\"']", rf"f[\"']{_NAME}\.\{{", rf"[\"']{_NAME}\.[\"'] *[~+]",
        rf"\bt\.all\([\"']{_NAME}[\"']",
    )
    for found in re.findall(pattern, SAID)
}  # fmt: skip


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("part", PARTS)
def test_every_language_has_the_same_texts_with_the_same_places(part):
    first = catalogue(part, "id").texts
    for language in languages(part):
        texts = catalogue(part, language).texts
        assert set(texts) == set(first), language
        assert all(text.strip() for text in texts.values())
        different = {key for key, text in texts.items() if places(text) != places(first[key])}
        assert different == set(), language


def test_every_folder_holds_every_part_of_the_desk():
    assert {languages(part) for part in PARTS if part != "public"} == {languages("desk")}


def named(key: str) -> bool:
    """Whether some page names a text: by its dotted name, or a group that it belongs to as a whole."""
    return key in NAMED or any(key[: found.start()] in WHOLE for found in re.finditer(r"\.", key))


@pytest.mark.parametrize("part", ["auth", "desk", "public"])
def test_no_text_is_left_that_no_page_names(part):
    assert [key for key, _ in flat(words("id", part)) if not named(key)] == []


def test_every_text_that_a_page_of_the_desk_names_is_there():
    desk, auth = catalogue("desk", "id"), catalogue("auth", "id")
    pages = [path for path in SOURCES if path.suffix == ".html"]
    assert len(pages) > 20
    missing = {
        f"{path.name}: {prefix}.{key}"
        for path in pages
        for prefix, key in re.findall(r"\b(d|t)((?:\.[a-z_]+)+)\b(?!\()", _expressions(path))
        if not _known(desk if prefix == "d" else auth, key.removeprefix("."))
    }
    assert missing == set()


def _known(texts, key: str) -> bool:
    return key in texts or any(name.startswith(f"{key}.") for name in texts.texts)


def _expressions(path: Path) -> str:
    """Return what Jinja evaluates of a template."""
    return " ".join(re.findall(r"\{[{%](.*?)[%}]\}", path.read_text(encoding="utf-8"), re.DOTALL))
