"""What is recomputed of another seed was built in slices, as a large world is."""

from __future__ import annotations

from collections.abc import Callable

from stir import connections
from stir.settings import PROJECT_DIR

from .conftest import OTHER_SEED, SmallWorld

ONE_MARK = {"mart_youtube_account_weekly", "mart_youtube_account_monthly", "mart_time_series"}
"""So small a world may have a single mark for their input, which cannot be cut."""


def test_models_with_slices_were_built_by_several_statements(small_worlds: Callable[[int], SmallWorld]) -> None:
    sliced = {path.stem for path in PROJECT_DIR.glob("models/**/*.sql") if "'slices'" in path.read_text()}
    client = connections.clickhouse(small_worlds(OTHER_SEED).settings)
    client.command("system flush logs query_log")
    counted = client.query(
        """
        select extract(query, 'model\\.stir\\.(\\w+)') as model, count() as statements
        from system.query_log
        where type = 'QueryFinish' and query_kind = 'Insert' and current_database = 'stir'
        group by model
        """
    ).result_rows
    assert sliced > ONE_MARK
    assert sliced - ONE_MARK <= {model for model, statements in counted if statements > 1}
