"""`collection_post_summary` and `collection_post_ts`: what campaign reports show of every post in every collection."""

from __future__ import annotations

from stir.publish.spec import Column, Guards, Index, PublishSpec

_KEY = (
    Column("collection_id", "String", "List (id of stg_coffee_collection)."),
    Column("collection_type", "String", "POST (posts chosen one by one) or PROFILE (all posts of chosen profiles)."),
    Column("platform", "String", "INSTAGRAM or YOUTUBE."),
    Column("post_shortcode", "String", "The platform's code of a post, as in its link (of a video: its id)."),
)
_POST = (
    Column("handle", "Nullable(String)", "Author's handle, else as the customer typed it."),
    Column("profile_name", "Nullable(String)", "Author's name."),
    Column("post_type", "Nullable(String)", "Image, carousel, reels, story, video or short; NULL is unknown."),
    Column("title", "Nullable(String)", "Caption or title, else as the customer typed it."),
)
_COUNTERS = (
    Column("followers", "Nullable(Int64)", "Author's followers today; estimates and ratios go by them."),
    Column("likes", "Nullable(Int64)", "Likes; NULL where the author hides them."),
    Column("comments", "Nullable(Int64)", "Comments."),
    Column("plays", "Nullable(Int64)", "Plays of a reel."),
    Column("views", "Nullable(Int64)", "Views."),
    Column("shares", "Nullable(Int64)", "Shares."),
    Column("saves", "Nullable(Int64)", "Saves."),
    Column("taps_forward", "Nullable(Int64)", "Story taps to the next one."),
    Column("taps_back", "Nullable(Int64)", "Story taps back."),
    Column("exits", "Nullable(Int64)", "Story exits."),
    Column("swipe_ups", "Nullable(Int64)", "Story swipes up."),
    Column("replies", "Nullable(Int64)", "Story replies."),
    Column("navigation", "Nullable(Int64)", "Story navigation in all."),
    Column("profile_visits", "Nullable(Int64)", "Visits of the author's profile from the post."),
    Column("follows", "Nullable(Int64)", "Follows that came from the post."),
    Column("sticker_taps", "Nullable(Int64)", "Taps on a story's stickers."),
    Column("mentions", "Nullable(Int64)", "Mentions in a story."),
    Column("engagement", "Nullable(Int64)", "Likes + comments; NULL until both are known."),
    Column("measured_reach", "Nullable(Int64)", "Reach if the platform reports it."),
    Column("measured_impressions", "Nullable(Int64)", "Impressions if the platform reports them."),
    Column("reach", "Nullable(Float64)", "Measured if it was on any day, else estimated; of YouTube the views."),
    Column(
        "impressions",
        "Nullable(Float64)",
        "Measured if they were on any day, else estimated; of YouTube the views. A story has no estimate.",
    ),
)
_RATIOS = (
    Column("engagement_by_reach_ratio", "Nullable(Float64)", "Engagement / reach, a fraction."),
    Column("engagement_by_followers_ratio", "Nullable(Float64)", "Engagement / followers, a fraction."),
    Column("reach_is_estimated", "Nullable(Bool)", "The reach is an estimate; NULL without reach."),
    Column("impressions_is_estimated", "Nullable(Bool)", "The impressions are an estimate; NULL without impressions."),
)

