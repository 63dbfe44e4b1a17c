"""The notice rule, counted on the mails that arrived (DESIGN, section 8)."""

from collections import Counter, defaultdict
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import NamedTuple


class Mails(NamedTuple):
    """`twice`: keys with more than one Message-ID. `repeated`: mails beyond the first of their Message-ID."""

    total: int
    keys: frozenset[str]
    twice: tuple[str, ...]
    repeated: int


def count(folder: Path) -> Mails:
    parser = BytesHeaderParser(policy=policy.default)
    ids_of: dict[str, set[str]] = defaultdict(set)
    times: Counter[str] = Counter()
    for path in folder.glob("*.eml"):
        mail = parser.parsebytes(path.read_bytes())
        ids_of[str(mail["X-Tuntas-Notice"])].add(str(mail["Message-ID"]))
        times[str(mail["Message-ID"])] += 1
    twice = tuple(sorted(key for key, ids in ids_of.items() if len(ids) > 1))
    return Mails(times.total(), frozenset(ids_of), twice, times.total() - len(times))
