"""An invented notice of each occasion, so that a text can be read as its recipient would. Pure."""

from datetime import datetime, timedelta

from complaints.messages.duties import AgentNotice, Notice, NoticeFacts, NoticePart
from complaints.model import Personal
from complaints.policy import Policy
from complaints.vocabulary import Cause, Channel, Language, Metric, Occasion, Outcome, Severity

REFERENCE = "TTS-0000000000000"
_NAMES = {Language.ID: "Rina", Language.EN: "Rina"}
_WORDS = {Language.ID: "(kata-kata petugas)", Language.EN: "(the agent's own words)"}
_COMBINED = (Occasion.CAUGHT_UP, Occasion.AGENT_CAUGHT_UP)


def sample(policy: Policy, occasion: Occasion, language: Language, now: datetime) -> Notice | AgentNotice:
    """Return a notice with a fact for everything that a text may speak of."""
    facts = _facts(policy, language, now)
    parts = _parts(occasion, facts, now)
    if occasion.to_complainant:
        return Notice(
            key="sample", reference=REFERENCE, occasion=occasion, occurrence=1, channel=Channel.EMAIL,
            language=language, address=Personal("rina@example.com"), name=Personal(_NAMES[language]), at=now,
            pack=policy.pack, texts=policy.texts, texts_version=policy.texts_version, timezone=policy.timezone,
            facts=facts, parts=parts,
        )  # fmt: skip
    return AgentNotice(
        key="sample", reference=REFERENCE, occasion=occasion, occurrence=1, to=("agent:siti",), at=now,
        pack=policy.pack, texts=policy.texts, facts=facts, parts=parts,
    )  # fmt: skip


def _facts(policy: Policy, language: Language, now: datetime) -> NoticeFacts:
    name, category = next(iter(policy.categories.items()))
    days = {ahead: now + timedelta(days=ahead) for ahead in (2, 5, 14)}
    return NoticeFacts(
        promised_at=days[14], answer_by=days[5], review_at=days[5], due_at=days[2], words=Personal(_WORDS[language]),
        reason="new_facts", change="extension", outcome=Outcome.PARTLY_UPHELD, number=1, category=name,
        remedies=tuple(solution.name for solution in category.solutions[:2]),
        steps=tuple(step.name for step in category.procedure), missing=tuple(category.needs),
        bodies=tuple(policy.outside_bodies), actions=(_WORDS[language],), severity=Severity.MODERATE,
        metric=Metric.RESOLUTION, fraction=0.75, tier=policy.tiers[0].name, cause=Cause.BREACH, actor="siti",
    )  # fmt: skip


def _parts(occasion: Occasion, facts: NoticeFacts, now: datetime) -> tuple[NoticePart, ...]:
    """Return what a combined notice stands for."""
    if occasion not in _COMBINED:
        return ()
    pair = (
        (Occasion.PROGRESS_UPDATE, Occasion.DECISION)
        if occasion.to_complainant
        else (Occasion.AGENT_WARNING, Occasion.AGENT_BREACH)
    )
    return tuple(
        NoticePart(key=f"sample/{one}", occasion=one, occurrence=1, at=now, to=("agent:siti",), facts=facts)
        for one in pair
    )
