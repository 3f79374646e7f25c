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
"""Growth that a sparkline needs to reach its highest bar, as a part of the smallest value."""


def read_top(settings: Settings) -> list[dict[str, Any]]:
    """The rows of leaderboard.sql, read as the reader user."""
    from psycopg.rows import dict_row

    with connections.postgres(settings, role="reader") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(QUERY_FILE.read_bytes()).fetchall()


def sparkline(values: Sequence[float]) -> str:
    """One bar per value, on a scale that is the same for all rows: the lowest bar is the smallest value of the row, the
    highest is SPAN above it, or the largest value where that is further away. Growth of 0.03 % looks flat.
    """
    if not values:
        return ""
    low, high = min(values), max(values)
    step = max(high - low, low * SPAN) / (len(BARS) - 1)
    return "".join(BARS[round((value - low) / step)] if step else BARS[0] for value in values)


def movement(places: int | None) -> str:
    """How many places a creator has climbed or fallen since last month; `new` where there was no rank."""
    if places is None:
        return "[dim]new"
    if places == 0:
        return "[dim]="
    return f"[green]▲{places}" if places > 0 else f"[red]▼{-places}"


def draw(rows: Sequence[dict[str, Any]]) -> Table:
    """The rows of `read_top` as a table."""
    month = f"{rows[0]['month']:%B %Y}" if rows else "no month"
    table = Table(
        title=f"Instagram leaderboard, {month}, from PostgreSQL",
        title_justify="left",
        caption=f"12 weeks: the highest bar is {SPAN:.0%} above the lowest",
        caption_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    # Widths that fit 80 columns; only names are cut.
    for heading, width in (("rank", 4), ("move", 4)):
        table.add_column(heading, justify="right", no_wrap=True, min_width=width)
    table.add_column("creator", no_wrap=True, width=17)
    table.add_column("category", no_wrap=True, width=9)
    table.add_column("in", no_wrap=True, min_width=2)
    table.add_column("followers", justify="right", no_wrap=True, min_width=11)
    table.add_column("12 weeks", no_wrap=True, min_width=12)
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
            sparkline(row["followers_by_week"] or []),
            "-" if engagement is None else f"{engagement} %",
        )
    return table
