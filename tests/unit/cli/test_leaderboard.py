"""The leaderboard table in the terminal."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from stir.cli.leaderboard import BARS, Board, draw, movement, picture, sparkline
from stir.settings import PROJECT_DIR


def test_a_sparkline_spans_from_the_lowest_to_the_highest_bar() -> None:
    assert sparkline([10, 20, 30], 2) == "▁▅█"
    assert sparkline([5, 5]) == "▁▁"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""


def test_a_sparkline_draws_small_growth_flat_and_great_growth_high() -> None:
    assert sparkline([1_000_000, 1_000_100, 1_000_300]) == "▁▁▁"  # 0.03 %
    assert sparkline([1_000_000, 1_020_000, 1_050_000]) == "▁▂▂"
    assert sparkline([1_000_000, 1_130_000, 1_250_000]) == "▁▅█"  # SPAN
    assert sparkline([1_000_000, 990_000]) == "▁▁"


def test_all_rows_share_the_scale_of_the_one_that_grew_most_and_say_by_how_much() -> None:
    row = dict.fromkeys(("movement", "category", "country", "engagement_pct"))
    row |= {"rank": 1, "creator": "@a", "followers": 1, "month": date(2026, 6, 1)}
    series = [[100, 150], [100, 125], [100, 100.03], [100, 80], [], None]
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(draw([row | {"followers_by_week": values} for values in series]))
    text = console.export_text()
    assert "the highest bar is 50% above the lowest" in text
    for drawn in ("▁█  +50.0 %", "▁▅  +25.0 %", "▁▁  +0.0 %", "▅▁  -20.0 %", "-"):
        assert drawn.split() in [line.split()[6 : 6 + len(drawn.split())] for line in text.splitlines()], text


def test_the_table_fits_a_terminal_of_80_columns() -> None:
    row = {"rank": 10, "movement": -9, "creator": "@" + "long" * 9, "category": "BEAUTY", "country": "IN"}
    row |= {"followers": 123_456_789, "engagement_pct": Decimal("12.34"), "month": date(2026, 9, 1)}
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(draw([row | {"followers_by_week": [100] * 11 + [288]}]))
    line = next(line for line in console.export_text().splitlines() if "@" in line)
    assert line.split()[-6:] == ["123,456,789", "▁" * 11 + "█", "+188.0", "%", "12.34", "%"]


def test_views_of_a_month_in_which_they_changed_their_meaning_have_a_star_and_a_note() -> None:
    row = dict.fromkeys(("movement", "category", "country", "engagement_pct", "followers_by_week"))
    row |= {"rank": 1, "creator": "@a", "followers": 1, "views": 99_000, "month": date(2026, 8, 1)}
    by_views, by_followers = Board("YOUTUBE", "views"), Board("YOUTUBE")
    for board, crosses in ((by_views, True), (by_views, False), (by_followers, True)):
        console = Console(width=80, file=io.StringIO(), record=True)
        console.print(draw([row | {"crosses_definition_change": crosses}], board))
        text = console.export_text()
        assert ("99,000*" in text) == (board is by_views and crosses)
        assert ("* What is counted as a view changed" in text) == (board is by_views and crosses)


def test_the_image_of_the_board_shows_its_rows_and_names_no_host() -> None:
    row = dict.fromkeys(("movement", "category", "country", "engagement_pct"))
    row |= {"rank": 1, "creator": "@someone", "followers": 12_345, "month": date(2026, 6, 1)}
    image = picture(draw([row | {"followers_by_week": [100, 150]}]))
    root = ElementTree.fromstring(image)  # noqa: S314  (our own text)

    shown = "".join(root.itertext())
    assert "@someone" in shown
    assert "12,345" in shown
    assert_names_no_host(image)


@pytest.mark.parametrize("path", sorted((PROJECT_DIR / "docs").rglob("*.svg")), ids=lambda path: path.name)
def test_a_committed_image_is_well_formed_and_names_no_host(path: Path) -> None:
    ElementTree.parse(path)  # noqa: S314  (a file of this repository)

    assert_names_no_host(path.read_text())


def assert_names_no_host(image: str) -> None:
    assert re.findall(r"(?:https?:)?//[^\s\"')]+", image.replace("http://www.w3.org/2000/svg", "")) == []


@given(st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=60))
def test_a_sparkline_has_one_bar_per_value_and_keeps_the_order(values: list[int]) -> None:
    bars = sparkline(values)

    assert len(bars) == len(values)
    heights = [BARS.index(bar) for bar in bars]
    assert all(
        heights[i] <= heights[j] for i in range(len(values)) for j in range(len(values)) if values[i] <= values[j]
    )


def test_movement_distinguishes_climbing_falling_staying_and_new() -> None:
    assert [movement(places) for places in (3, -2, 0, None)] == ["[green]▲3", "[red]▼2", "[dim]=", "[dim]new"]


def test_unknown_values_are_drawn_as_a_dash_and_never_as_zero() -> None:
    row = {
        "rank": 1,
        "movement": None,
        "creator": "@mélanie_नई",
        "category": None,
        "country": None,
        "followers": 1234567,
        "engagement_pct": None,
        "followers_by_week": None,
        "month": date(2026, 6, 1),
    }
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(draw([row, row | {"rank": 2, "engagement_pct": Decimal("1.25")}]))
    text = console.export_text()

    assert "June 2026" in text
    assert "1,234,567" in text
    assert "1.25 %" in text
    first, second = (line.split() for line in text.splitlines() if "@" in line)
    assert first.count("-") == 4
    assert second.count("-") == 3
