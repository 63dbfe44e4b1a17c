"""The policy of the drills: the demonstration's, with clocks that a fault or a busy machine does not run out.

What a story promises must rest on what people do and on the faults, not on how fast the machine is. So a clock is
short only where its story waits for it: the category says which story it is.
"""

import policies
from complaints.policy import Policy

CATEGORY = {
    "confirmed": "billing",
    "silent": "poor_service",
    "disputed": "defective_product",
    "climbing": "website_error",
    "asked": "privacy",
    "unanswered": "other",
    "withdrawn": "wrong_delivery",
    "reopened": "defective_product",
}
LONG = "30 minutes"


def policy() -> Policy:
    return policies.load("demo", {
        "clocks": {
            "acknowledgement": {"targets": [{"target": LONG}]},
            "first_response": {"targets": [_only("climbing", "8 seconds"), {"target": LONG}]},
            "next_response": {"targets": [{"target": LONG}]},
            "information": {
                "reminders": ["6 seconds", "12 seconds"],
                "targets": [_only("unanswered", "18 seconds"), {"target": LONG}],
            },
            "progress_update": {"targets": [{"target": LONG}]},
            "resolution": {"targets": [{"target": LONG}]},
            "confirmation": {
                "reminders": ["6 seconds", "12 seconds"],
                "targets": [_only("silent", "18 seconds"), {"target": LONG}],
            },
            "closure": {"targets": [{"target": LONG}]},
            "action": {"targets": [{"target": LONG}]},
            "follow_up": {"targets": [{"target": "3 seconds"}]},
        },
        "aftercare": {"period": {"target": "6 seconds"}},
        "escalation": {
            "climb": [_only("climbing", "6 seconds"), {"target": LONG}],
            "top_reminder": [{"target": LONG}],
        },
        # An effect later than this would be told in another way: the drills are about shorter outages.
        "outage": {"after": "20 minutes"},
    })  # fmt: skip


def _only(story: str, target: str) -> dict[str, object]:
    return {"when": {"category": [CATEGORY[story]]}, "target": target}
