"""`time_series`: weekly and monthly levels and changes of every profile."""

from __future__ import annotations

from stir.publish.spec import Column, Guards, PublishSpec

TIME_SERIES = PublishSpec(
    name="time_series",
    mart="mart_time_series",
    table="social_profile_time_series",
    comment="Levels and changes of each profile per Sunday week or calendar month.",
    columns=(
        Column("platform", "String", "INSTAGRAM or YOUTUBE."),
        Column("platform_id", "String", "Instagram profile id or YouTube channel id."),
        Column("monthly_stats", "Bool", "True: a calendar month; false: a week that starts on Sunday."),
        Column("date", "Date", "First day of the period."),
        Column("followers", "Nullable(Int64)", "Level at the last snapshot of the period."),
        Column("following", "Nullable(Int64)", "Level at the last snapshot of the period."),
        Column("views_total", "Nullable(Int64)", "Lifetime views at the last snapshot of the period."),
        Column("uploads_total", "Nullable(Int64)", "Lifetime uploads at the last snapshot of the period."),
        Column("followers_change", "Nullable(Int64)", "Against the period before; NULL without one."),
        Column(
            "views_total_change",
            "Nullable(Int64)",
            "views_total less that of the period before; YouTube only, NULL when missing or negative.",
        ),
        Column(
            "uploads_total_change",
            "Nullable(Int64)",
            "uploads_total less that of the period before; NULL when missing or negative.",
        ),
        Column(
            "views",
            "Nullable(Int64)",
            "How often the posts published in the period were watched: plays, or views where the plays of a post are"
            " unknown; the same on both platforms.",
        ),
        Column("uploads", "Nullable(Int64)", "Posts published in the period, on both platforms."),
        Column("plays", "Nullable(Int64)", "Plays of the posts of the period; Instagram only."),
        Column("likes", "Nullable(Int64)", "Likes on posts of the period."),
        Column("comments", "Nullable(Int64)", "Comments on posts of the period."),
        Column("engagement", "Nullable(Int64)", "Likes and comments."),
        Column("engagement_ratio", "Nullable(Float64)", "Engagement per post and follower, on both platforms."),
        Column("engagement_by_views_ratio", "Nullable(Float64)", "Engagement per view, on both platforms."),
        Column("crosses_definition_change", "Bool", "What is counted as a view changed within the period."),
        Column("last_event_at", "DateTime('UTC')", "Newest snapshot counted in this row."),
    ),
    key=("platform", "platform_id", "monthly_stats", "date"),
    guards=Guards(minimum_rows=1, shrink=0.2),
    carry_by="date",
    final=True,
)
