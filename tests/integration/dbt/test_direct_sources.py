"""What marts set aside of the sources that they read without a staging model is counted, whichever column it stands in:
the columns are those of the source tables, not a list."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from stir import connections
from stir.settings import Settings
from stir.transform.rejects import TABLE
from stir.transform.runner import run_dbt

from .planted import put_back

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.world.warehouse import Build

Counts = dict[tuple[str, str], int]
"""Rows by (outcome, reason)."""


class Direct(NamedTuple):
    """A source that a mart reads itself: the key column of its rows, the column of the file's day, columns that nothing
    reads, and text that holds numbers or moments."""

    source: str
    key: str
    form: str
    also: Mapping[str, Any] = MappingProxyType({})
    day: str = ""
    unread: tuple[str, ...] = ()
    text: Mapping[str, str] = MappingProxyType({})


HOSTILE: dict[str, Any] = {
    "Int64": 2**63 - 1,
    "UInt64": 2**64 - 1,
    "Float64": math.nan,
    "DateTime": datetime(1971, 1, 1, tzinfo=UTC),
}
"""What cannot be, by type of the column."""

FAULTS = ("impossible_", "malformed_json", "unknown_value")
OF_FOLLOWER = ("number_handle", "final_", "reasons")
SEEN = datetime(2026, 6, 14, tzinfo=UTC)
OF_EDGE = {
    **{"relationship_type": "subscription", "source_channel_id": f"UC{22 * 'x'}", "target_channel_id": f"UC{22 * 'y'}"},
    **{"source": "ytapi", "event_timestamp": SEEN, "insert_timestamp": SEEN},
}
DIRECT = {
    "mart_audience_info": Direct(
        "vendor.social_profiles",
        "youtube_userid",
        "UCdirectdirectdirectdi{:02}",
        unread=("youtube_demographic_m_all", "youtube_demographic_f_all"),
    ),
    "mart_youtube_account_base": Direct(
        "vendor.youtube_channels",
        "id",
        "UCdirectdirectdirectdi{:02}",
        day="snapshot_date",
        text={"subscriber_count": "1,234", "view_count": "-1", "video_count": "many", "last_updated_at": "yesterday"},
    ),
    "mart_youtube_leaderboard_base_raw": Direct(
        *("vendor.channels_monthly_stats", "id", "UCdirectdirectdirectdi{:02}"),
        also={"month": "2020-01"},
        text={"month": "2020-13-01"},
    ),
    "mart_instagram_all_posts": Direct(
        "vendor.instagram_posts_historical", "shortcode", "direct{:02}", also={"profile_id": "99999999999"}
    ),
    "mart_instagram_account_base": Direct(
        "vendor.instagram_profiles", "profile_id", "9999999999{:02}", text={"gender": "male"}
    ),
    "mart_audience_info_follower": Direct(
        "ds.instagram_prediction", "profile_id", "-{:02}1", text={"gender_from_img_model": "male"}
    ),
    "mart_instagram_predicted_category": Direct("ds.categorization_zsl", "profile_id", "9999999999{:02}"),
    "mart_instagram_creators_followers_fake_analysis": Direct(
        "ds.creator_followers_fake_analysis", "handle", "direct{:02}", also={"follower_handle": "x"}, unread=OF_FOLLOWER
    ),
    "mart_collection_clicks_ts": Direct("tracking.link_clicks", "url", "https://direct/{:02}", day="d"),
    "mart_youtube_subscriber": Direct(
        *("events.yt_profile_relationship_log_events", "event_id", "direct{:02}", OF_EDGE),
        unread=("insert_timestamp",),
        text={"subscribed_on": "yesterday"},
    ),
    "mart_youtube_subscriber_staging": Direct(
        *("events_stage.yt_profile_relationship_log_events", "event_id", "direct{:02}", OF_EDGE),
        unread=("insert_timestamp",),
        text={"subscribed_on": "yesterday"},
    ),
    "mart_instagram_tracked_profiles": Direct(
        "identity_replica.social_account", "account_id", "99999999{:02}", also={"platform": "INSTAGRAM"}
    ),
    "mart_creator_campaign_performance": Direct(
        *("identity_replica.host_profile", "user_client_account_id", "99999999{:02}"),
        text={"user_categories": '[{"name":"Travel"'},
    ),
    "mart_collection_post": Direct("tracking.link_orders", "link", "https://direct/{:02}"),
}
"""By mart."""


@pytest.fixture(scope="module")
def client(settings: Settings, warehouse: Build) -> Client:
    return connections.clickhouse(settings)


def _rows(client: Client, direct: Direct, day: date) -> dict[str, dict[str, Any]]:
    """By column that can hold what cannot be, a row with it; of the given day, since older days have been counted."""
    database, table = direct.source.split(".")
    query = f"select name, type from system.columns where database = '{database}' and table = '{table}'"
    kinds = {name: kind.removeprefix("Nullable(").split("(")[0] for name, kind in client.query(query).result_rows}
    planted = {
        name: HOSTILE[kind.rstrip(")")]
        for name, kind in kinds.items()
        if kind.rstrip(")") in HOSTILE and name not in (direct.key, *direct.unread)
    }
    scores = {name: [("x", math.nan)] for name, kind in kinds.items() if kind == "Array" and name not in direct.unread}
    rows = {}
    for number, (column, value) in enumerate((planted | dict(direct.text) | scores).items()):
        key: Any = direct.form.format(number)
        key = int(key) if kinds[direct.key] == "Int64" else key
        dated = {direct.day: day} if direct.day else {}
        rows[column] = {direct.key: key, **direct.also, **dated, column: value}
    return rows


def _counted(client: Client, settings: Settings, source: str) -> Counts:
    rows = client.query(
        f"select outcome, reason, sum(row_count) from {settings.clickhouse_database}.{TABLE} final"
        f" where source_table = '{source}' group by outcome, reason"
    ).result_rows
    return {(outcome, reason): int(count) for outcome, reason, count in rows}


@pytest.fixture(scope="module")
def added(client: Client, settings: Settings) -> Iterator[dict[str, tuple[list[str], Counts]]]:
    """The planted columns of each source, and what was counted of them."""
    assert settings.as_of
    day = datetime.fromisoformat(settings.as_of).date() - timedelta(days=2)
    before = {direct.source: _counted(client, settings, direct.source) for direct in DIRECT.values()}
    found: dict[str, tuple[list[str], Counts]] = {}
    keys: dict[str, tuple[str, tuple[Any, ...]]] = {}
    columns: dict[str, list[str]] = {}
    with put_back(client, settings.clickhouse_database, DIRECT):
        try:
            for direct in DIRECT.values():
                rows = _rows(client, direct, day)
                keys[direct.source] = direct.key, tuple(row[direct.key] for row in rows.values())
                columns[direct.source] = list(rows)
                for row in rows.values():
                    client.insert(direct.source, [list(row.values())], column_names=list(row))
            run_dbt(settings, ["run", "--no-write-json", "--select", *DIRECT]).raise_for_failure()
            for source, counts in before.items():
                after = _counted(client, settings, source)
                found[source] = columns[source], {what: after[what] - counts.get(what, 0) for what in after}
            yield found
        finally:
            for source, (key, values) in keys.items():
                client.command(f"delete from {source} where {key} in ({', '.join(map(repr, values))})")
    assert {source: _counted(client, settings, source) for source in before} == before


@pytest.mark.parametrize("mart", DIRECT)
def test_each_value_that_cannot_be_is_counted_at_the_mart_that_reads_it(
    added: dict[str, tuple[list[str], Counts]], mart: str
) -> None:
    columns, counts = added[DIRECT[mart].source]

    assert columns
    assert counts["read", ""] == len(columns)
    faults = {what: count for what, count in counts.items() if what[1].startswith(FAULTS) and count}
    assert sum(faults.values()) == len(columns), (columns, faults)


def test_a_reader_may_ask_for_months_though_a_file_names_none(
    client: Client, settings: Settings, added: dict[str, tuple[list[str], Counts]]
) -> None:
    # ClickHouse tries a condition on a view's column on all rows of the source, also on those that the view leaves out.
    query = f"select min(month) from {settings.clickhouse_database}.mart_youtube_leaderboard_base_raw where month <= "
    assert client.query(f"{query} '2100-01-01'").first_row[0] >= date(2005, 1, 1)
