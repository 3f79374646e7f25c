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
            "views",
            "Nullable(Int64)",
            "Instagram: views of the posts published in the period; YouTube: views that the whole channel gained.",
        ),
        Column(
            "uploads",
            "Nullable(Int64)",
            "Instagram: posts published in the period; YouTube: growth of the lifetime count.",
        ),
        Column("plays", "Nullable(Int64)", "Reel plays on posts of the period; Instagram only."),
        Column("likes", "Nullable(Int64)", "Likes on posts of the period."),
        Column("comments", "Nullable(Int64)", "Comments on posts of the period."),
        Column("engagement", "Nullable(Int64)", "Likes and comments."),
        Column(
            "engagement_ratio",
            "Nullable(Float64)",
            "Instagram: engagement per post and follower; YouTube: engagement per view. Never compare the two.",
        ),
        Column("last_event_at", "DateTime('UTC')", "Newest snapshot counted in this row."),
    ),
    key=("platform", "platform_id", "monthly_stats", "date"),
    guards=Guards(minimum_rows=1, shrink=0.2),
    carry_by="date",
    final=True,
)
