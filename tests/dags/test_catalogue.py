"""The DAGs are those of the catalogue: each with its schedule, tier, tags, timeout and retries.

The catalogue is written a second time here on purpose. It is what users have been promised, so a schedule that somebody
changes by mistake is seen. Everything else that needs a schedule reads it from the DAG file (stir.transform.pace).
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from stir.dags.dag_index import PAGE, render, waits_for
from stir.settings import PROJECT_DIR
from stir.transform.ownership import DAG_OF_CADENCE

from .conftest import dag_files


class Row(NamedTuple):
    category: str
    schedule: str | None
    tags: set[str]
    timeout_minutes: int
    retries: int = 2
    waits_for: str = ""
    beside: tuple[str, ...] = ()


CATALOGUE = {
    "sync_instagram_profiles_by_handle": Row("instagram", "*/10 * * * *", {"scrape", "profile", "tier1"}, 30),
    "sync_instagram_collection_posts": Row("instagram", "1-59/10 * * * *", {"scrape", "collections", "tier1"}, 30),
    "sync_instagram_collection_stories": Row("instagram", "12 */3 * * *", {"scrape", "stories", "tier1"}, 30),
    "sync_instagram_post_comments": Row("instagram", "22 */3 * * *", {"scrape", "comments", "tier2"}, 30),
    "sync_instagram_post_insights": Row("instagram", "32 */6 * * *", {"scrape", "insights", "tier2"}, 30),
    "sync_instagram_profile_insights": Row("instagram", "42 2 * * *", {"scrape", "insights", "tier2"}, 30),
    "sync_instagram_stories": Row("instagram", "16 */6 * * *", {"scrape", "stories", "tier2"}, 30),
    "sync_instagram_stories_of_listed_profiles": Row("instagram", "26 */4 * * *", {"scrape", "stories", "tier3"}, 30),
    "sync_instagram_story_insights": Row("instagram", "52 */3 * * *", {"scrape", "insights", "tier1"}, 30),
    "sync_instagram_profile_followers": Row("instagram", "3 * * * *", {"scrape", "graph", "tier3"}, 30),
    "sync_instagram_profile_following": Row("instagram", "3-59/10 * * * *", {"scrape", "graph", "tier3"}, 30),
    "sync_instagram_gpt_audience_age_gender": Row("instagram", "5 */8 * * *", {"gpt", "enrich", "tier3"}, 30),
    "sync_instagram_gpt_audience_cities": Row("instagram", "14 */8 * * *", {"gpt", "enrich", "tier3"}, 30),
    "sync_instagram_gpt_base_category_language_topics": Row(
        "instagram", "24 */8 * * *", {"gpt", "enrich", "tier3"}, 30
    ),
    "sync_instagram_gpt_base_gender": Row("instagram", "34 */8 * * *", {"gpt", "enrich", "tier3"}, 30),
    "sync_instagram_gpt_base_location": Row("instagram", "44 */8 * * *", {"gpt", "enrich", "tier3"}, 30),
    "sync_instagram_gpt_gender_location_language": Row("instagram", "4-59/10 * * * *", {"gpt", "enrich", "tier3"}, 30),
    "sync_youtube_channels": Row("youtube", "20 0 * * *", {"scrape", "profile", "tier2"}, 30),
    "sync_youtube_collection_posts": Row("youtube", "5-59/10 * * * *", {"scrape", "collections", "tier1"}, 30),
    "sync_youtube_critical_channels": Row("youtube", "40 0 * * *", {"scrape", "profile", "tier1"}, 30),
    "sync_youtube_genre_videos": Row("youtube", "0 2 * * 0", {"scrape", "discovery", "tier3"}, 30),
    "sync_youtube_post_comments": Row("youtube", "37 */3 * * *", {"scrape", "comments", "tier2"}, 30),
    "sync_youtube_post_type": Row("youtube", "6-59/10 * * * *", {"scrape", "posts", "tier3"}, 30),
    "sync_youtube_profile_insights": Row("youtube", "10 3 * * *", {"scrape", "insights", "tier2"}, 30),
    "sync_youtube_profile_relationships": Row("youtube", "7-59/10 * * * *", {"scrape", "graph", "tier3"}, 30),
    "sync_youtube_profiles_by_channel": Row("youtube", "8,38 * * * *", {"scrape", "profile", "tier1"}, 30),
    "sync_youtube_videos_by_channel": Row("youtube", "9-59/10 * * * *", {"scrape", "posts", "tier1"}, 30),
    "sync_youtube_channel_registry": Row("youtube", "0 1 * * *", {"registry", "discovery", "tier3"}, 30),
    "retry_youtube_scrape_requests": Row("youtube", "50 * * * *", {"scrape", "recovery", "tier2"}, 30),
    "sync_priority_collection_posts": Row("operations", "2-59/10 * * * *", {"scrape", "collections", "tier2"}, 30),
    "sync_shopify_orders": Row("operations", "28 */4 * * *", {"scrape", "orders", "tier1"}, 30),
    "upload_post_asset": Row("assets", "2-59/10 * * * *", {"asset", "posts", "tier2"}, 30),
    "upload_post_asset_stories": Row("assets", "4-59/10 * * * *", {"asset", "stories", "tier1"}, 30),
    "upload_instagram_profile_asset": Row("assets", "6-59/10 * * * *", {"asset", "profile", "tier2"}, 30),
    "upload_profile_relationship_asset": Row("assets", "8-59/10 * * * *", {"asset", "graph", "tier3"}, 30),
    "track_hashtags": Row("utility", "48 */6 * * *", {"scrape", "hashtag", "tier3"}, 30),
    "dbt_collections": Row("transform", "*/30 * * * *", {"collections", "tier1"}, 120),
    "dbt_core": Row("transform", "*/15 * * * *", {"core", "tier1"}, 60),
    "dbt_daily": Row("transform", "0 19 * * *", {"leaderboard", "tier1"}, 360),
    "dbt_hourly": Row("transform", "0 1-23/2 * * *", {"discovery", "tier2"}, 120),
    "dbt_orders": Row("transform", "30 0 * * *", {"orders", "tier2"}, 90),
    "dbt_recent_scl": Row("transform", "*/5 * * * *", {"scrape-log", "tier1"}, 30),
    "dbt_refresh_account_tracker_stats": Row("transform", "5 * * * *", {"tracker", "tier1"}, 40),
    "dbt_staging_collections": Row("transform", "*/30 * * * *", {"collections", "tier3"}, 120),
    "dbt_weekly": Row("transform", "0 6 * * 1", {"weekly", "tier3"}, 360),
    "post_ranker": Row("transform", "10 */5 * * *", {"ranking", "tier2"}, 240),
    "post_ranker_partial": Row("transform", "*/5 * * * *", {"ranking", "tier2"}, 15),
    "complete_referral_submissions": Row("operations", "23 * * * *", {"campaign", "referral", "tier2"}, 20),
    "create_missing_collection_items": Row("assets", "36 * * * *", {"campaign", "reconcile", "tier2"}, 20),
    "create_missing_journeys": Row("operations", "11 * * * *", {"campaign", "reconcile", "tier2"}, 20),
    "create_missing_payouts": Row("utility", "43 * * * *", {"campaign", "payout", "tier1"}, 20),
    "flag_final_post_submitted": Row("operations", "6 * * * *", {"campaign", "reconcile", "tier2"}, 20),
    "maintain_storage_retention": Row("utility", "30 5 * * *", {"maintenance", "retention", "tier2"}, 20),
    "monitor_pipeline_freshness": Row("utility", "*/10 * * * *", {"monitor", "alert", "tier1"}, 20),
    "recommend_campaigns": Row("utility", None, {"crm", "outbox", "tier3"}, 20),
    "reconcile_submission_status": Row("operations", "17 * * * *", {"campaign", "reconcile", "tier1"}, 20),
    "sync_keyword_collection_report": Row("operations", "46 */3 * * *", {"report", "outbox", "tier2"}, 20),
    "sync_post_collection_sentiment_report": Row("operations", "41 */3 * * *", {"report", "outbox", "tier2"}, 20),
    "upload_content_verification": Row("assets", "19 */3 * * *", {"asset", "verification", "tier2"}, 20),
    "upload_handle_verification": Row("assets", "31 * * * *", {"verification", "campaign", "tier2"}, 20),
    "sync_leaderboard_prod": Row(
        "publish",
        "15 22 * * *",
        {"export", "leaderboard", "prod", "tier1"},
        120,
        3,
        "mart_leaderboard",
        ("rank_movement",),
    ),
    "sync_time_series_prod": Row("publish", "3 3 * * *", {"export", "prod", "tier1"}, 120, 3, "mart_time_series"),
    "sync_collection_post_summary_prod": Row(
        "publish", "25 0 * * *", {"export", "prod", "tier1"}, 120, 3, "mart_collection_post", ("collection",)
    ),
    "sync_collection_post_summary_staging": Row(
        "publish", "35 0 * * *", {"export", "staging", "tier3"}, 120, 3, "mart_staging_collection_post"
    ),
    "sync_collection_post_ts_prod": Row(
        "publish",
        "45 0 * * *",
        {"export", "prod", "tier1"},
        120,
        3,
        "mart_collection_post_ts",
        ("collection_totals_ts",),
    ),
    "sync_collection_post_ts_staging": Row(
        "publish", "55 0 * * *", {"export", "staging", "tier3"}, 120, 3, "mart_staging_collection_post_ts"
    ),
    "sync_collection_hashtags_prod": Row(
        "publish", "15 1 * * *", {"export", "prod", "tier2"}, 120, 3, "mart_collection_post"
    ),
    "sync_collection_keywords_prod": Row(
        "publish", "25 1 * * *", {"export", "prod", "tier2"}, 120, 3, "mart_collection_post"
    ),
    "sync_leaderboard_staging": Row(
        "publish",
        "45 23 * * *",
        {"export", "leaderboard", "staging", "tier3"},
        120,
        3,
        "mart_leaderboard",
        ("rank_movement",),
    ),
    "sync_time_series_staging": Row("publish", "0 4 * * *", {"export", "staging", "tier3"}, 120, 3, "mart_time_series"),
    "sync_hashtags_prod": Row("publish", "30 9 * * 1", {"export", "prod", "tier3"}, 120, 3, "mart_instagram_hashtags"),
    "sync_group_metrics_prod": Row(
        "operations",
        "55 1 * * *",
        {"export", "prod", "tier2"},
        120,
        3,
        "mart_profile_group_metrics",
        ("creator", "creator_audience", "creator_post"),
    ),
    "sync_trending_content_prod": Row(
        "publish", "35 1 * * *", {"export", "genre", "prod", "tier2"}, 120, 3, "mart_genre_trending_content"
    ),
    "sync_trending_content_staging": Row(
        "publish", "15 4 * * *", {"export", "genre", "staging", "tier3"}, 120, 3, "mart_genre_trending_content"
    ),
    "sync_genre_overview_prod": Row(
        "publish", "45 1 * * *", {"export", "genre", "prod", "tier2"}, 120, 3, "mart_genre_overview"
    ),
    "sync_genre_overview_staging": Row(
        "publish", "30 4 * * *", {"export", "genre", "staging", "tier3"}, 120, 3, "mart_genre_overview"
    ),
}
"""All of them: a DAG that is not here is not wanted, one that is here must exist."""


def test_the_dags_are_exactly_those_of_the_catalogue(dags: dict[str, Any]) -> None:
    assert set(dags) == set(CATALOGUE)
    assert Counter(row.category for row in CATALOGUE.values()) == {
        "transform": 11,
        "instagram": 17,
        "youtube": 12,
        "publish": 15,
        "operations": 9,
        "assets": 7,
        "utility": 5,
    }


def test_every_file_is_taken_for_a_dag_file(dags: dict[str, Any]) -> None:
    # Airflow skips files without the words "dag" and "airflow" and says nothing.
    assert len(dags) == len(dag_files()) > 0


@pytest.mark.parametrize("dag_id", CATALOGUE)
def test_schedule_tags_timeout_and_retries_are_the_catalogues(dags: dict[str, Any], dag_id: str) -> None:
    dag, row = dags[dag_id], CATALOGUE[dag_id]
    timetable = dag.timetable
    if row.waits_for:
        from stir.publish import find_spec

        marts = {row.waits_for, *(find_spec(name).mart for name in row.beside)}
        assert set(waits_for(dag)) == marts
        timetable = timetable.timetable
    if row.schedule is None:
        assert not timetable.can_be_scheduled
    else:
        assert (str(timetable.expression), str(timetable.timezone)) == (row.schedule, "UTC")
    assert dag.tags == {row.category, *row.tags}
    assert dag.dagrun_timeout == timedelta(minutes=row.timeout_minutes)
    assert {task.retries for task in dag.tasks} == {row.retries}


@pytest.mark.parametrize("dag_id", [dag_id for dag_id, row in CATALOGUE.items() if "export" in row.tags])
def test_a_publish_dag_shows_the_steps_of_a_publish_and_waits_for_the_specs_mart(
    dags: dict[str, Any], dag_id: str
) -> None:
    from stir.publish import STEPS, find_spec

    dag = dags[dag_id]
    steps = [task for task in dag.topological_sort() if task.task_id in STEPS]
    assert [task.task_id for task in steps] == list(STEPS)
    assert {find_spec(task.table).mart_of(task.target) for task in steps} == {CATALOGUE[dag_id].waits_for}
    assert dag.get_task("tidy").is_teardown
    assert [asset.name for asset in dag.get_task("swap").outlets] == [
        f"{dag.task_dict['swap'].target}.{dag.task_dict['swap'].table}"
    ]
    assert dag.deadline


@pytest.mark.parametrize("dag_id", [dag_id for dag_id, row in CATALOGUE.items() if "export" in row.tags])
def test_each_table_beside_the_own_one_is_a_task_that_waits_for_no_other(dags: dict[str, Any], dag_id: str) -> None:
    from stir.publish import STEPS

    beside = [task for task in dags[dag_id].tasks if task.task_id not in STEPS]
    assert tuple(sorted(task.task_id for task in beside)) == CATALOGUE[dag_id].beside
    for task in beside:
        assert task.table == task.task_id
        assert (task.upstream_task_ids, task.downstream_task_ids) == (set(), set())
        assert [asset.name for asset in task.outlets] == [f"{task.target}.{task.table}"]
        assert task.publish_run("d", "r") != dags[dag_id].get_task("swap").publish_run("d", "r")


def test_marts_of_one_build_start_a_publish_together_and_those_of_another_alone(dags: dict[str, Any]) -> None:
    built = {
        task.mart: dag_id for dag_id, dag in dags.items() for task in dag.tasks if task.task_id.startswith("test_mart_")
    }
    for dag_id, row in CATALOGUE.items():
        if row.beside:
            parts = dags[dag_id].timetable.asset_condition.objects
            groups = [[asset.name for asset in getattr(part, "objects", [part])] for part in parts]
            builders = [{built[mart] for mart in group} for group in groups]
            assert [len(each) for each in builders] == [1] * len(groups), dag_id
            assert len(set().union(*builders)) == len(groups), dag_id


def test_every_published_table_has_one_dag_in_each_database(dags: dict[str, Any]) -> None:
    from stir.publish import SPECS

    swapped = Counter(
        outlet.name for dag in dags.values() if "export" in dag.tags for task in dag.tasks for outlet in task.outlets
    )
    assert {name for name in swapped if name.startswith("prod.")} == {f"prod.{name}" for name in SPECS}
    assert set(swapped.values()) == {1}


@pytest.mark.parametrize("dag_id", [dag_id for dag_id, row in CATALOGUE.items() if row.category == "transform"])
def test_a_transform_dag_owns_one_cadence_and_announces_only_marts_of_it(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    build = dag.get_task("build")
    assert build.select == [f"tag:{build.cadence}"]
    assert DAG_OF_CADENCE[build.cadence] == dag_id
    for task in dag.tasks:
        if task.task_id not in ("build", "wait_for_upstreams", "score_followers"):
            [model] = (PROJECT_DIR / "models").rglob(f"{task.mart}.sql")
            assert f"tags=['{build.cadence}']" in model.read_text()
            assert [asset.name for asset in task.outlets] == [task.mart]


def test_followers_are_scored_before_the_daily_build_and_a_failure_does_not_stop_it(dags: dict[str, Any]) -> None:
    build = dags["dbt_daily"].get_task("build")
    assert build.upstream_task_ids == {"wait_for_upstreams", "score_followers"}
    assert build.trigger_rule == "all_done_min_one_success"
    assert dags["dbt_daily"].get_task("score_followers").upstream_task_ids == {"wait_for_upstreams"}
    assert [dag_id for dag_id, dag in dags.items() if dag.has_task("score_followers")] == ["dbt_daily"]


def test_every_cadence_has_its_dag(dags: dict[str, Any]) -> None:
    assert set(DAG_OF_CADENCE.values()) == {dag_id for dag_id, row in CATALOGUE.items() if row.category == "transform"}


def test_the_committed_page_is_the_one_that_the_files_give(dags: dict[str, Any]) -> None:
    assert PAGE.read_text() == render(dags), "run `./stir dags --write`"


def test_the_page_lists_every_dag_with_schedule_owner_tier_and_what_it_waits_for(dags: dict[str, Any]) -> None:
    page = render(dags)
    for dag_id, row in CATALOGUE.items():
        [line] = [line for line in page.splitlines() if line.startswith(f"| `{dag_id}` |")]
        assert (row.schedule or "by hand") in line
        assert f"| {dags[dag_id].owner} |" in line
        assert row.waits_for in line
