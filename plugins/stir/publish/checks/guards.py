"""The guards: a new generation that looks wrong is not published, and readers keep the old one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from stir.clock import spoken
from stir.errors import StirError
from stir.publish.data_age import DataAge, moments, stopped
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


def check(
    spec: PublishSpec,
    state: PublishState,
    live: Generation | None,
    now: datetime | None = None,
    *,
    refuse_stopped: bool = False,
) -> None:
    """Hold the snapshot of a mart against the spec's guards and the live generation.

    Args:
        refuse_stopped: a feed that has stopped is refused and not only warned of (`STIR_PUBLISH_STOPPED_FEED=refuse`).

    Raises:
        StirError: the first guard that refuses and was not waived, with both figures.
    """
    found = list(complaints(spec.guards, state, live, now or datetime.now(UTC)))
    if refuse_stopped:
        found += [("freshness", warning) for warning in state.warnings]
    for name, complaint in found:
        if name not in state.allow:
            raise StirError(
                f"{spec.name}: guard {name} refuses: {complaint}",
                where=f"{spec.mart_of(state.target)}, {state.target}",
                do=f"check the mart; readers keep what they have; `--allow {name}` waives the guard for one run",
            )


def complaints(
    guards: Guards, state: PublishState, live: Generation | None, now: datetime
) -> Iterator[tuple[str, str]]:
    """Each guard that refuses, by name, with the figures."""
    if state.rows < guards.minimum_rows:
        yield "minimum-rows", f"{state.rows:,} rows, at least {guards.minimum_rows:,} are required"
    if live and live.rows:
        if state.rows < live.rows * (1 - guards.shrink):
            change = state.rows / live.rows - 1
            yield (
                "shrink",
                f"{state.rows:,} rows would replace {live.rows:,} ({change:+.0%}, allowed -{guards.shrink:.0%})",
            )
        if state.rows > live.rows * guards.growth:
            yield "growth", f"{state.rows:,} rows would replace {live.rows:,} (allowed {guards.growth:g} times as many)"
    yield from (("freshness", complaint) for complaint in _older_than_live(state, live))
    if guards.freshness is not None and state.watermark:
        newest = datetime.fromisoformat(state.watermark)
        if now - newest > guards.freshness:
            yield (
                "freshness",
                f"its data ends at {newest:%F %T}, {spoken(now - newest)} ago, allowed {spoken(guards.freshness)}",
            )


def _older_than_live(state: PublishState, live: Generation | None) -> Iterator[str]:
    """The loss for readers: a later day, or newer data of one feed, however new the other feeds are."""
    if not live:
        return
    if state.as_of and live.as_of:
        built, shown = datetime.fromisoformat(state.as_of), datetime.fromisoformat(live.as_of)
        if built < shown:
            yield f"its mart was built as of {built:%F %T}, readers have one as of {shown:%F %T}"
    before = moments(live.feeds)
    for name, newest in moments(state.feeds).items():
        if name in before and newest < before[name]:
            yield f"its newest data of {name} is of {newest:%F %T}, but readers already have {before[name]:%F %T}"


def warnings(age: DataAge) -> Iterator[str]:
    """The warnings of guard `freshness`. By default they stop no publish, because the other feeds have new data."""
    if age.as_of:
        yield from stopped(moments(age.feeds), datetime.fromisoformat(age.as_of))
