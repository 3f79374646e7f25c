"""The fault suite's list and its report: which faults were tried, and what eight readers saw meanwhile."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

FAULTS = {
    0: "control: no fault",
    1: "loader killed at every point between and within steps",
    2: "loader killed after COMMIT, before the acknowledgement",
    3: "PostgreSQL backend terminated in mid-COPY",
    4: "PostgreSQL immediate shutdown and restart",
    5: "ClickHouse killed in mid-export",
    6: "export query cancelled",
    7: "multipart upload aborted",
    8: "stale object at the target key",
    9: "two exports of the same table",
    10: "a zombie run publishing late",
    11: "S3 503, connection reset, truncated GET",
    12: "corrupt byte in an object",
    13: "part missing or listed twice",
    14: "manifest absent or half-written",
    15: "producer dies at a row boundary",
    16: "SSH cut, orphan remote process",
    17: "SSH time-out",
    18: "disk full on PostgreSQL",
    19: "ClickHouse or PostgreSQL memory limit",
    20: "a reader that holds ACCESS SHARE for long",
    21: "idle-in-transaction reader",
    22: "old REPEATABLE READ snapshot",
    23: "prepared statements across generations",
    24: "dependent view, foreign key, policy, publication, serial",
    25: "dbt EXCHANGE during export",
    26: "empty mart, mart down by 90 %, duplicate key",
    27: "hostile values: NUL, invalid UTF-8, escapes, NaN, UInt64 max, DST times",
    28: "left-over tables of an earlier crash",
    29: "expired or rotated credentials, and none in any log",
    30: "lease connection lost",
    31: "clock skew between hosts",
    32: "deadlock with the application's DDL",
}


@dataclass
class Figures:
    """What happened under one fault."""

    runs: int = 0
    failed: int = 0
    reads: int = 0
    reader_errors: int = 0
    generations: int = 0
    rows_lost: int = 0

    def add(self, other: Figures) -> None:
        """Sum up."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


SEEN: dict[int, Figures] = defaultdict(Figures)


def lines() -> list[str]:
    """The report; empty if no fault was tried."""
    if not SEEN:
        return []
    head = f"{'':>3}  {'fault':<72} {'runs':>5} {'failed':>6} {'reads':>8} {'errors':>6} {'gens':>5} {'lost':>5}"
    total = Figures()
    body = []
    for number in sorted(SEEN):
        total.add(SEEN[number])
        body.append(_line(str(number), FAULTS[number], SEEN[number]))
    tried = len([number for number in SEEN if number])
    return [head, *body, _line("", f"{tried} of {len(FAULTS) - 1} faults", total)]


def _line(number: str, title: str, seen: Figures) -> str:
    return (
        f"{number:>3}  {title:<72} {seen.runs:>5} {seen.failed:>6} {seen.reads:>8,} {seen.reader_errors:>6} "
        f"{seen.generations:>5} {seen.rows_lost:>5}"
    )
