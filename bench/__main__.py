"""Speed of the pure core: calendar operations, and whole complaints played under the default policy."""

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import policies
import simulation

RUNS = 7
START = datetime(2026, 3, 17, 8, tzinfo=UTC)
STORY = {
    "policy": "id.default",
    "complaint": {
        "channel": "email",
        "text": "Barang rusak",
        "category": "defective_product",
        "received_at": "2026-03-17T09:00:00+07:00",
        "complainant": {"email": "budi@contoh.co.id"},
    },
    "events": [
        {"at": "+2h", "act": "respond", "actor": {"id": "siti"}, "text": "Kami periksa."},
        {"at": "+26h", "act": "decide", "actor": {"id": "siti"}, "outcome": "upheld", "reasons": "Rusak saat dikirim."},
        {"at": "+30h", "message": "satisfaction_confirmed", "satisfied": True},
    ],
    "until": "+40d",
}


def measured(name: str, times: int, work: Callable[[], object]) -> None:
    """Print the median of several runs, in microseconds an operation."""
    work()
    spent = []
    for _ in range(RUNS):
        began = time.perf_counter()
        for _ in range(times):
            work()
        spent.append((time.perf_counter() - began) / times * 1e6)
    print(json.dumps({"what": name, "median_us": round(statistics.median(spent), 1), "runs": RUNS, "times": times}))


def main() -> None:
    policy = policies.load("id.default")
    office = policies.resolve(policy, START).built["office"]
    measured("calendar add 80 h", 2000, lambda: office.add(START, timedelta(hours=80)))
    measured("calendar between 30 days", 2000, lambda: office.between(START, START + timedelta(days=30)))
    scenario = simulation.load(STORY)
    measured("one complaint, receipt to archive", 20, lambda: simulation.simulate(scenario, policy))


if __name__ == "__main__":
    main()
