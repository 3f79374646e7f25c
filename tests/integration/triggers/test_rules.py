"""Who is due, by rows made by hand: each rule with the row that is just in and the one that is just out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from stir import connections
from stir.database import prepare

from .conftest import NOON, Planted, Trigger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def job(number: int, params: str, status: str, at: datetime, **fields: Any) -> dict[str, Any]:
    """A request as the warehouse shows it."""
    return {
        "id": number,
        "flow": "refresh_post_by_shortcode",
        "params": params,
        "status": status,
        "created_at": at,
        "scraped_at": at,
        "changed_at": at,
        **fields,
    }


def post(shortcode: str, published: timedelta, **fields: Any) -> dict[str, Any]:
    return {
        "shortcode": shortcode,
        "post_type": "image",
        "published_at": NOON - published,
        "created_at": NOON - published,
        "updated_at": NOON - min(published, HOUR),
        **fields,
    }


def item(shortcode: str, listed: timedelta = DAY, **fields: Any) -> dict[str, Any]:
    return {
        "id": abs(hash(shortcode)) % 2**40,
        "post_collection_id": "list",
        "shortcode": shortcode,
        "platform": "INSTAGRAM",
        "post_type": "image",
        "is_enabled": True,
        "is_crawled": True,
        "created_at": NOON - listed,
        "updated_at": NOON - listed,
        **fields,
    }


LISTS = [
    {"id": "list", "partner_id": 1, "is_enabled": True, "created_at": NOON, "updated_at": NOON},
    {"id": "closed", "partner_id": 2, "is_enabled": False, "created_at": NOON, "updated_at": NOON},
]


def test_collection_posts_are_unknown_first_then_two_weeks_oldest_first(
    planted: Planted, planted_trigger: Trigger
) -> None:
    planted.put("stg_coffee_post_collection", LISTS)
    planted.put(
        "stg_coffee_post_collection_item",
        [
            *(item(name) for name in ("new", "young", "old", "too_old", "12345")),
            item("unseen", 2 * DAY),
            item("story", post_type="story"),
            item("off", is_enabled=False),
            item("uncrawled", is_crawled=False),
            item("closed", post_collection_id="closed"),
            item("listed_long_ago", 70 * DAY),
            item("video", platform="YOUTUBE"),
        ],
    )
    known = {"young": 2 * DAY, "old": 14 * DAY, "too_old": 14 * DAY + HOUR}
    planted.put("stg_beat_instagram_post", [post(name, age) for name, age in known.items()])
    planted_trigger.run("sync_instagram_collection_posts", NOON)
    assert planted_trigger.entities("shortcode") == ["unseen", "new", "old", "young"]


def test_quarantine_grows_with_permanent_errors_and_never_with_throttling(
    planted: Planted, planted_trigger: Trigger
) -> None:
    planted.put("stg_coffee_post_collection", LISTS)
    names = ["twice", "twice_long_ago", "thrice", "four_times", "throttled", "empty", "healed", "young_error"]
    planted.put("stg_coffee_post_collection_item", [item(name) for name in names])
    planted.put("stg_beat_instagram_post", [])
    jobs: list[dict[str, Any]] = []

    def attempts(name: str, errors: list[tuple[str, timedelta]]) -> None:
        for error, ago in errors:
            code = error[1:4] if error.startswith("(") else None
            status = "COMPLETE" if error == "ok" else "FAILED"
            text = f'{{"shortcode": "{name}"}}'
            jobs.append(job(len(jobs), text, status, NOON - ago, result=error, error_code=code))

    gone = "(404) not found"
    attempts("twice", [(gone, 30 * HOUR), (gone, 23 * HOUR)])
    attempts("twice_long_ago", [(gone, 40 * HOUR), (gone, 25 * HOUR)])
    attempts("thrice", [(gone, 9 * DAY), (gone, 8 * DAY), (gone, 6 * DAY)])
    attempts("four_times", [(gone, 60 * DAY), (gone, 50 * DAY), (gone, 40 * DAY), (gone, 29 * DAY)])
    attempts("throttled", [("(429) slow down", HOUR * ago) for ago in range(1, 9)])
    attempts("empty", [("(204) nothing", HOUR), ("'NoneType' object", 2 * HOUR), ("(409) runs", 3 * HOUR)])
    attempts("healed", [(gone, 20 * HOUR), (gone, 19 * HOUR), ("ok", 18 * HOUR), (gone, 17 * HOUR)])
    attempts("young_error", [(gone, 13 * HOUR)])
    planted.put("stg_beat_scrape_request_log", jobs)
    done = planted_trigger.run("sync_instagram_collection_posts", NOON)
    asked = set(planted_trigger.entities("shortcode"))
    assert asked == {"twice_long_ago", "throttled", "empty", "healed", "young_error"}
    assert done.quarantined == 3


def test_failures_of_another_flow_do_not_quarantine_an_entity(planted: Planted, planted_trigger: Trigger) -> None:
    planted.put("stg_coffee_post_collection", LISTS)
    planted.put("stg_coffee_post_collection_item", [item("a")])
    planted.put("stg_beat_instagram_post", [])
    errors = [job(n, '{"shortcode": "a"}', "FAILED", NOON - HOUR, flow="fetch_post_comments") for n in range(5)]
    planted.put("stg_beat_scrape_request_log", errors)
    assert planted_trigger.run("sync_instagram_collection_posts", NOON).quarantined == 0


def test_comments_are_asked_once_of_posts_that_have_some_and_whose_partner_pays(
    planted: Planted, planted_trigger: Trigger
) -> None:
    prepare(planted_trigger.settings)
    with connections.postgres(planted_trigger.settings) as connection:
        connection.execute(
            "insert into ops.tracked_entity (kind, value, enabled) values ('sentiment_partner', '77', true),"
            " ('sentiment_partner', '78', false) on conflict (kind, value) do nothing"
        )
    lists = [{**LISTS[0], "id": name, "partner_id": partner} for name, partner in (("paid", 77), ("unpaid", 78))]
    planted.put("stg_coffee_post_collection", lists)
    old: dict[str, Any] = {"published": 4 * DAY, "comments": 3}
    posts = {
        "due": old,
        "young": {**old, "published": 4 * DAY - HOUR},
        "silent": {**old, "comments": 0},
        "unknown": {**old, "comments": None},
        "stored": old,
        "liked": old,
        "unpaid": old,
    }
    planted.put("stg_beat_instagram_post", [post(name, **fields) for name, fields in posts.items()])
    planted.put(
        "stg_coffee_post_collection_item",
        [item(name, post_collection_id="unpaid" if name == "unpaid" else "paid") for name in posts],
    )
    kinds = {"stored": "COMMENT", "liked": "LIKE"}
    planted.put(
        "stg_beat_post_activity_log",
        [
            {"id": n, "platform": "INSTAGRAM", "shortcode": name, "activity_type": kind, "acted_at": NOON}
            for n, (name, kind) in enumerate(kinds.items())
        ],
    )
    try:
        planted_trigger.run("sync_instagram_post_comments", NOON)
        assert planted_trigger.entities("shortcode") == ["due", "liked"]
        planted_trigger.execute("update scrape_request_log set status = 'COMPLETE', scraped_at = created_at")
        planted_trigger.run("sync_instagram_post_comments", NOON + 400 * DAY)
        assert planted_trigger.entities("shortcode") == ["due", "liked", "young"], "once, and young is old by then"
    finally:
        with connections.postgres(planted_trigger.settings) as connection:
            connection.execute("delete from ops.tracked_entity where value in ('77', '78')")


def credential(handle: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": abs(hash(handle)) % 2**40,
        "source": "graphapi",
        "handle": handle,
        "is_enabled": True,
        "is_data_access_expired": False,
        "updated_at": NOON,
        **fields,
    }


def test_private_insights_are_asked_only_where_the_owner_lets_us_in(planted: Planted, planted_trigger: Trigger) -> None:
    owners = [
        credential("open"),
        credential("never_read"),
        credential("fresh"),
        credential("off", is_enabled=False),
        credential("expired", is_data_access_expired=True),
        credential("throttled", disabled_until_at=NOON + HOUR),
        credential("throttle_over", disabled_until_at=NOON),
        credential("channel", source="ytapi", idempotency_key="ytapi:UC" + "a" * 22),
    ]
    planted.put("stg_beat_credential", owners)
    read = {"open": 8 * DAY, "fresh": 7 * DAY - HOUR, "throttle_over": 9 * DAY}
    planted.put(
        "stg_beat_instagram_profile_insights",
        [{"profile_id": name, "handle": name, "updated_at": NOON - ago} for name, ago in read.items()],
    )
    planted.put("stg_beat_youtube_profile_insights", [])
    planted_trigger.run("sync_instagram_profile_insights", NOON)
    assert planted_trigger.entities("handle") == ["never_read", "throttle_over", "open"], "the oldest first"
    planted_trigger.execute("truncate scrape_request_log")
    planted_trigger.run("sync_youtube_profile_insights", NOON)
    assert planted_trigger.entities("channel_id") == ["UC" + "a" * 22]
    planted_trigger.execute("truncate scrape_request_log")
    stories = [
        post(f"{name}_story", 2 * HOUR, handle=name, post_type="story", post_id=name) for name in ("open", "off")
    ]
    stories += [
        post("older", 23 * HOUR, handle="open", post_type="story", post_id="1"),
        post("gone", 24 * HOUR, handle="open", post_type="story", post_id="2"),
    ]
    planted.put("stg_beat_instagram_post", stories)
    planted_trigger.run("sync_instagram_story_insights", NOON)
    assert planted_trigger.entities("shortcode") == ["older", "open_story"], "those that expire first, first"
    assert {priority for _, priority, _ in planted_trigger.rows()} == {1}


def test_collection_stories_carry_what_the_owner_is_now(planted: Planted, planted_trigger: Trigger) -> None:
    planted.put(
        "stg_coffee_post_collection_item",
        [
            item("s2", 2 * HOUR, post_type="story", posted_by_handle="ann"),
            item("s1", 5 * HOUR, post_type="story", posted_by_handle="ann"),
            item("stored", 2 * HOUR, post_type="story", posted_by_handle="ann"),
            item("over", 25 * HOUR, post_type="story", posted_by_handle="bob"),
        ],
    )
    planted.put("stg_beat_instagram_post", [post("stored", 3 * HOUR, post_type="story", first_seen_followers=5)])
    planted.put(
        "mart_instagram_account",
        [
            {"profile_id": "1", "handle": "ann", "followers": 10, "updated_at": NOON - DAY},
            {"profile_id": "2", "handle": "ann", "followers": 20, "updated_at": NOON},
            {"profile_id": "3", "handle": "bob", "followers": 30, "updated_at": NOON},
        ],
    )
    planted.put("mart_instagram_account_summary", [{"profile_id": "2", "engagement_ratio": 0.0412}])
    planted_trigger.run("sync_instagram_collection_stories", NOON)
    ((key, priority, params),) = planted_trigger.rows()
    assert params == {
        "profile_id": "2",
        "handle": "ann",
        "story_ids": ["s1", "s2"],
        "profile_follower": 20,
        "profile_er": 4.12,
        "profile_static_er": None,
        "profile_reels_er": None,
    }
    assert (key, priority) == ("refresh_story_posts_by_profile_id:2:20260615T120000Z", 1)


def test_only_what_is_not_stored_is_uploaded(planted: Planted, planted_trigger: Trigger) -> None:
    picture = {"thumbnail_url": "https://cdn.example/p.jpg"}
    planted.put(
        "stg_beat_instagram_post",
        [
            post("new", HOUR, **picture),
            post("stored", HOUR, **picture),
            post("no_picture", HOUR),
            post("story", HOUR, post_type="story", **picture),
            post("old_story", 24 * HOUR, post_type="story", **picture),
            {**post("unseen", 3 * DAY, **picture), "updated_at": NOON - 13 * HOUR},
        ],
    )
    accounts = {"same": "a", "changed": "b", "unstored": "c"}
    planted.put(
        "stg_beat_instagram_account",
        [
            {"profile_id": name, "profile_pic_url": url, "followers": 5, "updated_at": NOON - HOUR}
            for name, url in accounts.items()
        ],
    )
    asset = {"platform": "INSTAGRAM", "updated_at": NOON}
    planted.put(
        "stg_beat_asset_log",
        [
            {**asset, "entity_type": "POST", "entity_id": "stored"},
            {**asset, "entity_type": "PROFILE", "entity_id": "same", "original_url": "a"},
            {**asset, "entity_type": "PROFILE", "entity_id": "changed", "original_url": "before"},
        ],
    )
    planted_trigger.run("upload_post_asset", NOON)
    planted_trigger.run("upload_post_asset_stories", NOON)
    planted_trigger.run("upload_instagram_profile_asset", NOON)
    assert planted_trigger.rows("flow, account_id") == [
        ("asset_upload_flow", "new"),
        ("asset_upload_flow_stories", "story"),
        ("asset_upload_flow", "changed"),
        ("asset_upload_flow", "unstored"),
    ]


def test_videos_look_at_the_playlist_flow_that_they_ask(planted: Planted, planted_trigger: Trigger) -> None:
    due = {"UC" + letter * 22: NOON - DAY * days for letter, days in (("a", 2), ("b", 3))}
    planted.put(
        "mart_youtube_tracked_profiles",
        [
            {"channel_id": channel, "reason": "rest", "priority": 5, "cool_down_days": 1, "next_videos_attempt": at}
            for channel, at in due.items()
        ],
    )
    other = "insert into scrape_request_log (idempotency_key, platform, flow, params, priority, created_at, expires_at)"
    other += " values (%s, 'YOUTUBE', %s, jsonb_build_object('channel_id', %s::text), 2, %s, %s)"
    first, second = due
    planted_trigger.execute(other, "k1", "refresh_yt_posts_by_channel_id", second, NOON - HOUR, NOON + DAY)
    planted_trigger.run("sync_youtube_videos_by_channel", NOON)
    asked = [row for row in planted_trigger.rows("flow, account_id, priority") if row[1]]
    assert asked == [("refresh_yt_posts_by_playlist_id", second, 7), ("refresh_yt_posts_by_playlist_id", first, 7)]
    assert planted_trigger.run("sync_youtube_videos_by_channel", NOON + 10 * timedelta(minutes=1)).asked == 2


def test_two_triggers_of_one_flow_see_each_other(planted: Planted, planted_trigger: Trigger) -> None:
    channel = "UC" + "c" * 22
    planted.put("stg_beat_youtube_account", [])
    planted.put(
        "stg_coffee_view_youtube_account_lite",
        [{"id": 1, "channel_id": channel, "created_at": NOON - DAY, "updated_at": NOON - DAY}],
    )
    planted.put(
        "mart_youtube_tracked_profiles",
        [{"channel_id": channel, "reason": "rest", "priority": 5, "cool_down_days": 7, "next_attempt": NOON}],
    )
    assert planted_trigger.run("sync_youtube_channels", NOON).enqueued == 1
    assert planted_trigger.run("sync_youtube_profiles_by_channel", NOON + HOUR).asked == 1


def test_a_full_queue_takes_no_more_until_workers_make_room(
    planted: Planted, planted_trigger: Trigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from stir.scrape_queue.flows import FLOWS

    monkeypatch.setitem(FLOWS, "refresh_post_by_shortcode", replace(FLOWS["refresh_post_by_shortcode"], depth=3))
    planted.put("stg_coffee_post_collection", LISTS)
    planted.put("stg_coffee_post_collection_item", [item(f"p{number}") for number in range(5)])
    planted.put("stg_beat_instagram_post", [])
    first = planted_trigger.run("sync_instagram_collection_posts", NOON)
    assert (first.enqueued, first.capped) == (3, 2)
    assert planted_trigger.run("sync_instagram_collection_posts", NOON).capped == 2
    planted_trigger.execute("update scrape_request_log set status = 'COMPLETE'")
    assert planted_trigger.run("sync_instagram_collection_posts", NOON).enqueued == 2


def test_a_new_store_is_asked_for_all_its_orders_and_one_that_shut_us_out_for_none(
    planted: Planted, planted_trigger: Trigger
) -> None:
    def credential(number: int, store: str | None, **state: Any) -> dict[str, Any]:
        usable = {"is_enabled": True, "is_data_access_expired": False, "disabled_until_at": None}
        return {"id": number, "source": "shopify", "handle": store, "updated_at": NOON - DAY, **usable, **state}

    planted.put(
        "stg_beat_credential",
        [
            credential(1, "new"),
            credential(2, "shop"),
            credential(3, "off", is_enabled=False),
            credential(4, "expired", is_data_access_expired=True),
            credential(5, "resting", disabled_until_at=NOON + HOUR),
            credential(6, "renewed", is_data_access_expired=True),
            credential(7, "renewed"),
            credential(8, "channel", source="ytapi"),
            credential(9, None),
        ],
    )
    stores = ("Shop", "off", "expired", "resting", "renewed", "unknown to us")
    planted.put(
        "stg_beat_order",
        [
            {"platform": "SHOPIFY", "store": store, "platform_order_id": store, "updated_at": NOON - DAY}
            for store in stores
        ],
    )
    assert planted_trigger.run("sync_shopify_orders", NOON).enqueued == 4
    asked = {row[2]["store"]: row[2]["updated_at_min"] for row in planted_trigger.rows()}
    known = "2026-06-14T12:00:00Z"
    assert asked == {"new": "1970-01-01T00:00:00Z", "Shop": known, "renewed": known, "unknown to us": known}
    assert planted_trigger.run("sync_shopify_orders", NOON + 2 * HOUR).enqueued == 1, "rested enough"


def test_a_store_without_new_orders_is_asked_again_from_the_same_watermark(
    planted: Planted, planted_trigger: Trigger
) -> None:
    order = {"platform": "SHOPIFY", "store": "s", "platform_order_id": "1"}
    planted.put("stg_beat_credential", [])
    planted.put("stg_beat_order", [{**order, "updated_at": NOON - DAY}])
    for step in range(3):
        assert planted_trigger.run("sync_shopify_orders", NOON + 4 * HOUR * step).enqueued == 1
    planted.put("stg_beat_order", [{**order, "platform_order_id": "2", "updated_at": NOON - HOUR}])
    planted_trigger.run("sync_shopify_orders", NOON + 9 * HOUR)
    assert planted_trigger.entities("updated_at_min") == [*["2026-06-14T12:00:00Z"] * 3, "2026-06-15T11:00:00Z"]
    assert planted_trigger.rows()[-1][2] == {
        "store": "s",
        "limit": 250,
        "paging": "cursor",
        "updated_at_min": "2026-06-15T11:00:00Z",
    }
