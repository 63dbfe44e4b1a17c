"""How the handling of a case is judged."""

from enum import StrEnum


class Dimension(StrEnum):
    """What the handling of a case is scored on, 1 to 5."""

    SPEED = "speed"
    SOLUTION = "solution"
    COMMUNICATION = "communication"


class ReviewCause(StrEnum):
    """Why a closed case is put before a reviewer."""

    SAMPLE = "sample"  # drawn at random
    CRITICAL = "critical"
    DISPUTED = "disputed"
    BREACHED = "breached"
