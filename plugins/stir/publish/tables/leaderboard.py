"""`leaderboard` and `rank_movement`: the monthly boards that the application shows, and why their ranks moved."""

from __future__ import annotations

from stir.publish.spec import Column, Guards, Index, PublishSpec

_RANKED = {
    "followers_rank": "followers",
    "followers_change_rank": "followers gained",
    "views_rank": "views",
    "plays_rank": "plays",
    "engagement_rank": "engagement ratio",
}

LEADERBOARD = PublishSpec(
    name="leaderboard",
    mart="mart_leaderboard",
    table="leaderboard",
    comment="Creators ranked per month and board; a row is within the published cut in at least one dimension.",
    columns=(
        Column("month", "Date", "First day of the month."),
        Column("platform", "String", "Board: INSTAGRAM, YOUTUBE or ALL."),
        Column("profile_platform", "String", "Platform of the profile: IA (Instagram) or YA (YouTube)."),
        Column("platform_id", "String", "Instagram profile id or YouTube channel id."),
        Column("handle", "Nullable(String)", "Handle as of the month."),
        Column("name", "Nullable(String)", "Display name as of the month."),
        Column("category", "Nullable(String)", "Content category; NULL is unknown."),
        Column("language", "Nullable(String)", "Language; NULL is unknown."),
        Column("country", "Nullable(String)", "Country, ISO 3166-1 alpha-2; NULL is unknown."),
        Column("profile_type", "Nullable(String)", "CREATOR or BRAND."),
        Column("month_state", "String", "MTD (running), CLOSING (three days into the next month) or FINAL (frozen)."),
        Column("followers", "Nullable(Int64)", "Level at the last snapshot of the month; NULL where nobody stated it."),
        Column("followers_change", "Nullable(Int64)", "Against the month before; NULL without one."),
        Column(
            "views_total_change",
            "Nullable(Int64)",
            "Growth of the channel's lifetime views; YOUTUBE only, NULL when missing or negative.",
        ),
        Column(
            "uploads_total_change",
            "Nullable(Int64)",
            "Growth of the lifetime number of posts; NULL on ALL, and when missing or negative.",
        ),
        Column(
            "views",
            "Nullable(Int64)",
            "How often the month's posts were watched: plays, or views where the plays of a post are unknown; the same"
            " on every board. NULL is unknown.",
        ),
        Column("plays", "Nullable(Int64)", "Plays of the month's posts; Instagram only."),
        Column("likes", "Nullable(Int64)", "Likes on posts of the month."),
        Column("comments", "Nullable(Int64)", "Comments on posts of the month."),
        Column("engagement", "Nullable(Int64)", "Likes and comments."),
        Column("uploads", "Nullable(Int64)", "Posts published in the month, on every board."),
        Column("engagement_ratio", "Nullable(Float64)", "Engagement per post and follower; NULL on ALL."),
        Column("engagement_by_views_ratio", "Nullable(Float64)", "Engagement per view; NULL on ALL."),
        Column("crosses_definition_change", "Bool", "What is counted as a view changed within the month."),
        *(
            Column(rank, "Nullable(UInt32)", f"Rank by {of} within month and board; 1 is best.")
            for rank, of in _RANKED.items()
        ),
        *(
            Column(f"{rank}_prev", "Nullable(UInt32)", f"The same creator's rank by {of} one month earlier.")
            for rank, of in _RANKED.items()
        ),
        Column("current_month_ranks", "Map(String, UInt32)", "Every rank by its key; an absent key is no rank."),
        Column("last_month_ranks", "Map(String, UInt32)", "The same one month earlier."),
        Column("computed_as_of", "DateTime('UTC')", "Moment up to which data was counted."),
    ),
    key=("month", "platform", "profile_platform", "platform_id"),
    indexes=(
        *(Index(f"by_{rank.removesuffix('_rank')}", ("month", "platform", rank)) for rank in _RANKED),
        # A rank within a category or language keeps the order of the global rank, so these serve those boards too.
        Index("by_category", ("month", "platform", "category", "followers_rank")),
        Index("by_language", ("month", "platform", "language", "followers_rank")),
        Index("by_platform_id", ("platform_id",)),
    ),
    guards=Guards(minimum_rows=1, shrink=0.3),
)

_PARTS = {
    "rivals_gone": "Places won because rivals who were ahead have the rank no more; 0 or more.",
    "rivals_new": "Places lost to rivals who are ahead now and had no such rank last month; 0 or less.",
    "own_movement": "Places that the creator's own values of this month win among the others as they were last month.",
    "others_movement": "The rest: places won or lost because the others moved.",
}

RANK_MOVEMENT = PublishSpec(
    name="rank_movement",
    mart="mart_rank_movement",
    table="rank_movement",
    comment="Why ranks moved: four parts of the movement of each rank, which add up to last month's less this month's.",
    columns=(
        Column("month", "Date", "First day of the month."),
        Column("platform", "String", "Board: INSTAGRAM, YOUTUBE or ALL."),
        Column("profile_platform", "String", "Platform of the profile: IA (Instagram) or YA (YouTube)."),
        Column("platform_id", "String", "Instagram profile id or YouTube channel id."),
        Column("month_state", "String", "MTD (running), CLOSING (three days into the next month) or FINAL (frozen)."),
        *(
            Column(part, "Map(String, Int32)", f"By the key of the rank, as in leaderboard. {meaning}")
            for part, meaning in _PARTS.items()
        ),
        Column("computed_as_of", "DateTime('UTC')", "Moment up to which data was counted."),
    ),
    key=("month", "platform", "profile_platform", "platform_id"),
    indexes=(Index("by_platform_id", ("platform_id",)),),
    # Nothing has moved in the first month of an installation.
    guards=Guards(minimum_rows=0, shrink=0.3),
)
