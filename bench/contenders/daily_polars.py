"""The published rows of the boards and the series by Polars, from Parquet to CSV: expressions, no function a row."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bench.contenders import daily_polars_boards as boards
from bench.contenders.daily_files import POST, PROFILE, PUBLISHED, Rules, columns_of
from bench.contenders.daily_polars_periods import periods, series_rows, snapshots


def build(folder: Path, rules: Rules) -> dict[str, Path]:
    """Make the rows of both tables; returns the CSV file of each."""
    profile = snapshots(folder / "profile_events.parquet", PROFILE, rules)
    post = snapshots(folder / "post_events.parquet", POST, rules)
    weeks, months = (periods(profile, post, grain, rules) for grain in ("week", "month"))
    del profile, post
    definitions = pl.read_parquet(folder / "definitions.parquet").with_columns(pl.col("from_date").cast(pl.Date))
    series = pl.concat([series_rows(weeks, "week", definitions), series_rows(months, "month", definitions)])
    instagram = boards.instagram_rows(series, folder, rules)
    youtube = boards.youtube_rows(months, folder, rules)
    bases = {"INSTAGRAM": instagram, "YOUTUBE": youtube, "ALL": boards.combined_rows(instagram, youtube, folder)}
    ranked = {board: boards.ranked_rows(rows, board) for board, rows in bases.items()}
    parts = [boards.published_rows(rows, board, definitions, rules) for board, rows in ranked.items()]
    tables = {"time_series": series, "leaderboard": pl.concat(parts)}
    files = {table: folder / f"{table}.polars.csv" for table in PUBLISHED}
    for table, file in files.items():
        tables[table].select(columns_of(table)).write_csv(file, include_header=False)
    return files
