"""Why ranks moved, by its definition (docs/metrics.md), in plain Python from the rows of the boards."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from .comparison import Row
from .leaderboard import dimensions

Account = tuple[str, str]
Order = tuple[Any, ...]
PARTS = ("rivals_gone", "rivals_new", "own_movement", "others_movement")


def order(row: Row, chain: tuple[str, ...]) -> Order:
    """Where a row stands by a chain: the greatest first, the unknown last, then the id."""
    values = [part for metric in chain for part in (row[metric] is None, -(row[metric] or 0))]
    return (*values, row["profile_platform"], row["platform_id"])


class Movement:
    """The movements on one board; `rows` are those of the untruncated board with its ranks."""

    def __init__(self, rows: list[Row], board: str) -> None:
        self.board, self.keys = board, dimensions(board)
        self.months: dict[date, dict[Account, Row]] = defaultdict(dict)
        for row in rows:
            self.months[row["month"]][row["profile_platform"], row["platform_id"]] = row

    def pairs(self) -> Iterator[tuple[date, dict[Account, Row], dict[Account, Row]]]:
        """Each month with the rows of the month before and its own."""
        for month, now in self.months.items():
            yield month, self.months.get((month - timedelta(days=1)).replace(day=1), {}), now

    def runners(self, rows: dict[Account, Row], key: str) -> dict[tuple[Any, ...], dict[Account, Row]]:
        """Who has the rank, by the attributes within which it ranks."""
        groups: dict[tuple[Any, ...], dict[Account, Row]] = defaultdict(dict)
        for account, row in rows.items():
            if row[key] is not None:
                groups[tuple(row[name] for name in self.keys[key][1])][account] = row
        return groups

    def published(self, cut: int) -> list[Row]:
        """The rows of mart_rank_movement."""
        found: dict[tuple[date, Account], Row] = {}
        for month, was, now in self.pairs():
            for key, (chain, _) in self.keys.items():
                before = self.runners(was, key)
                for group, runners in self.runners(now, key).items():
                    for account, parts in explain(before[group], runners, chain).items():
                        if runners[account][key] <= cut:
                            row = found.setdefault((month, account), self._row(now[account]))
                            for name, places in zip(PARTS, parts, strict=True):
                                row[name][key] = places
        return list(found.values())

    def _row(self, row: Row) -> Row:
        key = {name: row[name] for name in ("month", "profile_platform", "platform_id", "month_state")}
        return key | {"platform": self.board, **{part: {} for part in PARTS}}

    def by_counting(self, row: Row, key: str) -> tuple[int, int, int, int]:
        """The parts of one rank's movement, each rival looked at by itself."""
        chain, within = self.keys[key]
        month, account = row["month"], (row["profile_platform"], row["platform_id"])
        now = self.months[month]
        was = self.months[(month - timedelta(days=1)).replace(day=1)]
        group = tuple(now[account][name] for name in within)
        ours, theirs = self.runners(now, key)[group], self.runners(was, key)[group]
        ahead = {y for y in theirs if theirs[y][key] < theirs[account][key]}
        stay = (theirs.keys() & ours.keys()) - {account}
        held = {y for y in stay if order(theirs[y], chain) < order(ours[account], chain)}
        gone = len(ahead - ours.keys())
        new = -sum(1 for y in ours.keys() - theirs.keys() if ours[y][key] < ours[account][key])
        own = len(ahead & stay) - len(held)
        return gone, new, own, theirs[account][key] - ours[account][key] - gone - new - own


def explain(
    was: dict[Account, Row], now: dict[Account, Row], chain: tuple[str, ...]
) -> dict[Account, tuple[int, int, int, int]]:
    """The parts of the movement of everybody who has a rank in both months, in one group."""
    stay = was.keys() & now.keys()
    before = sorted(order(was[account], chain) for account in stay)
    after = sorted(order(now[account], chain) for account in stay)
    left = sorted(order(row, chain) for account, row in was.items() if account not in stay)
    come = sorted(order(row, chain) for account, row in now.items() if account not in stay)
    found = {}
    for account in stay:
        then, here = order(was[account], chain), order(now[account], chain)
        held = bisect_left(before, here) - (then < here)  # nobody passes himself
        own, others = bisect_left(before, then) - held, held - bisect_left(after, here)
        found[account] = (bisect_left(left, then), -bisect_left(come, here), own, others)
    return found
