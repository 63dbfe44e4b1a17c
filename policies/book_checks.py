"""The checks of a pack's texts: every occasion and every word in every language, every place one that can be filled."""

from collections.abc import Iterable, Iterator

from complaints.errors import BadPolicy
from complaints.policy import Policy
from complaints.policy_demands import found as found_at
from complaints.policy_problems import Problem
from complaints.vocabulary import Language, Occasion
from policies.books import GROUPS, PLACES, Book, Text, Words, alternatives, pieces, read_book


def book_problems(texts: str, languages: Iterable[Language]) -> list[Problem]:
    """Return all that is wrong with the texts of a policy that speaks these languages."""
    try:
        book = read_book(texts)
    except BadPolicy as error:
        return [Problem(error.field, error.problem, error.remedy)]
    return [*book.problems, *(problem for language in languages for problem in _language(book, language))]


def demand_problems(policy: Policy) -> list[Problem]:
    """Return the demands of a policy that name texts which are not there."""
    try:
        book = read_book(policy.texts)
    except BadPolicy:
        return []  # told by `book_problems`
    texts = {
        language: {"notices": {str(name): text.model_dump(mode="json") for name, text in notices.items()},
                   "words": book.words[language].model_dump(mode="json") if language in book.words else {}}
        for language, notices in book.notices.items()
    }  # fmt: skip
    return [
        Problem(f"demands.{index}.keys.{number}", f"there is nothing at `{key}`", "name the text that carries it")
        for index, demand in enumerate(policy.demands)
        for number, key in enumerate(demand.keys)
        if key.startswith("texts.") and not found_at(texts, key.split(".")[1:])
    ]


def _language(book: Book, language: Language) -> Iterator[Problem]:
    unread = tuple(problem.field for problem in book.problems)
    for part, found in (("notices", book.notices), ("words", book.words)):
        field = f"texts.{language}.{part}"
        if language not in found and not any(place.startswith(field) for place in unread):
            yield Problem(field, f"the texts in `{language}` are missing", f"add texts/{language}/{part}.yaml")
    for occasion in Occasion if language in book.notices else ():
        field = f"texts.{language}.notices.{occasion}"
        text = book.notices[language].get(occasion)
        if text is None:
            yield Problem(field, f"the text in `{language}` is missing", "add its subject and body")
        else:
            yield from _notice(field, text)
    if language in book.words:
        yield from _words(f"texts.{language}.words", book.words[language])


def _notice(field: str, text: Text) -> Iterator[Problem]:
    templates = [(f"{field}.subject", text.subject)]
    for index, paragraph in enumerate(text.body):
        templates += ((f"{field}.body.{index}", template) for template in alternatives(paragraph))
    for place, template in templates:
        yield from _template(place, template, PLACES)
    if "{reference}" not in text.subject:
        yield Problem(f"{field}.subject", "does not name the case", "put {reference} in it")
    if not text.body:
        yield Problem(f"{field}.body", "is empty", "write at least one paragraph")
    elif all(
        "{" in template.replace("{reference}", "")
        for paragraph in text.body
        for template in alternatives(paragraph)[-1:]
    ):
        yield Problem(f"{field}.body", "may stay empty", "write one paragraph that needs nothing but {reference}")


def _template(field: str, template: str, places: frozenset[str]) -> Iterator[Problem]:
    if not template.strip():
        yield Problem(field, "the text is empty", "write it")
    try:
        used = {place for _, place in pieces(template) if place is not None}
    except ValueError as error:
        yield Problem(field, str(error), "write {name}; a brace of its own is doubled")
        return
    for place in sorted(used - places):
        yield Problem(field, f"there is no place `{place}`", f"use some of {', '.join(sorted(places))}")


def _words(field: str, words: Words) -> Iterator[Problem]:
    for group, names in GROUPS.items():
        known = getattr(words, group)
        for name in names:
            if name not in known:
                yield Problem(f"{field}.{group}.{name}", "the word is missing", "add it")
    for name, forms in words.duration.items():
        for form in forms:
            yield from _template(f"{field}.duration.{name}", form, frozenset({"n"}))
    yield from _template(f"{field}.greeting_named", words.greeting_named, frozenset({"name"}))
    yield from _template(f"{field}.follow", words.follow, frozenset({"link"}))
