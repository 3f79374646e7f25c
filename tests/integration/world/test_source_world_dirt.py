"""What the source world promises to hold: keys, times, sizes, edge values and the dirt of real feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stir import connections
from stir.cli.score_fit import TRUTH
from stir.settings import Settings
from stir.sources.tables import TABLES
from stir.world import WorldDescription, WorldParameters, describe, planted

Ask = Callable[[str], Any]


@pytest.fixture(scope="module")
def ask(settings: Settings, world: WorldParameters) -> Iterator[Ask]:
    """One value from the server."""
    client = connections.clickhouse(settings)
    # To draw the followers takes a second of processor, so they are drawn once.
    everybody = "world.followers(first = 0, last = (select toInt64(max(creator)) + 1 from world.creator))"
    client.command(f"create or replace table {FOLLOWERS} engine = Memory as select * from {everybody}")
    yield lambda sql: client.query(sql).result_rows[0][0]
    client.command(f"drop table {FOLLOWERS}")


@pytest.fixture(scope="module")
def described(settings: Settings, world: WorldParameters) -> WorldDescription:
    return describe(settings)


FOLLOWERS = "world.follower_of_these_tests"
CURRENT_POSTS = "(select * from beat_replica.instagram_post_simple order by id, updated_at desc limit 1 by id)"


def test_every_source_table_has_rows_and_none_was_ingested_after_the_end(
    described: WorldDescription, world: WorldParameters, ask: Ask
) -> None:
    assert [table.name for table in described.tables if table.rows == 0] == []
    for table in TABLES:
        if table.ingested:
            late = f"select count() from {table.quoted} where {table.ingested} > toDateTime('{world.end:%F %T}', 'UTC')"
            assert ask(late) == 0, table.name


def test_about_one_mutable_row_in_a_hundred_is_there_in_an_older_version_too(described: WorldDescription) -> None:
    mutable = [table for table in described.tables if "beat_replica" in table.name or "coffee" in table.name]
    rows, keys = sum(table.rows for table in mutable), sum(table.keys for table in mutable)
    assert 0.005 < rows / keys - 1 < 0.02


@pytest.mark.parametrize(
    ("table", "column", "home"),
    [
        ("beat_replica.instagram_post_simple", "profile_id", "beat_replica.instagram_account"),
        ("beat_replica.youtube_post_simple", "channel_id", "beat_replica.youtube_account"),
        ("beat_replica.instagram_profile_insights", "profile_id", "beat_replica.instagram_account"),
    ],
)
def test_at_least_98_percent_of_rows_point_to_a_known_account(ask: Ask, table: str, column: str, home: str) -> None:
    known = f"select {column} from {home} where {column} is not null"
    # A small table may hold one orphan all the same.
    assert ask(f"select countIf({column} not in ({known})) <= greatest(1, 0.02 * count()) from {table}")


@pytest.mark.parametrize("table", ["post_log_events", "profile_log_events"])
def test_some_events_are_orphans_and_at_least_98_percent_are_not(ask: Ask, table: str) -> None:
    known = """
        select assumeNotNull(profile_id) from beat_replica.instagram_account where profile_id is not null
        union all select assumeNotNull(channel_id) from beat_replica.youtube_account
    """
    share = ask(
        f"select countIf(profile_id in ({known})) / count() from events.{table} where source not like 'openapi%'"
    )
    assert 0.98 <= share < 1


@pytest.mark.parametrize("table", ["post_log_events", "profile_log_events"])
def test_two_percent_of_events_are_four_hours_late_and_two_per_mille_four_days(ask: Ask, table: str) -> None:
    first = f"(select event_id, event_timestamp, min(insert_timestamp) as came from events.{table} group by all)"
    assert ask(f"select countIf(came > event_timestamp + 14400) / count() from {first}") == pytest.approx(
        0.02, abs=0.004
    )
    assert ask(f"select countIf(came > event_timestamp + 345600) / count() from {first}") == pytest.approx(
        0.002, abs=0.001
    )


@pytest.mark.parametrize("table", ["post_log_events", "profile_log_events"])
def test_some_events_are_delivered_twice_with_the_same_content(ask: Ask, table: str) -> None:
    copies = f"select count() as n, uniqExact(metrics, dimensions, event_timestamp) as m from events.{table}"
    copies += " group by event_id"
    assert ask(f"select countIf(n > 1) / count() from ({copies})") == pytest.approx(0.005, abs=0.002)
    assert ask(f"select countIf(m > 1) from ({copies})") == 0


def test_counters_of_a_post_never_fall_except_in_one_reading_in_a_hundred(ask: Ask) -> None:
    falls = """
        select likes < lagInFrame(likes) over (partition by shortcode order by event_timestamp) as fell
        from (
            select shortcode, event_timestamp, any(toInt64OrZero(extract(metrics, '"likes":"?(-?[0-9]+)'))) as likes
            from events.post_log_events
            where isValidJSON(metrics) and metrics not like '%:-%' and event_timestamp <= insert_timestamp
            group by shortcode, event_timestamp
        )
    """
    assert 0 < ask(f"select avg(fell) from ({falls})") < 0.015


def test_profiles_were_seen_for_thirteen_months_weekly_then_daily(ask: Ask, world: WorldParameters) -> None:
    seen = f"""
        select profile_id, min(event_timestamp) as first, countIf(event_timestamp >= '{world.start:%F %T}') as daily
        from events.profile_log_events
        where source not like 'openapi%'
        group by profile_id
    """
    assert ask(f"select countIf(first < '{world.end:%F %T}' - interval 395 day) / count() from ({seen})") > 0.7
    assert ask(f"select countIf(first > '{world.start:%F %T}') from ({seen})") > 0, "some have no base for growth"
    assert ask(f"select quantileExact(0.5)(daily) from ({seen})") > 0.9 * world.days


def test_profiles_with_the_planned_numbers_of_posts_have_exactly_these(settings: Settings, ask: Ask) -> None:
    plans = planted(settings, "number of posts planned")
    assert {int(number) for _, _, number in plans} == {0, 3, 4, 5, 11, 12, 13, 200}
    for _, account, number in plans:
        found = ask(
            f"select (select uniqExact(id) from beat_replica.instagram_post_simple where profile_id = '{account}')"
            f" + (select uniqExact(id) from beat_replica.youtube_post_simple where channel_id = '{account}')"
        )
        assert found == int(number), account


FACTS = {
    "posts of one profile share a publish time": f"""
        select count() from (
            select 1 from {CURRENT_POSTS} where publish_time is not null
            group by profile_id, publish_time having count() > 1)
    """,
    "followers 0": "select count() from beat_replica.instagram_account where followers = 0",
    "followers unknown": """
        select count() from beat_replica.instagram_account where followers is null and profile_id is not null
    """,
    "profile id unknown": "select count() from beat_replica.instagram_account where profile_id is null",
    "private profiles": "select count() from beat_replica.instagram_account where is_private",
    "likes hidden": f"select count() from {CURRENT_POSTS} where likes = 0 and comments > 0",
    "hidden likes with their flag": f"select count() from {CURRENT_POSTS} where like_and_view_counts_disabled",
    "closed comments with their flag": f"select count() from {CURRENT_POSTS} where comments_disabled and comments = 0",
    "private videos": """
        select count() from beat_replica.youtube_post_simple where privacy_status = 'private' and views = 0
    """,
    "hidden likes of an event": """
        select count() from events.post_log_events where position(metrics, '"like_and_view_counts_disabled":true') > 0
    """,
    "likes above three million": f"select count() from {CURRENT_POSTS} where likes > 3000000",
    "plays 0 with likes": f"select count() from {CURRENT_POSTS} where plays = 0 and likes > 0",
    "stories with frozen columns": f"""
        select count() from {CURRENT_POSTS} where post_type = 'story' and profile_er > 0 and profile_follower > 0
    """,
    "stories without publish time": f"select count() from {CURRENT_POSTS} where publish_time is null",
    "category missing": "select count() from beat_replica.youtube_account where yt_category is null",
    "country missing": "select count() from beat_replica.instagram_account where country is null",
    "country as a name": "select count() from beat_replica.youtube_account where length(country) > 2",
    "subscribers hidden": "select count() from beat_replica.youtube_account where is_subscriber_count_hidden",
    "one handle of two profiles": """
        select count() from (
            select 1 from beat_replica.instagram_account group by handle having uniqExact(profile_id) > 1)
    """,
    "one profile with two handles": """
        select count() from (
            select 1 from events.profile_log_events where platform = 'INSTAGRAM' and source not like 'openapi%'
            group by profile_id having uniqExact(handle) > 1)
    """,
    "posts in the vendor's table too": """
        select count() from vendor.instagram_posts_historical
        where shortcode in (select shortcode from beat_replica.instagram_post_simple)
    """,
    "posts in the vendor's table only": """
        select count() from vendor.instagram_posts_historical
        where shortcode not in (select assumeNotNull(shortcode) from beat_replica.instagram_post_simple)
    """,
    "accents in hashtags": f"select count() from {CURRENT_POSTS} where caption like '%#café%'",
    "Indic hashtags": f"select count() from {CURRENT_POSTS} where match(caption, '#[ऀ-ॿ஀-௿ఀ-౿]')",
    "underscores in hashtags": f"select count() from {CURRENT_POSTS} where match(caption, '#[a-z]+_[a-z]+')",
    "emoji in names": "select count() from beat_replica.instagram_account where full_name like '%✨%'",
    "capitals in handles": "select count() from beat_replica.instagram_account where handle != lower(handle)",
    "quoted numbers": """select count() from events.post_log_events where match(metrics, '":"[0-9]')""",
    "malformed JSON": "select count() from events.post_log_events where not isValidJSON(metrics)",
    "negative counters": """select count() from events.post_log_events where match(metrics, ':-[0-9]')""",
    "events from the future": "select count() from events.profile_log_events where event_timestamp > insert_timestamp",
    "one spelling of saves": """select count() from events.post_log_events where metrics like '%"saved":%'""",
    "the other spelling of saves": """select count() from events.post_log_events where metrics like '%"saves":%'""",
    "location as a name": """select count() from events.post_log_events where dimensions like '%"location":"%'""",
    "location as JSON": """select count() from events.post_log_events where dimensions like '%"location":{%'""",
    "tagged users": """select count() from events.post_log_events where dimensions like '%"user_tags":[{%'""",
    "guesses of version 0.11": "select count() from events.profile_log_events where source like '%_v0.11'",
    "guesses of version 0.12": "select count() from events.profile_log_events where source like '%_v0.12'",
    "jobs finished after more than four hours": """
        select count() from beat_replica.scrape_request_log where scraped_at > created_at + interval 4 hour
    """,
    "jobs given up unscraped": """
        select count() from beat_replica.scrape_request_log where status = 'FAILED' and scraped_at is null
    """,
    "orders without fulfilment": """
        select count() from beat_replica.`order` where order_data like '%"fulfillments":[]%'
    """,
    "orders fulfilled twice": """
        select count() from beat_replica.`order` where countSubstrings(order_data, '"status"') = 2
    """,
    "orders cancelled after fulfilment": """
        select count() from beat_replica.`order`
        where order_data like '%"status"%' and order_data not like '%"cancelled_at":null%'
    """,
    "orders from elsewhere": "select count() from beat_replica.`order` where utm_params not like '%\"gcc\"%'",
    "links without clicks in items": """
        select count() from coffee_replica.post_collection_item
        where sponsor_links is not null and extract(assumeNotNull(sponsor_links), 'https://([^"]+)')
            not in (select url from tracking.link_clicks)
    """,
    "links with clicks and orders in items": """
        select count() from coffee_replica.post_collection_item
        where extract(assumeNotNull(sponsor_links), 'https://([^"]+)') in (select url from tracking.link_clicks)
            and extract(assumeNotNull(sponsor_links), 'https://([^"]+)') in (select link from tracking.link_orders)
    """,
    "torn insights": """
        select count() from beat_replica.instagram_profile_insights where not isValidJSON(assumeNotNull(audience_city))
    """,
    "real followers whose names have a script that the analysis takes for foreign": f"""
        select count() from {FOLLOWERS} as follower
        inner join ds.creator_followers_fake_analysis as analysis
            on follower.crawled_handle = analysis.handle and follower.follower_handle = analysis.follower_handle
            and follower.follower_name = analysis.follower_full_name
        where not follower.is_fake and analysis.fake_real_based_on_lang = 1
    """,
    "creators a fifth of whose followers write in such a script": """
        select count() from (
            select handle from ds.creator_followers_fake_analysis
            group by handle having avg(fake_real_based_on_lang) >= 0.2)
    """,
    "real followers with a phone number or a year in the handle": f"""
        select least(
            countIf(match(follower_handle, '[0-9]{{5}}')), countIf(match(follower_handle, '(19|20)[0-9]{{2}}$')))
        from {FOLLOWERS} where not is_fake
    """,
    "fakes with a middle initial": f"""
        select count() from {FOLLOWERS} where is_fake and match(follower_name, '^[A-Za-z]+ [A-Z] [A-Za-z]+$')
    """,
    "fakes with name and handle of somebody real": f"select count() from {FOLLOWERS} where kind = 'copied name'",
    "names of farms that more than one creator is followed by": f"""
        select count() from (
            select name_key from {FOLLOWERS} where kind = 'shared name' group by name_key having uniqExact(creator) > 1)
    """,
    "farms that delivered at once": f"""
        select count() from (
            select creator from {FOLLOWERS} where is_in_burst group by creator having countIf(is_fake) > 0.7 * count())
    """,
    "followers analysed in two runs": """
        select count() from (
            select 1 from ds.creator_followers_fake_analysis
            group by handle, follower_handle having uniqExact(similarity_score) > 1)
    """,
    "guesses of too few cities": """
        select count() from events.profile_log_events
        where source like '%_v0.11' and length(JSONExtractKeys(JSONExtractRaw(dimensions, 'audience_city'))) < 5
    """,
    "items whose collection exists": """
        select count() from coffee_replica.post_collection_item
        where post_collection_id in (select id from coffee_replica.post_collection)
    """,
}


@pytest.mark.parametrize("fact", FACTS)
def test_the_world_holds(ask: Ask, fact: str) -> None:
    assert ask(FACTS[fact]) > 0


def test_counts_alone_do_not_tell_fakes_from_people(ask: Ask) -> None:
    farmed = "follower_followers < 60 and follower_following >= 900"
    part = f"select countIf(is_fake and {farmed}) / {{}} from {FOLLOWERS}"
    assert 0.5 < ask(part.format(f"countIf({farmed})")) < 0.95
    assert 0.3 < ask(part.format("countIf(is_fake)")) < 0.8


def test_one_label_in_fifty_or_a_hundred_is_wrong(ask: Ask) -> None:
    assert 0.01 <= ask(f"select avg(is_fake != is_labelled_fake) from {FOLLOWERS}") <= 0.02


def test_the_truth_that_scores_are_measured_against_is_not_the_labels(ask: Ask) -> None:
    everybody = {
        "seed:UInt64": "0",
        "first:Int64": "0",
        "last:Int64": "(select toInt64(max(creator)) + 1 from world.creator)",
    }
    rows = TRUTH
    for parameter, value in everybody.items():
        rows = rows.replace(f"{{{parameter}}}", value)
    assert 0.01 <= ask(f"select avg(is_fake != truth) from ({rows})") <= 0.02
    assert ask(f"select countIf(truth != (kind != '')) from ({rows})") == 0


def test_the_verdict_of_the_analysis_asks_script_digits_and_separator_before_the_weak_name(ask: Ask) -> None:
    sign = "fake_real_based_on_lang = 1 or number_more_than_4_handle = 1 or chhitij_logic = 1"
    weak = "similarity_score > 0 and similarity_score <= 40"
    rows = "from ds.creator_followers_fake_analysis where"
    assert ask(f"select count() {rows} ({sign}) and {weak}") > 0, "followers with both show the order"
    assert ask(f"select uniqExact(final_, if({sign}, 1., if({weak}, 0.33, 0.))) {rows} {weak}") == 2
    assert ask(f"select count() {rows} final_ != if({sign}, 1., if({weak}, 0.33, 0.))") == 0


@pytest.mark.parametrize("error", ["(204)", "(409)", "(429)", "'NoneType'"])
def test_scrape_jobs_fail_with_each_error_that_does_not_count(ask: Ask, error: str) -> None:
    quoted = error.replace("'", "\\'")
    assert ask(f"select count() from beat_replica.recent_scrape_request_log where data like '{quoted}%'") > 0


def test_every_collection_item_belongs_to_a_collection(ask: Ask) -> None:
    homeless = "select count() from {} where {} not in (select id from {})"
    coffee = "coffee_replica."
    assert ask(homeless.format(coffee + "post_collection_item", "post_collection_id", coffee + "post_collection")) == 0
    assert (
        ask(homeless.format(coffee + "profile_collection_item", "profile_collection_id", coffee + "profile_collection"))
        == 0
    )


def test_tied_accounts_show_equal_followers_in_every_month(ask: Ask) -> None:
    differing = r"""
        with levels as (
            select profile_id, toYYYYMM(event_timestamp) as month,
                argMax(extract(metrics, '"(?:followers|subscriber_count)":"?([0-9]+)'), event_timestamp) as level
            from events.profile_log_events
            where source not like 'openapi%' and event_timestamp <= insert_timestamp and isValidJSON(metrics)
            group by profile_id, month
        )
        select countIf(mine.level != its.level) * 1000000 + count()
        from world.account as one
        join world.account as other on other.creator = one.creator - 1 and other.platform = one.platform
        join levels as mine on mine.profile_id = one.account_id
        join levels as its on its.profile_id = other.account_id and its.month = mine.month
        where one.creator % 37 = 5
    """
    assert 0 < ask(differing) < 1000000


def test_followers_are_heavy_tailed_and_the_mix_of_platforms_is_60_15_25(ask: Ask) -> None:
    mix = "select countIf({}) / count() from world.creator"
    assert ask(mix.format("has_instagram and not has_youtube")) == pytest.approx(0.60, abs=0.08)
    assert ask(mix.format("has_youtube and not has_instagram")) == pytest.approx(0.15, abs=0.06)
    tail = "select quantileExact({})(followers) from beat_replica.instagram_account"
    assert ask(tail.format(0.99)) > 50 * ask(tail.format(0.5)) > 0


def test_the_descriptions_counts_of_planted_dirt_are_those_of_the_tables(
    described: WorldDescription, ask: Ask, settings: Settings
) -> None:
    assert described.planted["event with malformed JSON"] == ask(
        "select (select countIf(not isValidJSON(metrics)) from events.post_log_events)"
        " + (select countIf(not isValidJSON(metrics)) from events.profile_log_events)"
    )
    assert described.planted["event delivered again"] == ask(
        "select (select count() - uniqExact(event_id) from events.post_log_events)"
        " + (select count() - uniqExact(event_id) from events.profile_log_events)"
    )
    renamed = {account for _, account, _ in planted(settings, "account renamed")}
    seen = "select groupUniqArray(profile_id) from (select profile_id from events.profile_log_events where {} group by"
    two = (
        seen.format("platform = 'INSTAGRAM' and source not like 'openapi%'")
        + " profile_id having uniqExact(handle) > 1)"
    )
    assert set(ask(two)) <= renamed


@pytest.mark.parametrize("kind", ["given", "family"])
def test_lists_of_followers_names_are_as_long_as_is_said_of_them(ask: Ask, kind: str) -> None:
    lengths = f"arrayMap(names -> length(names), world_{kind}_names(0))"
    assert ask(f"select {lengths} = world_{kind}_counts(0)") == 1
