"""The leaderboard in a terminal: read from PostgreSQL as the application's reader, drawn as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from stir import connections
from stir.settings import Settings

QUERY_FILE = Path(__file__).with_name("leaderboard.sql")
BARS = "▁▂▃▄▅▆▇█"
SPAN = 0.25
"""The least growth that reaches the highest bar of a sparkline; where a row grew more, what that row grew."""


def read_top(settings: Settings) -> list[dict[str, Any]]:
    """The rows of leaderboard.sql, read as the reader user."""
    from psycopg.rows import dict_row

    with connections.postgres(settings, role="reader") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(QUERY_FILE.read_bytes()).fetchall()


def spread(values: Sequence[float]) -> float:
    """By which part of the smallest value the largest is above it; 0 where there is nothing to compare."""
    low, high = min(values, default=0), max(values, default=0)
    return (high - low) / low if low > 0 else 0.0


def sparkline(values: Sequence[float], span: float = SPAN) -> str:
    """One bar per value: the lowest bar is the smallest value of the row, the highest is `span` of it above that. With
    one span for all rows, bars tell who grew more, and growth of 0.03 % looks flat.
    """
    low = min(values, default=0)
    step = (low * span or 1) / (len(BARS) - 1)
    return "".join(BARS[min(len(BARS) - 1, round((value - low) / step))] for value in values)


def growth(values: Sequence[float]) -> str:
    """From the first value to the last, in per cent; a dash where that is not known."""
    if len(values) < 2 or values[0] <= 0:
        return "-"
    return f"{100 * (values[-1] / values[0] - 1):+.1f} %".replace("-0.0 %", "+0.0 %")


def movement(places: int | None) -> str:
    """How many places a creator has climbed or fallen since last month; `new` where there was no rank."""
    if places is None:
        return "[dim]new"
    if places == 0:
        return "[dim]="
    return f"[green]▲{places}" if places > 0 else f"[red]▼{-places}"


def draw(rows: Sequence[dict[str, Any]]) -> Table:
    """The rows of `read_top` as a table."""
    span = max([SPAN, *(spread(row["followers_by_week"] or []) for row in rows)])
    month = f"{rows[0]['month']:%B %Y}" if rows else "no month"
    table = Table(
        title=f"Instagram leaderboard, {month}, from PostgreSQL",
        title_justify="left",
        caption=f"Lines of 12 weeks, all rows on one scale: the highest bar is {span:.0%} above the lowest",
        caption_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=0,
    )
    # Widths that fit 80 columns; only names are cut.
    for heading, width in (("rank", 4), ("move", 4)):
        table.add_column(heading, justify="right", no_wrap=True, min_width=width)
    table.add_column("creator", no_wrap=True, width=16)
    table.add_column("category", no_wrap=True, width=9)
    table.add_column("in", no_wrap=True, min_width=2)
    table.add_column("followers", justify="right", no_wrap=True, min_width=11)
    table.add_column("12 weeks", no_wrap=True, min_width=12)
    table.add_column("grown", justify="right", no_wrap=True, min_width=6)
    table.add_column("engaged", justify="right", no_wrap=True, min_width=7)
    for row in rows:
        engagement = row["engagement_pct"]
        table.add_row(
            str(row["rank"]),
            movement(row["movement"]),
            row["creator"],
            row["category"] or "-",
            row["country"] or "-",
            f"{row['followers']:,}",
            sparkline(row["followers_by_week"] or [], span),
            growth(row["followers_by_week"] or []),
            "-" if engagement is None else f"{engagement} %",
        )
    return table
