"""`stir leaderboard`: the top of the board in a terminal, read from PostgreSQL as the application's reader."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.errors import StirError
from stir.settings import Settings

QUERY_FILE = Path(__file__).with_name("leaderboard.sql")
BARS = "▁▂▃▄▅▆▇█"
SPAN = 0.25
"""The growth that reaches the highest bar of a sparkline. If a row grew more, that row's growth does."""
PICTURE_WIDTH = 82
FOREIGN = re.compile(r"\s*@font-face \{.*?\}|\s*<!--.*?-->", re.DOTALL)
"""What rich puts into an image that names other hosts: fonts to fetch and its own address."""
TITLES = {"INSTAGRAM": "Instagram", "YOUTUBE": "YouTube", "ALL": "Combined"}
CHANGED = "\n* What is counted as a view changed within the month: compare with no other month"
MONOSPACE = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


@dataclass(frozen=True)
class Board:
    """A board, and the number that it is ordered by."""

    platform: str = "INSTAGRAM"
    by: Literal["followers", "views"] = "followers"

    @property
    def query(self) -> str:
        """leaderboard.sql for this board."""
        text = QUERY_FILE.read_text(encoding="utf-8").replace("'INSTAGRAM'", f"'{self.platform}'")
        return text.replace("followers_rank", f"{self.by}_rank")


_ORDERS: tuple[Literal["followers", "views"], ...] = ("followers", "views")
BOARDS = [Board(platform, by) for by in _ORDERS for platform in ("INSTAGRAM", "YOUTUBE", "ALL")]
"""All boards, in the order in which one is looked for that has rows."""


def read_top(settings: Settings, board: Board = BOARDS[0]) -> list[dict[str, Any]]:
    """The rows of leaderboard.sql, read as the reader user."""
    from psycopg.rows import dict_row

    with connections.postgres(settings, role="reader") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(board.query.encode()).fetchall()


def read_first(
    settings: Settings, platform: str | None = None, by: str | None = None
) -> tuple[Board, list[dict[str, Any]]]:
    """The first board with rows among those that are asked for; the first of them if none has any."""
    asked = [board for board in BOARDS if platform in (None, board.platform) and by in (None, board.by)]
    return next(((board, rows) for board in asked if (rows := read_top(settings, board))), (asked[0], []))


def spread(values: Sequence[float]) -> float:
    """How far the largest value is above the smallest, as a part of the smallest; 0 if there is nothing to compare."""
    low, high = min(values, default=0), max(values, default=0)
    return (high - low) / low if low > 0 else 0.0


def sparkline(values: Sequence[float], span: float = SPAN) -> str:
    """One bar per value. The lowest bar is the row's smallest value, the highest bar is `span` of that value above it.

    All rows share one span, so the bars show which row grew more, and growth of 0.03 % looks flat.
    """
    low = min(values, default=0)
    step = (low * span or 1) / (len(BARS) - 1)
    return "".join(BARS[min(len(BARS) - 1, round((value - low) / step))] for value in values)


def growth(values: Sequence[float]) -> str:
    """Growth from the first value to the last in per cent; a dash if it is not known."""
    if len(values) < 2 or values[0] <= 0:
        return "-"
    return f"{100 * (values[-1] / values[0] - 1):+.1f} %".replace("-0.0 %", "+0.0 %")


def movement(places: int | None) -> str:
    """How many places a creator has climbed or fallen since last month; `new` if last month had no rank."""
    if places is None:
        return "[dim]new"
    if places == 0:
        return "[dim]="
    return f"[green]▲{places}" if places > 0 else f"[red]▼{-places}"


def draw(rows: Sequence[dict[str, Any]], board: Board = BOARDS[0]) -> Table:
    """The rows of `read_top` as a table."""
    span = max([SPAN, *(spread(row["followers_by_week"] or []) for row in rows)])
    changed = board.by == "views" and any(row["crosses_definition_change"] for row in rows)
    month = f"{rows[0]['month']:%B %Y}" if rows else "no month"
    table = Table(
        title=f"{TITLES[board.platform]} leaderboard, {month}, from PostgreSQL",
        title_justify="left",
        caption=f"One scale for all rows: the highest bar is {span:.0%} above the lowest{CHANGED if changed else ''}",
        caption_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=0,
    )
    # Widths that fit 80 columns with a growth above 100 % and 100 million followers; only names are cut.
    for heading, width in (("rank", 4), ("move", 4)):
        table.add_column(heading, justify="right", no_wrap=True, min_width=width)
    table.add_column("creator", no_wrap=True, width=15)
    table.add_column("category", no_wrap=True, width=9)
    table.add_column("in", no_wrap=True, min_width=2)
    table.add_column(board.by, justify="right", no_wrap=True, min_width=10)
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
            f"{row[board.by]:,}{'*' if changed and row['crosses_definition_change'] else ''}",
            sparkline(row["followers_by_week"] or [], span),
            growth(row["followers_by_week"] or []),
            "-" if engagement is None else f"{engagement} %",
        )
    return table


def picture(table: Table) -> str:
    """The table as an SVG image that uses only fonts of the machine that shows it."""
    console = Console(width=PICTURE_WIDTH, record=True, file=io.StringIO(), force_terminal=True)
    console.print(table)
    svg = console.export_svg(title="./stir leaderboard")
    svg = re.sub(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', r'width="\1" height="\2" \g<0>', svg, count=1)
    return FOREIGN.sub("", svg).replace("Fira Code, monospace", MONOSPACE).replace("Fira Code", MONOSPACE)


@click.command()
@click.option(
    "--svg", type=click.Path(dir_okay=False, path_type=Path), help="Write the board as an image to this file."
)
@click.option("--platform", type=click.Choice(["instagram", "youtube", "all"]), help="By default the first with rows.")
@click.option("--by", type=click.Choice(["followers", "views"]), help="By default followers, where they are known.")
def leaderboard(svg: Path | None, platform: str | None, by: str | None) -> None:
    """Print the top of the published leaderboard, read from PostgreSQL as the application's read-only user."""
    import psycopg

    from stir.cli.working import running_services

    advice = "`./stir demo` builds the warehouse and publishes it"
    try:
        board, rows = read_first(running_services(("postgres",)), platform and platform.upper(), by)
    except psycopg.errors.UndefinedTable as error:
        raise StirError("no leaderboard has been published yet", do=advice) from error
    if not rows:
        raise StirError("the published leaderboard has no rows", do=advice)
    table = draw(rows, board)
    if svg is None:
        Console().print(table)
    else:
        svg.write_text(picture(table))
