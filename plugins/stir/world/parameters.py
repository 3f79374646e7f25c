"""The parameters of a world: four numbers that determine every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stir.errors import StirError

CREATORS_LIMIT = 2_000_000
DAYS_LIMIT = 1_500
SEED_LIMIT = 2**63
EARLIEST_END = datetime(2015, 1, 1, tzinfo=UTC)
LATEST_END = datetime(2090, 1, 1, tzinfo=UTC)


def midnight(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> datetime:
    """The last UTC midnight by the given clock: the default end of a world."""
    return clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class WorldParameters:
    """The parameters of a world.

    Attributes:
        creators: people and brands, each with one or two profiles.
        days: daily profile snapshots reach this many days back from the end; weekly ones a year further.
        seed: another seed gives another world.
        end: nothing in the world was ingested after this moment (UTC, whole seconds).

    Raises:
        StirError: a value is out of bounds.
    """

    creators: int = 2000
    days: int = 90
    seed: int = 7
    end: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def __post_init__(self) -> None:
        _check("creators", self.creators, 1, CREATORS_LIMIT)
        _check("days", self.days, 1, DAYS_LIMIT)
        _check("seed", self.seed, 0, SEED_LIMIT - 1)
        end = self.end if self.end.tzinfo else self.end.replace(tzinfo=UTC)
        end = end.astimezone(UTC).replace(microsecond=0)
        if not EARLIEST_END <= end <= LATEST_END:
            raise StirError(
                f"end {end:%Y-%m-%d} is out of bounds",
                where="--end",
                do=f"give a moment between {EARLIEST_END:%Y-%m-%d} and {LATEST_END:%Y-%m-%d}",
            )
        object.__setattr__(self, "end", end)

    @property
    def start(self) -> datetime:
        """The start of the daily snapshots. It does not change when the world advances."""
        return self.end - timedelta(days=self.days)


def _check(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise StirError(f"{name} {value} is out of bounds", where=f"--{name}", do=f"give {low} to {high}")
