"""What `stir publish` shows while it works: figures from what went by, and no guess before there is something."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from stir.cli.publish_progress import COLUMNS, Board, Line


def shown(line: Line) -> dict[str, str]:
    return dict(zip(COLUMNS, line.cells(), strict=True))


def test_a_table_that_waits_shows_its_name_and_no_figure() -> None:
    assert {value for value in shown(Line("leaderboard")).values() if value} == {"leaderboard", "waiting"}


def test_rate_and_time_left_come_from_what_was_loaded() -> None:
    now = [100.0]
    line = Line("leaderboard", clock=lambda: now[0], began=100.0)
    line.planned(rows=1_000_000, volume=40_000_000)
    line.stage("transfer")
    line.moved(exported=5_000_000)
    line.moved(loaded=2_000_000)
    assert (line.rate(), line.seconds_left()) == (None, None)
    now[0] = 102.0
    line.moved(loaded=18_000_000)
    assert shown(line) == {
        "table": "leaderboard",
        "stage": "transfer",
        "rows": "1,000,000",
        "MB in S3": "5.0",
        "MB loaded": "20.0",
        "MB/s": "10",
        "s": "2.0",
        "ETA": "2 s",
    }
    line.moved(loaded=20_000_000)
    assert line.seconds_left() is None


def test_a_log_gets_one_line_per_stage_and_the_board_every_table() -> None:
    log = io.StringIO()
    board = Board(["one", "two"], Console(file=log, width=100))
    with board:
        with board.watching("one") as line:
            line.stage("freeze")
        with pytest.raises(ValueError, match="no"), board.watching("two"):
            raise ValueError("no")
    assert log.getvalue() == "one: freeze\n"
    page = io.StringIO()
    Console(file=page, width=100).print(board)
    states = [line.split()[:2] for line in page.getvalue().splitlines()]
    assert ["one", "done"] in states
    assert ["two", "refused"] in states
