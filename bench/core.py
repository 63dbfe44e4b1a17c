"""The pure core: whole complaints played under the default policy, without Temporal or PostgreSQL."""

import statistics
import time

import policies
import simulation
from bench.measure import Options, show

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


async def run(options: Options) -> None:
    policy, scenario = policies.load("id.default"), simulation.load(STORY)
    simulation.simulate(scenario, policy)
    spent = []
    for _ in range(options.sized(100, 10)):
        began = time.perf_counter()
        simulation.simulate(scenario, policy)
        spent.append(time.perf_counter() - began)
    show("core_complaint", median_ms=round(statistics.median(spent) * 1e3, 2), runs=len(spent))
