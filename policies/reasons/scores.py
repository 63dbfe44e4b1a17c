"""What led to the scores of a case: each finding in words, with what it takes off or gives back."""

from babel.numbers import format_decimal

from complaints.evaluation import BEST, Derived, Finding, Scores
from complaints.vocabulary import Dimension, Language
from policies.reasons.told import Row, Told
from policies.reasons.voice import Saying


def why_scored(scores: Scores, texts: str, language: Language) -> tuple[Told, ...]:
    """Speed, solution and communication, in this order. `texts`: the pack whose words are used."""
    saying = Saying(texts, language)
    return tuple(_told(saying, dimension, scores.of(dimension)) for dimension in Dimension)


def _told(saying: Saying, dimension: Dimension, found: Derived | None) -> Told:
    score = _number(found.score, saying.language) if found else "-"
    rows = [Row(kind="start", cells=(saying.say("scores_start"), _number(BEST, saying.language)))]
    rows += [_row(saying, finding) for finding in found.derivation] if found else []
    return Told(
        title=saying.say(f"scores_title_{dimension}", score=score),
        sentence=saying.say("scores_sum" if found else "scores_none", score=score),
        columns=saying.columns("scores"),
        rows=tuple(rows) if found else (),
    )


def _row(saying: Saying, finding: Finding) -> Row:
    phrase = f"finding_{finding.what}"
    if finding.what == "in_time" and finding.value is not None:
        phrase = "finding_in_time_used"
    metric = saying.word("metric", finding.metric) if finding.metric else ""
    if finding.occurrence is not None and finding.occurrence > 1:
        metric = f"{metric} {finding.occurrence}"
    late = saying.length(finding.value or 0) if finding.what == "late" else ""
    words = saying.say(phrase, metric=metric, value=finding.value, of=finding.of, n=finding.value, length=late)
    return Row(kind=finding.what, cells=(words, _number(finding.effect, saying.language, signed=True)))


def _number(value: float, language: Language, *, signed: bool = False) -> str:
    """A multiple of a half, as the language writes it: `4,5`; an effect with its sign."""
    return str(format_decimal(value, format="+0.#;-0.#" if signed and value else "0.#", locale=language))
