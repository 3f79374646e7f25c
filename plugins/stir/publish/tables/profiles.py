"""`profile_hashtags` and `group_metrics`: what profile pages show beside the profile itself."""

from __future__ import annotations

from stir.publish.spec import Column, Guards, Index, PublishSpec

PROFILE_HASHTAGS = PublishSpec(
    name="profile_hashtags",
    mart="mart_instagram_hashtags",
    # PostgreSQL has arrays of plain values only, so the pairs of the mart become two arrays of the same length.
    query="""
select
    platform,
    platform_id,
    arrayMap(pair -> pair.1, pairs) as hashtags,
    arrayMap(pair -> toInt64(pair.2), pairs) as posts
from (select platform, platform_id, hashtags as pairs from {mart})
""".strip(),
    table="social_profile_hashtags",
    comment="The 10 hashtags that a profile uses most.",
    columns=(
        Column("platform", "String", "INSTAGRAM."),
        Column("platform_id", "String", "Instagram profile id."),
        Column("hashtags", "Array(String)", "Hashtags, most used first, ties by name."),
        Column("posts", "Array(Int64)", "Number of posts with each of them, in the same order."),
    ),
    key=("platform", "platform_id"),
    guards=Guards(minimum_rows=0),
)

_PERCENTILES = {"p40": "Average", "p60": "Good", "p75": "Very Good", "p90": "Excellent"}

GROUP_METRICS = PublishSpec(
    name="group_metrics",
    mart="mart_profile_group_metrics",
    table="group_metrics",
    comment="Peer groups of at least 100 profiles: thresholds and means of every metric, a histogram of engagement.",
    columns=(
        Column("group_key", "String", "Platform, country, category (primary groups) and follower bucket."),
        Column("platform", "String", "INSTAGRAM or YOUTUBE."),
        Column("group_kind", "String", "PRIMARY with category, SECONDARY without."),
        Column("country", "Nullable(String)", "Country, ISO 3166-1 alpha-2; NULL is unknown."),
        Column("category", "Nullable(String)", "Content category; NULL in secondary groups."),
        Column("follower_group", "Nullable(String)", "Follower bucket."),
        Column("profiles", "UInt64", "Profiles in the group."),
        *(
            Column(name, "Map(String, Float64)", f"Percentile {name[1:]} by metric; above it is {grade}.")
            for name, grade in _PERCENTILES.items()
        ),
        Column("mean", "Map(String, Float64)", "Mean by metric."),
        Column("measured_profiles", "Map(String, UInt64)", "Profiles with a value, by metric."),
        Column(
            "engagement_bin_metric",
            "String",
            "Metric that the histogram is of: engagement_ratio (INSTAGRAM) or engagement_by_views_ratio (YOUTUBE).",
        ),
        Column("engagement_bin_start", "Array(Float64)", "Lower bounds of the engagement histogram's bins."),
        Column("engagement_bin_end", "Array(Float64)", "Upper bounds of the bins."),
        Column("engagement_bin_height", "Array(UInt64)", "Profiles in each bin."),
    ),
    key=("group_key",),
    indexes=(Index("by_platform", ("platform", "country", "category")),),
    # No group is large enough in a small installation.
    guards=Guards(minimum_rows=0),
)
