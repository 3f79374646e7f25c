"""The real marts of the tests' world, published and read back as the application reads."""

from __future__ import annotations

import pytest

from stir import connections
from stir.publish import SPECS, publish, verify
from stir.settings import Settings
from stir.transform.warehouse import Build

TOP = """
select month, platform, platform_id, followers, followers_rank, followers_rank_prev
from {table} where platform = 'INSTAGRAM' and followers_rank <= 20 order by month, followers_rank
"""


@pytest.mark.parametrize("name", sorted(SPECS))
def test_a_real_mart_arrives_whole(place: Settings, settings: Settings, warehouse: Build, name: str) -> None:
    real = place.model_copy(update={"clickhouse_database": settings.clickhouse_database})
    publication = publish(real, SPECS[name])
    assert publication.outcome == "published"
    assert publication.rows > 1000
    found = verify(real, SPECS[name])
    assert found.intact
    assert found.mart_is_published


def test_the_top_of_the_leaderboard_is_the_marts(place: Settings, settings: Settings, warehouse: Build) -> None:
    theirs = connections.clickhouse(settings).query(
        TOP.format(table=f"{settings.clickhouse_database}.mart_leaderboard")
    )
    with connections.postgres(place, role="reader") as reader:
        ours = reader.execute(TOP.format(table="leaderboard").encode()).fetchall()
    assert ours == [tuple(row) for row in theirs.result_rows]
    assert len(ours) >= 20
