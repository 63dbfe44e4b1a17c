"""Every drill of `make drill`."""

from itertools import combinations

from tests.drills.disk import FullDisk, NoRoom, may_mount, small_disk
from tests.drills.drill import Drill
from tests.drills.faults import Cut, Kill, Silence, Terminate
from tests.drills.versions import NEXT, StartNext, StopOld, first_build
from tests.replay.variants import RecordsLast

PARTS = ("worker", "temporal", "postgres", "mail")


def drills(*, mounts: bool | None = None) -> list[Drill]:
    """`mounts`: whether a small file system may be mounted; None: if we have the rights."""
    return [
        *(Drill(f"kill {part}", f"{part} dies three times", (Kill((part,)),) * 3) for part in PARTS),
        *(
            Drill(f"kill {one} and {other}", "both die in the same moment, twice", (Kill((one, other)),) * 2)
            for one, other in combinations(PARTS, 2)
        ),
        Drill("terminate worker", "SIGTERM during a send, twice", (Terminate(),) * 2, {"proxied": True}),
        disk_full(mounts=may_mount() if mounts is None else mounts),
        *(
            Drill(f"cut {service}", "connections end, new ones are refused", (Cut((service,)),) * 3, {"proxied": True})
            for service in ("temporal", "postgres", "smtp")
        ),
        Drill("cut all", "everything at once", (Cut(("temporal", "postgres", "smtp")),) * 2, {"proxied": True}),
        *(
            Drill(f"silence {service}", "half-open connections", (Silence((service,)),), {"proxied": True})
            for service in ("temporal", "postgres", "smtp")
        ),
        Drill(
            "two versions",
            "a rolling upgrade without builds: both take every task, patches held until the old one is gone",
            (StartNext({"TUNTAS_HOLD_PATCHES": "true"}), Kill(("worker",)), StopOld({})),
            workflows=(RecordsLast,),
        ),
        Drill(
            "two builds",
            "an upgrade with worker versioning: the next build takes over while this one still runs",
            (StartNext({"TUNTAS_BUILD_ID": "2"}, current="2"), Kill((NEXT,)), StopOld()),
            {"worker_environment": {"TUNTAS_BUILD_ID": "1"}},
            first=first_build,
            workflows=(RecordsLast,),
        ),
    ]


def disk_full(*, mounts: bool) -> Drill:
    if mounts:
        shows = "a tmpfs is full; the second time the write-ahead log needs room"
        return Drill("disk full", shows, (FullDisk(False), FullDisk(True)), {"prepared": small_disk})
    return Drill("disk full", "a limit on the size of files", (NoRoom(), NoRoom()))
