"""Why it happened, and what is owed for it."""

from enum import StrEnum


class RootCauseMethod(StrEnum):
    FIVE_WHYS = "five_whys"
    FISHBONE = "fishbone"


class CauseCategory(StrEnum):
    PROCESS = "process"
    SYSTEM = "system"
    POLICY = "policy"
    PRODUCT = "product"
    PEOPLE = "people"
    SUPPLIER = "supplier"
    COMMUNICATION = "communication"


class FishboneClass(StrEnum):
    """The bones of a cause-and-effect diagram for services: the four P and the four S.

    The four P (policies, procedures, people, plant) and the four S (surroundings, suppliers, systems, skills) are what
    services use instead of the six M of manufacturing; sources are named in docs/actions-and-causes.md.
    """

    POLICIES = "policies"
    PROCEDURES = "procedures"
    PEOPLE = "people"
    PLANT = "plant"
    SURROUNDINGS = "surroundings"
    SUPPLIERS = "suppliers"
    SYSTEMS = "systems"
    SKILLS = "skills"


class Weakness(StrEnum):
    """What makes the end of an analysis weak: pointed out, never refused."""

    HUMAN_ERROR = "human_error"  # stops at who erred instead of what let it happen
    NO_EVIDENCE = "no_evidence"  # an answer that nothing shows
    SHORT_CHAIN = "short_chain"  # fewer than three whys
    BROKEN_CHAIN = "broken_chain"  # a why that does not speak of the answer before it
    NO_CLASS = "no_class"  # a fishbone without its bone


class ActionKind(StrEnum):
    """What is owed: a promise to the complainant, a measure in the house, or something the case itself asks for."""

    PROMISE = "promise"
    CORRECTIVE = "corrective"  # puts right what went wrong
    PREVENTIVE = "preventive"  # keeps it from happening elsewhere
    TASK = "task"  # given by the case to its owner: reach the complainant in another way
    REVIEW = "review"  # given by the case to a measure's owner: say whether it worked

    @property
    def measure(self) -> bool:
        """Whether it changes something in the house, so that one can ask whether it worked."""
        return self in (ActionKind.CORRECTIVE, ActionKind.PREVENTIVE)

    @property
    def given(self) -> bool:
        """Whether only a case gives it, and no command."""
        return self in (ActionKind.TASK, ActionKind.REVIEW)


class PromiseAnswer(StrEnum):
    """What the complainant says to a promise that we say is kept. Silence is never a yes."""

    CONFIRMED = "confirmed"
    DENIED = "denied"
    NOT_ANSWERED = "not_answered"
