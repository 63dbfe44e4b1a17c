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


class ActionKind(StrEnum):
    """Who is owed: a promise to the complainant, a correction in the house, or a task the case gave its owner."""

    PROMISE = "promise"
    CORRECTIVE = "corrective"
    TASK = "task"
