"""What `stir backfill` and `stir repair` show: a bar while they work, and what would change before it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stir.cli.stages import Stage, Stages
from stir.operations.backfill.comparison import Change
from stir.operations.backfill.plan import Plan
from stir.operations.backfill.progress import Observer
from stir.operations.backfill.record import Backfill
from stir.operations.backfill.run import Outcome

SHOWN = 20
"""So many differing periods are shown of a model on the terminal; --json has all."""


class Report(Observer):
    """Shows the stages on standard error and, unless JSON is printed, the changes on standard output."""

    def __init__(self, as_json: bool, *, by_period: bool = False) -> None:
        self._as_json, self._by_period = as_json, by_period
        self._stages, self._stack = Stages(), ExitStack()
        self._stage: Stage | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def stage(self, name: str) -> None:
        """A stage begins, and the one before it has ended."""
        self._stack.close()
        self._stage = self._stack.enter_context(self._stages.stage(name))

    def step(self, done: int, total: int, what: str) -> None:
        """A model or a partition is done."""
        if self._stage:
            self._stage.note = f"{done} of {total}"
            self._stage.step(done, total, what)

    def compared(self, changes: Sequence[Change]) -> None:
        """Show the changes, once the stage's bar is gone."""
        self._stack.close()
        self._stage = None
        if not self._as_json:
            print_changes(changes, by_period=self._by_period)


def _console() -> Console:
    # A pipe has no width of its own; 80 would cut the names.
    return Console(width=None if Console().is_terminal else 160)


def _table(*headings: str, left: int) -> Table:
    """A table whose first `left` columns are text."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number < left else "right", no_wrap=number < left)
    return table


def print_changes(changes: Sequence[Change], *, by_period: bool = False) -> None:
    """Rows by model, sums by column and the keys that move most; with `by_period` the differing periods as well."""
    console = _console()
    table = _table("model", "rows before", "rows after", "added", "removed", "changed", "periods that differ", left=1)
    for change in changes:
        before, after = (sum(getattr(each, name) for each in change.periods) for name in ("rows_before", "rows_after"))
        moved = (sum(getattr(each, name) for each in change.periods) for name in ("added", "removed", "changed"))
        differing = sum(not period.same for period in change.periods)
        counts = (f"{count:,}" for count in (before, after, *moved))
        table.add_row(change.target.model, *counts, f"{differing} of {len(change.periods)}")
    console.print(table)
    for change in changes:
        if by_period and not change.same:
            _print_periods(console, change)
        if change.sums:
            sums = _table(f"{change.target.model}: column", "sum before", "sum after", "difference", left=1)
            for name, (old, new) in change.sums.items():
                sums.add_row(name, _number(old), _number(new), _number(new - old))
            console.print(sums)
        if change.movers:
            movers = _table(f"{change.target.model}: top movers", "key", "before", "after", left=2)
            for mover in change.movers:
                movers.add_row(mover.column, mover.key, _number(mover.before), _number(mover.after))
            console.print(movers)


def _print_periods(console: Console, change: Change) -> None:
    differing = [period for period in change.periods if not period.same]
    table = _table(change.target.model, "rows here", "rows by its sources", "missing", "too many", "different", left=1)
    for period in differing[:SHOWN]:
        counts = (period.rows_before, period.rows_after, period.added, period.removed, period.changed)
        table.add_row(str(period.day), *(f"{count:,}" for count in counts))
    console.print(table)
    if (left := len(differing) - SHOWN) > 0:
        console.print(f"and {left} more; --json lists all")
    for what, keys in (change.difference.samples or {}).items():
        if keys:
            console.print(f"{what}: {', '.join(keys)}", highlight=False, soft_wrap=True)


def _number(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4f}"


def print_plan(plan: Plan, found: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """What a backfill would do: models, days, partitions, and the rows that are there."""
    if as_json:
        more = {"views": list(plan.views), "skipped": plan.skipped, "readers": plan.readers}
        click.echo(json.dumps({"models": list(found), **more}, indent=2))
        return
    table = _table(
        "model", "first day", "before", "partitions", "rows on these days", "rows in partitions", "MB", left=4
    )
    for each in found:
        named = ", ".join(each["partitions"][:6]) + (" ..." if len(each["partitions"]) > 6 else "")
        table.add_row(
            each["model"], each["first"], each["end"], named or "none",
            f"{each['rows']:,}", f"{each['stored_rows']:,}", f"{each['bytes'] / 1e6:.1f}",
        )  # fmt: skip
    console = _console()
    console.print(table)
    for name, reason in (plan.skipped or {}).items():
        console.print(f"left out: {name} {reason}", highlight=False)
    print_readers(plan)
    console.print("Nothing was built: this was a dry run.")


def print_readers(plan: Plan) -> None:
    """The models that read the days and are not built again with them."""
    if plan.readers:
        table = _table("reads these days", "what becomes of it", left=2)
        for name, fate in plan.readers.items():
            table.add_row(name, fate)
        _console().print(table)


def print_list(backfills: Sequence[Backfill], as_json: bool) -> None:
    """Every backfill with its phase."""
    if as_json:
        fields = [
            {"backfill": each.number, **each.asked, "phase": each.phase, "created_at": each.created_at.isoformat(),
             "swaps": each.swaps} for each in backfills
        ]  # fmt: skip
        click.echo(json.dumps(fields, indent=2))
        return
    table = _table("number", "of", "from", "to", "phase", "begun", "partitions", left=6)
    for each in backfills:
        words = (each.asked[name] for name in ("of", "from", "to"))
        swapped = sum(map(len, each.swaps.values()))
        table.add_row(str(each.number), *words, each.phase, f"{each.created_at:%Y-%m-%d %H:%M}", f"{swapped:,}")
    _console().print(table if backfills else "there has been no backfill")


def record_of(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON has it."""
    found = outcome.backfill
    return {
        "backfill": found.number,
        "phase": found.phase,
        "swaps": found.swaps,
        "changes": [
            {
                "model": change.target.model,
                "same": change.same,
                "periods": [
                    {**vars(period), "day": period.day.isoformat(), "same": period.same} for period in change.periods
                ],
                "columns": change.difference.columns or {},
                "sums": {name: {"before": old, "after": new} for name, (old, new) in change.sums.items()},
                "movers": [vars(mover) for mover in change.movers],
                "samples": change.difference.samples or {},
            }
            for change in outcome.changes
        ],
        "readers": found.plan.readers or {},
    }