COLLECTION_POST_SUMMARY = PublishSpec(
    name="collection_post_summary",
    mart="mart_collection_post",
    staging_mart="mart_staging_collection_post",
    table="collection_post_metrics_summary",
    comment="Latest state of every post in every collection; only what reports show.",
    columns=(
        *_KEY,
        Column("profile_id", "Nullable(String)", "Author: Instagram profile_id or YouTube channel_id."),
        Column("campaign_profile_id", "Nullable(Int64)", "Author as campaign profile, of listed posts."),
        Column("share_id", "Nullable(String)", "Id in a shared link."),
        Column("partner_id", "Nullable(Int64)", "Customer of the product."),
        Column("collection_name", "Nullable(String)", "Name of the list."),
        Column("collection_source", "Nullable(String)", "What the list belongs to: GCC_CAMPAIGN, SAAS, SAAS-AT."),
        Column("collection_source_id", "Nullable(String)", "Id of what the list belongs to."),
        *_POST,
        Column(
            "hashtags",
            "Array(String)",
            "Hashtags of caption, title and description in any script, lower case, each once.",
        ),
        Column(
            "keywords",
            "Array(String)",
            "Longer words of the same text, lower case, each once, without links, mentions and stop words.",
        ),
        Column("post_link", "Nullable(String)", "Link, of listed posts."),
        Column("thumbnail_url", "Nullable(String)", "Our copy of the picture, else the platform's."),
        Column("link", "Nullable(String)", "Sponsor's link, without its scheme."),
        Column("cost", "Nullable(Int64)", "Price of the post in the customer's currency."),
        *_COUNTERS,
        Column("tracked_clicks", "Nullable(Float64)", "Share of the clicks of the post's link; NULL without a link."),
        Column("manual_clicks", "Nullable(Int64)", "Clicks counted by hand."),
        Column("clicks", "Nullable(Float64)", "The greater of tracked and manual clicks."),
        Column(
            "overall_orders", "Nullable(Float64)", "Orders through the link, the post's share; NULL without a link."
        ),
        Column("delivered_orders", "Nullable(Float64)", "Orders delivered, the post's share; NULL without a link."),
        Column("completed_orders", "Nullable(Float64)", "Orders completed, the post's share; NULL without a link."),
        Column(
            "leaderboard_overall_orders",
            "Nullable(Float64)",
            "Orders as the app's leaderboard counts them, the post's share; NULL without a link.",
        ),
        Column(
            "leaderboard_delivered_orders",
            "Nullable(Float64)",
            "Orders delivered as the app's leaderboard counts them, the post's share; NULL without a link.",
        ),
        Column(
            "leaderboard_completed_orders",
            "Nullable(Float64)",
            "Orders completed as the app's leaderboard counts them, the post's share; NULL without a link.",
        ),
        *_RATIOS,
        Column(
            "is_observed", "Bool", "The post has a series; else the row is from its own record, or from the list alone."
        ),
        Column("first_seen_date", "Nullable(Date)", "First day of the series."),
        Column("last_seen_date", "Nullable(Date)", "Last day of the series; its counters stand here."),
        Column("listed_at", "Nullable(DateTime64(6, 'UTC'))", "When the post joined the list."),
        Column(
            "published_at",
            "Nullable(DateTime64(6, 'UTC'))",
            "When the post was published (UTC); NULL where the feed does not say.",
        ),
        Column("last_event_at", "Nullable(DateTime('UTC'))", "Last snapshot."),
    ),
    key=("collection_id", "collection_type", "platform", "post_shortcode"),
    indexes=(Index("by_share_id", ("share_id",)), Index("by_post", ("platform", "post_shortcode"))),
    # A fresh installation has no collection yet.
    guards=Guards(minimum_rows=0, shrink=0.3),
)

COLLECTION_POST_TS = PublishSpec(
    name="collection_post_ts",
    mart="mart_collection_post_ts",
    staging_mart="mart_staging_collection_post_ts",
    table="collection_post_metrics_ts",
    comment="Daily series of every post in every collection; counters are lifetime totals at the end of the day.",
    columns=(
        *_KEY,
        Column("profile_id", "String", "Author: Instagram profile_id or YouTube channel_id."),
        Column("share_id", "Nullable(String)", "Id in a shared link."),
        *_POST,
        Column("post_link", "Nullable(String)", "Link, of listed posts."),
        Column("thumbnail_url", "Nullable(String)", "Our copy of the picture, else the platform's."),
        *_COUNTERS,
        Column(
            "clicks", "Nullable(Float64)", "Share of the clicks of the post's link until the day; NULL without a link."
        ),
        *_RATIOS,
        Column("is_imputed", "Bool", "No observation on this day; the counters are carried on."),
        Column(
            "crosses_definition_change",
            "Bool",
            "What is counted as a view changed between the post's publication and the day: the views hold two counts.",
        ),
        Column("date", "Date", "Day of the series."),
        Column(
            "published_at",
            "Nullable(DateTime64(6, 'UTC'))",
            "When the post was published (UTC); NULL where the feed does not say.",
        ),
        Column("last_event_at", "DateTime('UTC')", "Last snapshot up to the day."),
    ),
    key=("collection_id", "collection_type", "platform", "post_shortcode", "date"),
    indexes=(Index("by_share_id", ("share_id", "date")),),
    guards=Guards(minimum_rows=0, shrink=0.3),
)
