"""What stands before readers: a new generation that looks wrong leaves the old one where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from stir.errors import StirError
from stir.publish.ledger.generations import Generation
from stir.publish.spec import Guards, PublishSpec
from stir.publish.state import PublishState


def check_names(names: Sequence[str]) -> None:
    """Refuse to waive a guard that does not exist.

    Raises:
        StirError: naming the guards that do.
    """
    for name in names:
        if name not in Guards.NAMES:
            raise StirError(f"there is no guard {name!r}", do=f"use one of: {', '.join(Guards.NAMES)}")


def check(spec: PublishSpec, state: PublishState, live: Generation | None, now: datetime | None = None) -> None:
    """Hold a frozen mart against the spec's guards and the live generation.

    Raises:
        StirError: the first guard that refuses and was not waived, with both figures.
    """
    for name, complaint in complaints(spec.guards, state, live, now or datetime.now(UTC)):
        if name not in state.allow:
            raise StirError(
                f"{spec.name}: guard {name} refuses: {complaint}",
                where=f"{spec.mart_of(state.target)}, {state.target}",
                do=f"look at the mart; readers keep what they have; `--allow {name}` lets this one run pass",
            )


def complaints(
    guards: Guards, state: PublishState, live: Generation | None, now: datetime
) -> Iterator[tuple[str, str]]:
    """Each guard that refuses, by name, with the figures."""
    if state.rows < guards.minimum_rows:
        yield "minimum-rows", f"{state.rows:,} rows, at least {guards.minimum_rows:,} are promised"
    if live and live.rows:
        if state.rows < live.rows * (1 - guards.shrink):
            change = state.rows / live.rows - 1
            yield (
                "shrink",
                f"{state.rows:,} rows would replace {live.rows:,} ({change:+.0%}, allowed -{guards.shrink:.0%})",
            )
        if state.rows > live.rows * guards.growth:
            yield "growth", f"{state.rows:,} rows would replace {live.rows:,} (allowed {guards.growth:g} times as many)"
    if state.watermark:
        newest = datetime.fromisoformat(state.watermark)
        if live and live.watermark and newest < live.watermark:
            yield "freshness", f"its newest content is of {newest:%F %T}, readers already have {live.watermark:%F %T}"
        elif guards.freshness is not None and now - newest > guards.freshness:
            yield (
                "freshness",
                f"its newest content is of {newest:%F %T}, {now - newest} ago, allowed {guards.freshness}",
            )
