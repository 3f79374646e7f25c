"""The real marts of the tests' world, published and read back as the application reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stir import connections
from stir.connections import Target
from stir.lineage.report import reporter
from stir.publish import SPECS, publish, verify
from stir.settings import Settings
from stir.transform.runner import run_dbt
from stir.world.warehouse import Build

TOP = """
select month, platform, platform_id, followers, followers_rank, followers_rank_prev
from {table} where platform = 'INSTAGRAM' and followers_rank <= 20 order by month, followers_rank
"""


EMPTY_IN_A_SMALL_WORLD = {"group_metrics"}
"""A peer group has at least 100 profiles."""

TERMS = """
select collection_id, collection_type, {term}, toInt64(count()), toInt64(countIf(isNull(campaign_profile_id)))
from (
    select distinct collection_id, collection_type, platform, post_shortcode, campaign_profile_id, {term}
    from {mart} array join {plural} as {term}
)
group by all
"""


@pytest.mark.parametrize(
    ("name", "target"),
    # The other target is another database of the same kind: one table shows it.
    [(name, "prod") for name in sorted(SPECS)]
    + [
        pytest.param(name, "staging", marks=[] if name == "leaderboard" else pytest.mark.long) for name in sorted(SPECS)
    ],
)
def test_a_real_mart_arrives_whole(
    place: Settings, settings: Settings, warehouse: Build, name: str, target: Target
) -> None:
    real = place.model_copy(update={"clickhouse_database": settings.clickhouse_database})
    publication = publish(real, SPECS[name], target)
    assert publication.outcome == "published"
    assert publication.rows > 0 or name in EMPTY_IN_A_SMALL_WORLD
    assert publication.feeds, "every published table rests on feeds"
    assert publication.watermark == min(publication.feeds.values()) < f"{settings.as_of}".replace("T", " ")
    found = verify(real, SPECS[name], target)
    assert found.intact
    assert found.mart_is_published


@pytest.mark.parametrize(("table", "plural"), [("hashtag", "hashtags"), ("keyword", "keywords")])
def test_terms_are_the_hundred_most_used_of_each_collection(
    place: Settings, settings: Settings, warehouse: Build, table: str, plural: str
) -> None:
    mart = f"{settings.clickhouse_database}.mart_collection_post"
    counted = connections.clickhouse(settings).query(TERMS.format(term=table, mart=mart, plural=plural)).result_rows
    expected: list[tuple[Any, ...]] = []
    for collection in {row[:2] for row in counted}:
        mine = [row for row in counted if row[:2] == collection]
        mine.sort(key=lambda row: (-row[3], row[2].encode()))
        expected += [(*row[:4], row[4] if row[1] == "POST" else 0) for row in mine[:100]]
    with connections.postgres(place, role="reader") as reader:
        query = f"select collection_id, collection_type, {table}, posts, ugc_posts from collection_{table}"
        published = reader.execute(query.encode()).fetchall()
    assert sorted(published) == sorted(expected) != []
    if table == "keyword":
        stopped = connections.clickhouse(settings).query(f"select word from {settings.clickhouse_database}.stop_word")
        assert not {row[2] for row in published} & {word for (word,) in stopped.result_rows}


def test_the_top_of_the_leaderboard_is_the_marts(place: Settings, settings: Settings, warehouse: Build) -> None:
    theirs = connections.clickhouse(settings).query(
        TOP.format(table=f"{settings.clickhouse_database}.mart_leaderboard")
    )
    with connections.postgres(place, role="reader") as reader:
        ours = reader.execute(TOP.format(table="leaderboard").encode()).fetchall()
    assert ours == [tuple(row) for row in theirs.result_rows]
    assert len(ours) >= 20


def test_lineage_of_dbts_command_line(settings: Settings, warehouse: Build, tmp_path: Path) -> None:
    own = settings.model_copy(update={"lineage": str(tmp_path)})
    run_dbt(own, ["build", "--select", "country_name", "--exclude", "test_type:unit"]).raise_for_failure()
    reporter(own).close()
    files = sorted(tmp_path.glob("*.ndjson"))
    events = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    ends = {each["job"]["name"]: each for each in events if each["eventType"] == "COMPLETE"}
    [seed] = ends["seed.stir.country_name"]["outputs"]
    assert seed["name"] == f"{settings.clickhouse_database}.country_name"
    tests = [each for name, each in ends.items() if name.startswith("test.")]
    assert tests
    for each in tests:
        [assertion] = each["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
        assert assertion["success"]
