"""The world, asked for through the platforms' APIs and collected, is the world that `stir world work` answers.

Nothing is written: the statements of `world work` are run as questions, and the collector's records go through the
contracts of their streams, as in the sink.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tests.unit.collector.platform import task

from stir import connections
from stir.collector.protocol import Complete, Failed, NotFound
from stir.settings import Settings

from .answered_twice import Rows, collected, entities, worked

IGNORED = ("event_id", "source", "insert_timestamp", "updated_at", "refreshed_at")
"""Who read it and when: of the last two the world takes a drawn fraction of a second."""


def comparable(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as staging understands it: flags decide about the numbers beside them."""
    plain = {name: _plain(value) for name, value in row.items() if name not in IGNORED}
    if table.startswith("events."):
        metrics = json.loads(plain.pop("metrics"))
        flags = {name for name in list(metrics) if metrics[name] is True}
        metrics = {name: number for name, number in metrics.items() if name not in flags}
        if "like_and_view_counts_disabled" in flags:
            metrics = {name: value for name, value in metrics.items() if name not in ("likes", "play_count")}
        if "comments_disabled" in flags:
            metrics.pop("comments", None)
        plain["metrics"] = metrics
        plain.pop("dimensions")
    else:
        if plain.get("like_and_view_counts_disabled"):
            plain |= dict.fromkeys(("likes", "views", "plays"))
        if plain.get("comments_disabled"):
            plain["comments"] = None
    return plain


def _plain(value: Any) -> Any:
    return value.replace(tzinfo=None).isoformat() if isinstance(value, datetime) else value


def compare(ours: Mapping[str, Rows], theirs: Mapping[str, Rows], left_out: Collection[str] = ()) -> int:
    """Every row of `world work` is collected, and equal."""
    compared = 0
    for table, rows in theirs.items():
        wanted = {entity: row for entity, row in rows.items() if entity not in left_out}
        assert set(ours.get(table, {})) == set(wanted), table
        for entity, row in wanted.items():
            assert comparable(table, ours[table][entity]) == comparable(table, row), (table, entity)
            compared += 1
    return compared


def test_channels_are_the_same_rows(settings: Settings, end: datetime) -> None:
    ids = entities(settings, "select account_id from world.account where platform = 'YOUTUBE' order by 1 limit 120")
    tasks = [task("refresh_yt_profiles", *ids[start : start + 40], request=start + 1) for start in (0, 40, 80)]

    found, ours = collected(settings, end, *tasks)

    assert all(isinstance(outcome, Complete) for outcome in found.outcomes.values())
    assert compare(ours, worked(settings, "refresh_yt_profiles", [(1, each) for each in ids])) > 100
    assert found.budget.units("common") == 3


def test_uploads_and_videos_are_the_same_rows(settings: Settings, end: datetime) -> None:
    (channel,) = entities(
        settings,
        "select channel_id from beat_replica.youtube_post_simple"
        " where published_at > (select max(published_at) - interval 60 day from beat_replica.youtube_post_simple)"
        " group by channel_id order by uniq(shortcode) desc, 1 limit 1",
    )
    uploads = entities(
        settings,
        f"select shortcode from beat_replica.youtube_post_simple where channel_id = '{channel}'"
        " group by shortcode order by max(published_at) desc, shortcode limit 50",
    )
    private = set(
        entities(settings, "select shortcode from beat_replica.youtube_post_simple where privacy_status = 'private'")
    )

    found, ours = collected(settings, end, task("refresh_yt_posts_by_playlist_id", channel))
    videos, of_videos = collected(settings, end, *[task("refresh_yt_posts", *uploads[:40])])

    theirs = worked(settings, "refresh_yt_posts", [(1, each) for each in uploads])
    assert isinstance(found.outcome, Complete)
    assert compare(ours, {name: rows for name, rows in theirs.items() if rows}, private) > 10
    assert isinstance(videos.outcome, Complete)
    some = worked(settings, "refresh_yt_posts", [(1, each) for each in uploads[:40]])
    assert compare(of_videos, {name: rows for name, rows in some.items() if rows}, private) > 10


def test_professional_profiles_are_the_same_rows_and_personal_ones_are_not_shown(
    settings: Settings, end: datetime
) -> None:
    rows = (
        connections.clickhouse(settings)
        .query(
            "select lower(handle), any(is_business_or_creator) from (select * from beat_replica.instagram_account"
            " where profile_id is not null order by updated_at desc limit 1 by profile_id)"
            " group by 1 order by 1 limit 24"
        )
        .result_rows
    )
    asked = [(number, handle) for number, (handle, _) in enumerate(rows)]

    found, ours = collected(settings, end, *[task("refresh_profile_by_handle", name, request=n) for n, name in asked])

    professional = [pair for pair, (_, is_professional) in zip(asked, rows, strict=True) if is_professional]
    assert compare(ours, worked(settings, "refresh_profile_by_handle", professional)) > 10
    assert all(
        isinstance(found.outcomes[number], Failed | NotFound) for number, _ in asked if (number, _) not in professional
    )


def test_posts_of_professional_profiles_are_the_same_rows(settings: Settings, end: datetime) -> None:
    posts = entities(
        settings,
        "select shortcode from beat_replica.instagram_post_simple where post_type != 'story' and profile_id in"
        " (select profile_id from beat_replica.instagram_account where is_business_or_creator"
        " group by profile_id order by profile_id limit 8)"
        " and publish_time > (select max(publish_time) - interval 20 day from beat_replica.instagram_post_simple)"
        " group by shortcode order by shortcode limit 24",
    )
    tasks = [task("refresh_post_by_shortcode", each, request=number) for number, each in enumerate(posts)]

    _, ours = collected(settings, end, *tasks)

    theirs = worked(settings, "refresh_post_by_shortcode", list(enumerate(posts)))
    assert compare(ours, {name: rows for name, rows in theirs.items() if rows}) > 10


def test_the_reach_of_stories_is_the_same_number_with_the_token_of_their_owner(
    settings: Settings, end: datetime
) -> None:
    client = connections.clickhouse(settings)
    stories, owner = client.query(
        "select groupArray(4)(story.shortcode), any(account.fbid) from ("
        " select shortcode, any(profile_id) as author from beat_replica.instagram_post_simple where post_type = 'story'"
        " and publish_time > (select max(publish_time) - interval 60 day from beat_replica.instagram_post_simple)"
        " group by shortcode order by shortcode) as story"
        " inner join (select profile_id, any(fbid) as fbid from beat_replica.instagram_account"
        " where is_business_or_creator group by profile_id) as account on account.profile_id = story.author"
        " group by story.author order by count() desc, story.author limit 1"
    ).first_row
    tasks = [task("refresh_story_insights", each, request=number) for number, each in enumerate(stories)]

    _, ours = collected(settings, end, *tasks, owner=owner)

    theirs = worked(settings, "refresh_post_by_shortcode", list(enumerate(stories)))["events.post_log_events"]
    same = ("platform", "profile_id", "handle", "shortcode", "event_timestamp")
    found = ours["events.post_log_events"]
    assert theirs
    assert found.keys() == theirs.keys()
    for code, row in theirs.items():
        assert json.loads(found[code]["metrics"]) == json.loads(row["metrics"]), code
        assert [_plain(found[code][name]) for name in same] == [_plain(row[name]) for name in same]
