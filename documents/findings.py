"""What an audit has found, in words."""

from complaints.auditing import Finding, Verdict
from complaints.vocabulary import Language
from documents.texts import words


def told(verdict: Verdict, language: Language) -> str:
    """Return one paragraph about one case."""
    said = words(language, "audit")
    if verdict.finding is not None:
        return str(said["tampered"]).format(reference=verdict.reference, what=what(verdict.finding, language))
    first = "sound" if verdict.entries else "imported" if verdict.imported else "empty"
    sentences = [str(said[first]).format(reference=verdict.reference, entries=verdict.entries)]
    if verdict.erased:
        sentences.append(str(said["erased"]).format(erased=verdict.erased))
    if verdict.pending:
        numbers = ", ".join(map(str, verdict.pending))
        sentences.append(str(said["pending"]).format(numbers=numbers))
    if verdict.head:
        sentences.append(str(said["head"]).format(head=verdict.head))
    return "\n".join(sentences)


def what(finding: Finding, language: Language) -> str:
    """Return which entry it is, and what is wrong with it."""
    said = words(language, "audit")
    several = finding.last is not None and finding.last != finding.first
    which = str(said["entries" if several else "entry"]).format(first=finding.first, last=finding.last)
    was = finding.was or ""
    if was and not was.isdigit():
        name, _, value = was.partition(" ")
        was = str(said["was"][name]).format(value=value)
    sentence = str(said["findings"][finding.wrong])
    return sentence.format(which=which, was=was, closure=finding.closure, first=finding.first)
