"""`collection` and `collection_totals_ts`: the lists that customers share, and what their posts add up to by day.

The comment of a column that only operators may see begins with `Operators only:`. Everything else is for those who have
the link, which holds share_id.
"""

from __future__ import annotations

from stir.publish.spec import Column, Guards, Index, PublishSpec

_KEY = (
    Column("collection_id", "String", "List (id of stg_coffee_collection)."),
    Column("collection_type", "String", "POST (posts chosen one by one) or PROFILE (all posts of chosen profiles)."),
)
_SHARE_ID = Column("share_id", "Nullable(String)", "Id in a shared link; NULL for a list that is not shared.")
_CLICKS = "Operators only: clicks on the links of the posts; NULL without a link."
_SUMS = (
    Column("likes", "Nullable(Int64)", "Likes of the posts; NULL where none is known."),
    Column("comments", "Nullable(Int64)", "Comments on the posts."),
    Column("engagement", "Nullable(Int64)", "Likes + comments of the posts where both are known."),
    Column("plays", "Nullable(Int64)", "Plays of the reels."),
    Column("views", "Nullable(Int64)", "Views of the posts."),
    Column("reach", "Nullable(Float64)", "Reach of the posts, measured or estimated; a person may count twice."),
    Column("impressions", "Nullable(Float64)", "Impressions of the posts, measured or estimated."),
    Column("clicks", "Nullable(Float64)", _CLICKS),
)

COLLECTION = PublishSpec(
    name="collection",
    mart="mart_collection",
    table="collection",
    comment="One row per list that is not deleted: what it is, and what its posts add up to.",
    columns=(
        *_KEY,
        _SHARE_ID,
        Column("title", "Nullable(String)", "Name of the list."),
        Column("disabled_metrics", "Array(String)", "Metrics that the customer hides: do not show them."),
        Column("partner_id", "Int64", "Operators only: customer of the product."),
        Column("source", "Nullable(String)", "Operators only: what the list belongs to: GCC_CAMPAIGN, SAAS, SAAS-AT."),
        Column("source_id", "Nullable(String)", "Operators only: id of what the list belongs to."),
        Column("posts", "Int64", "Posts in the list."),
        Column("profiles", "Int64", "Accounts that published them."),
        Column("instagram_posts", "Int64", "Posts of Instagram."),
        Column("youtube_posts", "Int64", "Posts of YouTube."),
        *_SUMS,
        Column("budget", "Nullable(Int64)", "Operators only: the customer's budget for the list."),
        Column("cost", "Nullable(Int64)", "Operators only: prices of the posts in the customer's currency."),
        Column("overall_orders", "Nullable(Float64)", "Operators only: orders through the links; NULL without a link."),
        Column("delivered_orders", "Nullable(Float64)", "Operators only: orders that were delivered."),
        Column("completed_orders", "Nullable(Float64)", "Operators only: orders that were completed."),
        Column("reach_is_estimated", "Nullable(Bool)", "The reach of some post is an estimate; NULL without reach."),
        Column("first_seen_date", "Nullable(Date)", "First day of the series of the posts."),
        Column("last_seen_date", "Nullable(Date)", "Last day of the series of the posts."),
        Column("starts_at", "Nullable(DateTime64(6, 'UTC'))", "Begin of the campaign, of post lists."),
        Column("ends_at", "Nullable(DateTime64(6, 'UTC'))", "End of the campaign, of post lists."),
        Column("created_at", "DateTime64(6, 'UTC')", "When the list was created."),
    ),
    key=("collection_id", "collection_type"),
    indexes=(Index("by_share_id", ("share_id",)),),
    # A fresh installation has no collection yet.
    guards=Guards(minimum_rows=0, shrink=0.3),
)

COLLECTION_TOTALS_TS = PublishSpec(
    name="collection_totals_ts",
    mart="mart_collection_totals_ts",
    table="collection_totals_ts",
    comment="Daily totals of each list on each platform; counters are lifetime totals of the posts seen that day.",
    columns=(
        *_KEY,
        Column("platform", "String", "INSTAGRAM or YOUTUBE."),
        _SHARE_ID,
        Column("posts", "Int64", "Posts of the list with a row of the day; the sums fall when a post is seen no more."),
        *_SUMS,
        Column("imputed_posts", "Int64", "Those of them whose counters are carried on from an earlier day."),
        Column("date", "Date", "Day of the series."),
    ),
    key=("collection_id", "collection_type", "platform", "date"),
    indexes=(Index("by_share_id", ("share_id", "date")),),
    guards=Guards(minimum_rows=0, shrink=0.3),
)
